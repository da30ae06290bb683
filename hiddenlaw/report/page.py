"""report.html: one file that opens offline, with figures and equations embedded and no script."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from hiddenlaw.report import tables, words
from hiddenlaw.report.equations import Equation, blocks_of, main_equations
from hiddenlaw.report.figures.style import Picture, label_of, ranked
from hiddenlaw.report.formulas import Formulas
from hiddenlaw.report.names import prose
from hiddenlaw.report.values import typeset, with_error

# Even a page that was tampered with could load nothing and run nothing.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def page(record: Mapping[str, Any], pictures: Mapping[str, Picture]) -> str:
    """The whole page. `pictures` are drawn from the same record and its arrays."""
    formulas = Formulas()
    headline, sentence = words.verdict(record)
    body = [
        '<header><p class="kicker">hiddenlaw: what the data say</p>',
        f"<h1>{_text(headline)}</h1>",
        f'<p class="lead">{_text(sentence)}</p></header>',
        _headline(record, formulas),
        _data(record, pictures),
        _variables(record, pictures),
        _theories(record, formulas),
        _section("The hidden state", [], pictures, "wave_function", "complex_plane"),
        _section("From site to site", [], pictures, "transfer_matrix"),
        _section("A constant of each run", [], pictures, "run_constants"),
        _section("What is left over", [], pictures, "residuals"),
        _caveats(record),
        _details(record),
    ]
    css = files("hiddenlaw.report").joinpath("page.css").read_text(encoding="utf-8")
    title = html.escape(f"{headline}: {record['dataset'].get('source') or 'hiddenlaw'}")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="generator" content="hiddenlaw.report 1">\n'
        f"<title>{title}</title>\n<style>\n{css}</style>\n</head>\n<body>\n"
        + "\n".join(part for part in body if part)
        + "\n</body>\n</html>\n"
    )


def fragment(record: Mapping[str, Any]) -> str:
    """Verdict, equations and theories without pictures or style sheet, for a notebook."""
    headline, sentence = words.verdict(record)
    formulas = Formulas()
    parts = [f"<p><b>{_text(headline)}</b>: {_text(sentence)}</p>", _headline(record, formulas)]
    if record.get("theories"):
        parts.append(tables.to_html(tables.theories_table(record)))
    return "\n".join(part for part in parts if part)


def _headline(record: Mapping[str, Any], formulas: Formulas) -> str:
    """The equations of the selected theory, large."""
    theories = record.get("theories") or []
    if not theories:
        return ""
    best = theories[record.get("selected") or 0]
    lines = [formulas.display(equation) for equation in main_equations(record, best)]
    lines += [f"<p>{_text(sentence)}</p>" for sentence in words.truth(record)]
    return f'<div class="headline">{"".join(lines)}</div>'


def _data(record: Mapping[str, Any], pictures: Mapping[str, Picture]) -> str:
    lines = [
        f"<dt>{_text(label)}</dt><dd>{_text(text)}</dd>" for label, text in words.looked_at(record)
    ]
    return _section("What was looked at", [f"<dl>{''.join(lines)}</dl>"], pictures, "samples")


def _variables(record: Mapping[str, Any], pictures: Mapping[str, Picture]) -> str:
    parts = []
    needed = tables.dimension_table(record)
    if needed.rows:
        parts.append(tables.to_html(needed))
    reasons = [f"{name}: {why}" for name, why in (record.get("reason") or {}).items() if why]
    parts.append(_list(reasons))
    seen = words.spectrum(record)
    if seen:
        parts.append(f"<p>{_text(seen)}</p>")
    return _section("How many variables", [part for part in parts if part], pictures, "bottleneck")


def _theories(record: Mapping[str, Any], formulas: Formulas) -> str:
    if not record.get("theories"):
        return ""
    parts = [
        tables.to_html(tables.theories_table(record)),
        "<p>Errors are mean squares over the variance, on runs that no training saw: pooled, the "
        "median run, and the worst. Constants are the coefficients of law and readout that had to "
        "be measured.</p>",
    ]
    rivals = tables.evidence_table(record)
    if rivals is not None:
        parts += [tables.to_html(rivals), f"<p>{_text(words.EVIDENCE)}</p>"]
    for place, (_, theory) in enumerate(ranked(record)):
        parts.append(f"<h3>Theory {place + 1}: {_text(label_of(theory))}</h3>")
        if theory.get("reason"):
            parts.append(f"<p>{_text(_sentence(theory['reason']))}</p>")
        parts += _theory(record, theory, formulas)
    return _section("Theories", parts, {})


def _theory(record: Mapping[str, Any], theory: Mapping[str, Any], formulas: Formulas) -> list[str]:
    parts = []
    for block in blocks_of(record, theory):
        parts.append(f'<p class="label">{_text(_sentence(block.title, stop=""))}</p>')
        parts += [formulas.display(equation) for equation in block.equations]
    parts += [tables.to_html(table) for table in tables.coefficient_tables(theory)]
    rule = words.born(theory)
    if rule:
        parts.append(f"<p>{_text(rule)}</p>")
    rows = []
    for entry in theory.get("invariants") or ():
        name, value, meaning = words.invariant(entry)
        formula = formulas.inline(Equation(name, entry["latex"])) if entry.get("latex") else None
        rows.append(
            f'<tr><td>{formula or _text(name)}</td><td class="number">{_text(value)}</td>'
            f"<td>{_text(meaning)}</td></tr>"
        )
    if rows:
        parts.append(
            '<div class="table"><table><caption>Invariants</caption><thead><tr><th scope="col">'
            'quantity</th><th scope="col" class="number">value</th><th scope="col">meaning</th>'
            f"</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        )
    return parts


def _caveats(record: Mapping[str, Any]) -> str:
    notes = record.get("notes") or []
    return _section("What to beware of", [_list(notes)] if notes else [], {})


def _details(record: Mapping[str, Any]) -> str:
    sweep = tables.sweep_table(record)
    parts = [tables.to_html(sweep)] if sweep.rows else []
    for heading, key in (
        ("Settings", "settings"),
        ("Seconds", "seconds"),
        ("Versions", "versions"),
    ):
        entries = record.get(key) or {}
        if entries:
            lines = [
                f"<dt>{html.escape(str(name))}</dt><dd>{html.escape(_setting(value))}</dd>"
                for name, value in entries.items()
            ]
            parts.append(f"<h3>{heading}</h3><dl>{''.join(lines)}</dl>")
    return _section("For the record", parts, {})


def _section(title: str, parts: list[str], pictures: Mapping[str, Picture], *names: str) -> str:
    """A heading, its parts, and those of the named figures that were drawn; nothing if empty."""
    figures = [_figure(pictures[name]) for name in names if name in pictures]
    if not parts and not figures:
        return ""
    return "\n".join([f"<section>\n<h2>{_text(title)}</h2>", *parts, *figures, "</section>"])


def _figure(picture: Picture) -> str:
    data = base64.b64encode(picture.svg()).decode("ascii")
    alternative = html.escape(f"{picture.title}. {picture.caption}", quote=True)
    return (
        f'<figure><img alt="{alternative}" src="data:image/svg+xml;base64,{data}">'
        f"<figcaption><b>{_text(picture.title)}.</b> {_text(picture.caption)}</figcaption></figure>"
    )


def _list(sentences: list[str]) -> str:
    items = "".join(f"<li>{_text(_sentence(sentence))}</li>" for sentence in sentences)
    return f"<ul>{items}</ul>" if items else ""


def _text(text: str) -> str:
    return html.escape(prose(typeset(text)))


def _sentence(text: str, stop: str = ".") -> str:
    """With a capital, unless it starts with a name such as psi, and a full stop."""
    first = text.split(" ", 1)[0].rstrip(",:;")
    if first.isalpha() and prose(first) == first and len(first) > 1:
        text = text[:1].upper() + text[1:]
    return text if not stop or text.endswith((".", "!", "?")) else text + stop


def _setting(value: object) -> str:
    return with_error(value) if isinstance(value, float) else str(value)
