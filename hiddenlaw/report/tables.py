"""The tables of a report, described once, shown in the terminal (Rich) and the page (HTML)."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from hiddenlaw.report.figures.style import ranked
from hiddenlaw.report.names import pretty, prose, unit_of
from hiddenlaw.report.sweep import sweep_of
from hiddenlaw.report.values import MISSING, as_float, compact, number, typeset, with_error

if TYPE_CHECKING:
    import rich.table

WORD, SHORT, NAME, NUMBER = "word", "short", "name", "number"


@dataclass(frozen=True)
class Column:
    """A heading and what stands beneath it: words (short ones never wrap), terms, or numbers."""

    heading: str
    kind: str = WORD


@dataclass(frozen=True)
class Table:
    """Rows of plain text such as V*psi and 1.2e-26; each medium typesets them in its own way."""

    title: str
    columns: tuple[Column, ...]
    rows: list[tuple[str, ...]]
    emphasised: int | None = None


def theories_table(record: Mapping[str, Any]) -> Table:
    """All theories, the most parsimonious first; the selected one is emphasised."""
    rows, emphasised = [], None
    for place, (index, theory) in enumerate(ranked(record)):
        if index == record.get("selected"):
            emphasised = place
        errors = ("heldout_error", "heldout_error_median", "heldout_error_worst")
        rows.append(
            (
                str(place + 1),
                str(theory["dimension"]),
                theory["readout"],
                str(theory.get("parameters", MISSING)),
                number(theory.get("reconstruction_loss")),
                *(number(theory.get(key)) for key in errors),
            )
        )
    columns = (
        Column("rank", NUMBER),
        Column("variables", NUMBER),
        Column("readout", SHORT),
        Column("constants", NUMBER),
        Column("reconstr.", NUMBER),
        Column("held-out", NUMBER),
        Column("median", NUMBER),
        Column("worst", NUMBER),
    )
    return Table("The most parsimonious first", columns, rows, emphasised)


def dimension_table(record: Mapping[str, Any]) -> Table:
    """Per decoder class: the smallest dimension that explains, and the jump of the loss there."""
    sweep = sweep_of(record)
    names = [*sweep.classes, *(name for name in sweep.chosen if name not in sweep.classes)]
    rows = []
    for readout in names:
        chosen = sweep.chosen.get(readout)
        after = sweep.best(readout, chosen) if chosen is not None else None
        rows.append(
            (
                readout,
                str(chosen) if chosen is not None else "none",
                number(sweep.before(readout)),
                number(after),
                number(sweep.jump(readout)),
            )
        )
    columns = (
        Column("decoder", SHORT),
        Column("variables d", NUMBER),
        Column("loss at d - 1", NUMBER),
        Column("loss at d", NUMBER),
        Column("jump", NUMBER),
    )
    return Table("Variables needed", columns, rows)


def coefficient_table(theory: Mapping[str, Any], which: str = "law") -> Table | None:
    """Refitted and distilled coefficients of "law", "system" or "readout_law"; None without any."""
    equations = (theory.get(which) or {}).get("terms") or {}
    distilled, rows = theory.get("distilled") or {}, []
    for left, terms in equations.items():
        before = distilled.get(left) or {}
        for term in [*terms, *(term for term in before if term not in terms)]:
            if which == "system" and term == left:
                continue  # the derivative of psi is called psi': no coefficient
            entry = terms.get(term)
            refitted = "removed" if entry is None else with_error(*_value_and_error(entry))
            old = before.get(term)
            rows.append(
                (
                    left,
                    term,
                    refitted,
                    _half_width(entry),
                    MISSING if old is None else compact(_value_and_error(old)[0], 6),
                    unit_of(theory.get("units"), left, term),
                )
            )
    if not rows:
        return None
    columns = [
        Column("in", NAME),
        Column("term", NAME),
        Column("refitted", NUMBER),
        Column("± 95 %", NUMBER),
        Column("as distilled", NUMBER),
        Column("unit"),
    ]
    if all(row[2:] == ("1", MISSING, MISSING, "") for row in rows):
        return None
    titles = {
        "law": "Coefficients of the law",
        "system": "Coefficients of the first-order system",
        "readout_law": "Coefficients of the readout",
    }
    kept = [k for k in range(6) if k < 3 or any(row[k] not in ("", MISSING) for row in rows)]
    return Table(
        titles.get(which, which),
        tuple(columns[k] for k in kept),
        [tuple(row[k] for k in kept) for row in rows],
    )


def evidence_table(record: Mapping[str, Any]) -> Table | None:
    """The winner against each rival; None where there was none."""
    rows = [
        (
            entry["rival"],
            compact(entry["log10_bayes_factor"], 3),
            number(entry["heldout_error_ratio"]),
            entry["meaning"],
        )
        for entry in record.get("evidence") or ()
    ]
    columns = (
        Column("rival"),
        Column("log10 B", NUMBER),
        Column("error ratio", NUMBER),
        Column("in words"),
    )
    return Table("Evidence for the first theory", columns, rows) if rows else None


def coefficient_tables(theory: Mapping[str, Any]) -> list[Table]:
    """Those that say something: no readout that is 1 by convention, no system that is the law."""
    law = (theory.get("law") or {}).get("terms") or {}
    system = (theory.get("system") or {}).get("terms") or {}
    repeated = all(
        term in law.get(left, {}) or term == left for left in system for term in system[left]
    )
    shown = ["law", "readout_law"] if law and repeated else ["law", "system", "readout_law"]
    found = [coefficient_table(theory, which) for which in shown]
    return [table for table in found if table is not None]


def sweep_table(record: Mapping[str, Any]) -> Table:
    """Held-out losses of the sweep: of the seed that trained best, the median, and the worst."""
    sweep, rows = sweep_of(record), []
    for readout in sweep.classes:
        for dimension in sweep.dimensions:
            losses = sweep.heldout(readout, dimension)
            known = [loss for loss in losses if loss is not None]
            if losses:
                rows.append(
                    (
                        readout,
                        str(dimension),
                        str(len(losses)),
                        str(len(losses) - len(known)),
                        number(sweep.best(readout, dimension)),
                        number(median(known) if known else None),
                        number(max(known, default=None)),
                    )
                )
    columns = (
        Column("decoder", SHORT),
        Column("d", NUMBER),
        Column("seeds", NUMBER),
        Column("diverged", NUMBER),
        Column("best", NUMBER),
        Column("median", NUMBER),
        Column("worst", NUMBER),
    )
    return Table("Bottleneck sweep: reconstruction loss on held-out runs", columns, rows)


def to_rich(table: Table) -> rich.table.Table:
    """For the terminal: names in Unicode, numbers as 1.2e-26, nothing read as markup."""
    import rich.box
    import rich.table
    from rich.text import Text

    shown = rich.table.Table(
        title=Text(table.title, style="bold"),
        title_justify="left",
        box=rich.box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    for column in table.columns:
        number_column = column.kind == NUMBER
        shown.add_column(
            Text(column.heading),
            justify="right" if number_column else "left",
            no_wrap=column.kind != WORD,
            overflow="fold",
        )
    for place, row in enumerate(table.rows):
        cells = [
            Text(pretty(cell) if column.kind == NAME else prose(cell))
            for column, cell in zip(table.columns, row, strict=True)
        ]
        shown.add_row(*cells, style="bold" if place == table.emphasised else None)
    return shown


def to_html(table: Table) -> str:
    """For the page: names in italics, numbers as 1.2×10⁻²⁶."""
    head = "".join(
        f'<th scope="col" class="{column.kind}">{html.escape(typeset(column.heading))}</th>'
        for column in table.columns
    )
    body = []
    for place, row in enumerate(table.rows):
        cells = "".join(
            f'<td class="{column.kind}">{_html_cell(column.kind, cell)}</td>'
            for column, cell in zip(table.columns, row, strict=True)
        )
        mark = ' class="selected"' if place == table.emphasised else ""
        body.append(f"<tr{mark}>{cells}</tr>")
    return (
        f'<div class="table"><table><caption>{html.escape(table.title)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def _html_cell(kind: str, text: str) -> str:
    shown = {NAME: pretty, NUMBER: typeset}.get(kind, lambda text: prose(typeset(text)))
    return html.escape(shown(text))


def _half_width(entry: Any) -> str:
    """Half of the 95 % interval; nothing for what is exact or was removed."""
    interval = entry.get("ci95") if isinstance(entry, Mapping) else None
    if not interval or None in interval or interval[0] == interval[1]:
        return MISSING
    return number((interval[1] - interval[0]) / 2)


def _value_and_error(entry: Any) -> tuple[float, float]:
    if isinstance(entry, Mapping):
        return as_float(entry.get("value")), as_float(entry.get("stderr"))
    return as_float(entry), as_float(None)
