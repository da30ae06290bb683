"""The equations of the selected theory, and all theories with what is known of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hiddenlaw.report import tables, words
from hiddenlaw.report.blocks import Equation, blocks_of, main_equations
from hiddenlaw.report.formulas import Formulas
from hiddenlaw.report.found import in_order, of_its_runs, selected_theory
from hiddenlaw.report.markup import escaped, paragraph, sentence


def law(record: Mapping[str, Any], formulas: Formulas) -> list[str]:
    """The equations of the selected theory, large."""
    best = selected_theory(record)
    if best is None:
        return []
    lines = [formulas.display(equation) for equation in main_equations(record, best)]
    lines += [paragraph(text) for text in words.truth(record)]
    return [f'<div class="headline">{"".join(lines)}</div>']


def theories(record: Mapping[str, Any], formulas: Formulas) -> list[str]:
    if not record.get("theories"):
        return []
    parts = [
        tables.to_html(tables.theories_table(record)),
        paragraph(of_its_runs(record, words.ERRORS)),
    ]
    rivals = tables.evidence_table(record)
    if rivals is not None:
        parts += [tables.to_html(rivals), paragraph(of_its_runs(record, words.EVIDENCE))]
    for place, (_, theory) in enumerate(in_order(record)):
        parts.append(f"<h3>{escaped(words.heading(theory, place))}</h3>")
        if theory.get("reason"):
            parts.append(paragraph(sentence(theory["reason"])))
        parts += _theory(record, theory, formulas)
        rests = None if place else tables.equilibria_table(record, theory)
        if rests is not None:
            parts.append(tables.to_html(rests))
    return parts


def _theory(record: Mapping[str, Any], theory: Mapping[str, Any], formulas: Formulas) -> list[str]:
    parts = []
    for block in blocks_of(record, theory):
        parts.append(f'<p class="label">{escaped(sentence(block.title, stop=""))}</p>')
        parts += [formulas.display(equation) for equation in block.equations]
    parts += [tables.to_html(table) for table in tables.coefficient_tables(theory)]
    readings = tables.readings_table(theory)
    if readings is not None:
        parts.append(tables.to_html(readings))
    rule = words.born(theory)
    if rule:
        parts.append(paragraph(rule))
    return parts + _invariants(theory, formulas)


def _invariants(theory: Mapping[str, Any], formulas: Formulas) -> list[str]:
    """A table of its own, for its names are formulas."""
    rows = []
    for entry in theory.get("invariants") or ():
        name, value, meaning = words.invariant(entry)
        formula = formulas.inline(Equation(name, entry["latex"])) if entry.get("latex") else None
        rows.append(
            f'<tr><td>{formula or escaped(name)}</td><td class="number">{escaped(value)}</td>'
            f"<td>{escaped(meaning)}</td></tr>"
        )
    if not rows:
        return []
    return [
        '<div class="table"><table><caption>Invariants</caption><thead><tr><th scope="col">'
        'quantity</th><th scope="col" class="number">value</th><th scope="col">meaning</th>'
        f"</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    ]
