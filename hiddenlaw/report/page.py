"""report.html: one file that opens offline, with figures and equations embedded and no script."""

from __future__ import annotations

import html
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from hiddenlaw.report import tables, words
from hiddenlaw.report.figures import registered
from hiddenlaw.report.formulas import Formulas
from hiddenlaw.report.markup import escaped
from hiddenlaw.report.sections import CLOSING, FINDINGS, Section, figures_alone, law

# Even a page that was tampered with could load nothing and run nothing.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def page(record: Mapping[str, Any], figures: Mapping[str, str]) -> str:
    """The whole page. `figures` are HTML by name, drawn from the same record and its arrays."""
    formulas = Formulas()
    headline, text = words.verdict(record)
    body = [
        '<header><p class="kicker">hiddenlaw: what the data say</p>',
        f"<h1>{escaped(headline)}</h1>",
        f'<p class="lead">{escaped(text)}</p></header>',
        *law(record, formulas),
    ]
    for section in _sections():
        body += _written(section, record, figures, formulas)
    css = files("hiddenlaw.report").joinpath("page.css").read_text(encoding="utf-8")
    title = html.escape(f"{headline}: {record['dataset'].get('source') or 'hiddenlaw'}")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="generator" content="hiddenlaw.report 1">\n'
        f"<title>{title}</title>\n<style>\n{css}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def fragment(record: Mapping[str, Any]) -> str:
    """Verdict, equations and theories without pictures or style sheet, for a notebook."""
    headline, text = words.verdict(record)
    parts = [f"<p><b>{escaped(headline)}</b>: {escaped(text)}</p>", *law(record, Formulas())]
    if record.get("theories"):
        parts.append(tables.to_html(tables.theories_table(record)))
    return "\n".join(parts)


def _sections() -> list[Section]:
    """Those of this package, and between findings and caveats those that only figures name."""
    known = [section.heading for section in (*FINDINGS, *CLOSING)]
    named = [figure.section for figure in registered() if figure.section is not None]
    others = dict.fromkeys(heading for heading in named if heading not in known)
    return [*FINDINGS, *map(figures_alone, others), *CLOSING]


def _written(
    section: Section,
    record: Mapping[str, Any],
    figures: Mapping[str, str],
    formulas: Formulas,
) -> list[str]:
    """A heading, its parts, and those of its figures that were drawn; nothing if it is empty."""
    mine = [
        figures[figure.name]
        for figure in registered()
        if figure.section == section.heading and figure.name in figures
    ]
    parts = section.parts(record, formulas)
    if not parts and not mine:
        return []
    return [f"<section>\n<h2>{escaped(section.heading)}</h2>", *parts, *mine, "</section>"]
