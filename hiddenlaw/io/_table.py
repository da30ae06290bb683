"""Text tables, a record at a time, so that memory is taken for numbers and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from hiddenlaw.data.columns import Column, columns_of
from hiddenlaw.errors import FormatError
from hiddenlaw.io._dates import looks_like_a_date, nanoseconds_in
from hiddenlaw.io._lines import lines_of, records

MOST_COLUMNS = 10_000
# What people and programs write where there is no number; Python reads "nan" by itself.
EMPTY = frozenset({"", "NA", "N/A", "n/a", "<NA>", "NULL", "null", "None", "none"})
OWN = "# hiddenlaw.dataset 1: input {}; response {}"
_OWN = re.compile(re.escape(OWN).replace(r"\{\}", r"(\w+(?: \w+)*)"))
_LOOKED_AT = 1000
_SURE = 5  # rows of one width

Records = Iterator[tuple[int, list[str]]]


@dataclass(frozen=True)
class Table:
    """A table in a file: its columns, and what was seen in its first rows.

    - `kinds`: for each column "number", "date" (dates and no number in it), "unsure" (what may be
      dates, but of two days), "text" or "empty"; of
      the variables of a binary file also "scalar", and "other" for what is no vector of numbers.
    - `own`: names of the inputs and of the responses, where hiddenlaw wrote the file.
    - `headless`: it has no header; what its columns are called was made up.
    - `step`: of the grid, where the file gives it and no column does.
    - `commas`: what sets the fields apart leaves the comma free for decimals.
    """

    path: Path
    columns: list[Column]
    kinds: list[str]
    own: tuple[list[str], list[str]] | None = None
    headless: bool = False
    commas: bool = False
    delimiter: str = ","
    step: float | None = None

    def records(self) -> Records:
        """The number of the line and the fields of every row."""
        with lines_of(self.path) as lines:
            rows = records(lines, self.delimiter)
            if not self.headless:
                next(rows, None)
            for number, fields, _ in rows:
                yield number, fields

    def first_numbers(self, columns: Sequence[Column]) -> list[list[float]]:
        """Of each of these columns the numbers in its first rows, without rows that have none."""
        found: list[list[float]] = [[] for _ in columns]
        for _, fields in islice(self.records(), _LOOKED_AT):
            for column, numbers in zip(columns, found, strict=True):
                field = fields[column.place] if column.place < len(fields) else ""
                number = number_in(field, self.commas)
                numbers += [] if number is None else [number]
        return found


@dataclass(frozen=True)
class Cells(Table):
    """A table whose rows are in memory, such as a sheet of a workbook."""

    rows: Sequence[tuple[int, list[str]]] = ()

    def records(self) -> Records:
        return iter(self.rows if self.headless else self.rows[1:])


def open_table(path: Path) -> Table:
    """The table in a text file. Raises `FormatError` for what is no table."""
    with lines_of(path) as lines:
        head = list(islice(records(lines), _LOOKED_AT))
        comments = lines.comments
    delimiter = head[0][2] if head else ","
    return Table(path, **_seen(path, [row[:2] for row in head], delimiter, comments))


def cells_of(path: Path, rows: Sequence[tuple[int, list[str]]]) -> Cells:
    """The table that these rows are, each with its number. Raises `FormatError` for no table."""
    return Cells(path, **_seen(path, rows[:_LOOKED_AT], ",", []), rows=rows)


def _seen(
    path: Path,
    head: Sequence[tuple[int, list[str]]],
    delimiter: str,
    comments: list[tuple[int, str]],
) -> dict[str, Any]:
    """What the first rows say of a table."""
    if not head:
        raise FormatError(f"{path} is no CSV table (it has no header and no rows)")
    number, headers = head[0]
    commas = delimiter != ","
    numbers = [number_in(field, commas) is not None for field in headers]
    headless = any(numbers) and all(
        number or field.strip() in EMPTY or nanoseconds_in(field) is not None
        for number, field in zip(numbers, headers, strict=True)
    )
    also: list[str] = []
    if headless:
        also = [f"c{place + 1}" for place in range(len(headers))]
        headers = _named_by_comment(comments, number, delimiter, len(headers)) or also
    elif delimiter == " " and len(head) > 1:
        headers = _with_their_units(headers, len(head[1][1]))
    if len(headers) > MOST_COLUMNS:
        raise FormatError(f"{path} has {len(headers)} columns; {MOST_COLUMNS} are the most")
    if len(head) == 1 and not headless:
        raise FormatError(f"{path} has a header ({', '.join(headers)}) but no rows")
    rows = [fields for _, fields in (head if headless else head[1:])]
    if not headless:
        _check_header(path, head, commas)
    kinds = [kind_of([row[k] for row in rows if k < len(row)], commas) for k in range(len(headers))]
    columns = [
        replace(column, unit="s") if kind == "date" else column
        for column, kind in zip(columns_of(headers, also), kinds, strict=True)
    ]
    return {
        "columns": columns,
        "kinds": kinds,
        "own": _own(comments),
        "headless": headless,
        "commas": commas,
        "delimiter": delimiter,
    }


def _check_header(path: Path, head: Sequence[tuple[int, list[str]]], commas: bool) -> None:
    """Raise `FormatError` where the first line is no header of the rows below, or two lines are."""
    (first, headers), (second, below) = head[:2]
    widths = {len(fields) for _, fields in head[-_SURE:]}
    if len(head) > _SURE and len(widths) == 1 and len(headers) not in {len(f) for _, f in head[1:]}:
        raise FormatError(
            f"{path}: line {first} has {len(headers)} fields and the rows have {widths.pop()}, so "
            "it is no header of theirs; delete the lines above the header, or begin them with #"
        )
    filled = [field for field in below if field.strip() not in EMPTY]
    texts = [f for f in filled if kind_of([f], commas) == "text"]
    kinds = [kind_of([row[k] for _, row in head[2:] if k < len(row)], commas)
             for k in range(len(below))]  # fmt: skip
    if filled and len(texts) == len(filled) and len(head) > 2 and not {"text"} & set(kinds):
        raise FormatError(
            f"{path}: line {second} ({', '.join(below)}) has no numbers and the rows below have; "
            f"if it has units, write them into the header, as {headers[0]} ({below[0]}), and "
            "delete the line; if it is the header, delete the one above"
        )


def number_in(text: str, commas: bool = False) -> float | None:
    """The number that a field holds, with `commas` also one with a decimal comma; None for none."""
    try:
        return float(text)
    except ValueError:
        if commas and text.count(",") == 1 and "." not in text:
            try:
                return float(text.replace(",", "."))
            except ValueError:
                pass
    return None


def kind_of(fields: Sequence[str], commas: bool = False) -> str:
    """What a column of these entries holds: "number", "date", "unsure", "text" or "empty"."""
    filled = [field for field in fields if field.strip() not in EMPTY]
    if not filled:
        return "empty" if fields else "number"
    if any(number_in(field, commas) is not None for field in filled):
        return "number"
    if any(nanoseconds_in(field) is not None for field in filled):
        return "date"
    return "unsure" if any(looks_like_a_date(field) for field in filled) else "text"


def _named_by_comment(
    comments: list[tuple[int, str]], first: int, delimiter: str, count: int
) -> list[str] | None:
    """Names in a comment right above the first row, as numpy.savetxt and plotting programs do."""
    if not comments or comments[-1][0] != first - 1:
        return None
    text = comments[-1][1].lstrip("#% ")
    names = [part.strip() for part in (text.split() if delimiter == " " else text.split(delimiter))]
    plain = len(names) == count and all(names) and len(set(names)) == count
    return names if plain and not any(number_in(name) is not None for name in names) else None


def _with_their_units(headers: list[str], count: int) -> list[str]:
    """Headers between blanks, with units put back to their names where only that fits the rows."""
    if len(headers) == count:
        return headers
    joined: list[str] = []
    for part in headers:
        if joined and part[0] in "([" and part[-1] in ")]":
            joined[-1] += f" {part}"
        else:
            joined.append(part)
    return joined if len(joined) == count else headers


def _own(comments: list[tuple[int, str]]) -> tuple[list[str], list[str]] | None:
    found = next((m for _, text in comments if (m := _OWN.fullmatch(text))), None)
    return (found[1].split(), found[2].split()) if found else None
