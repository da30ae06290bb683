"""A table for the page."""

from __future__ import annotations

import html

from hiddenlaw.report.names import pretty, prose
from hiddenlaw.report.tables.table import NAME, NUMBER, Table
from hiddenlaw.report.values import typeset


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
