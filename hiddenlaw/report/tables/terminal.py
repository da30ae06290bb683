"""A table for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hiddenlaw.report.names import pretty, prose
from hiddenlaw.report.tables.table import NAME, NUMBER, WORD, Table

if TYPE_CHECKING:
    import rich.table


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
