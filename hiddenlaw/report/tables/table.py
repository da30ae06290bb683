"""A table of a report, described once for the terminal and the page."""

from __future__ import annotations

from dataclasses import dataclass

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
