"""Columns of a table as numbers, with every fault of the file said at once."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hiddenlaw.data.columns import Column
from hiddenlaw.errors import DataError, FormatError
from hiddenlaw.io._dates import EXAMPLE, Zones, looks_like_a_date, nanoseconds_in
from hiddenlaw.io._limits import most_bytes, too_large
from hiddenlaw.io._table import EMPTY, Table, number_in

_TOLD = 10
_UNSURE = "is no certain date"
_DATES = f"write dates with the year first, and day and time in one column, as {EXAMPLE}"
_LABEL_BYTES = 128


@dataclass(frozen=True)
class Rows:
    """The columns that were asked for: numbers by symbol, and which run each row belongs to.

    Where text stands in place of numbers, these are NaN, `problem` says where, and `spoiled` has
    the symbols of such columns.
    """

    numbers: dict[str, np.ndarray]
    labels: list[str]
    run: np.ndarray
    problem: FormatError | None = None
    spoiled: frozenset[str] = frozenset()


@dataclass
class _Faults:
    """What is wrong with a file, line by line; the first ones are kept, the others counted."""

    path: Path
    told: list[str] = field(default_factory=list)
    count: int = 0
    spoiled: set[str] = field(default_factory=set)
    misshapen: bool = False
    dates: bool = False

    def add(self, text: str) -> None:
        self.count += 1
        if len(self.told) < _TOLD:
            self.told.append(text)

    def line(self, remedy: str) -> str:
        more = f", and {self.count - _TOLD} more" if self.count > _TOLD else ""
        return f"{self.path}: {'; '.join(self.told)}{more}; {remedy}"


def read_columns(table: Table, wanted: Sequence[Column], run: Column | None) -> Rows:
    """The columns `wanted` as numbers, an empty field as NaN, and the runs by the column `run`.

    Runs are numbered as they first appear. Raises `FormatError` for rows of another length than
    the header and for what is no number, and `DataError` for rows that belong to no run; all of
    them at once, each by its line.
    """
    path, width = table.path, len(table.columns)
    most = most_bytes(path)
    faults, unlabelled = _Faults(path), _Faults(path)
    columns = [array("d") for _ in wanted]
    numbers = _Numbers(table)
    readers = [_Dates(c) if table.kinds[c.place] == "date" else numbers for c in wanted]
    codes: dict[str, int] = {}
    runs = array("q")
    rows = 0
    for rows, (line, fields) in enumerate(table.records(), start=1):
        if len(fields) != width:
            whose = "first row" if table.headless else "header"
            faults.add(f"line {line} has {len(fields)} fields, the {whose} has {width}")
            faults.misshapen = True
            continue
        for place, column, reader in zip(wanted, columns, readers, strict=True):
            text = fields[place.place]
            number = reader.read(text, line)
            if number is None and text.strip() not in EMPTY:
                faults.spoiled.add(place.symbol)
                where = f"line {line}, column {_short(place.header)}"
                faults.add(f"{where}: {_short(text)!r} {reader.fault(text)}")
                faults.dates |= reader.fault(text) == _UNSURE
            column.append(np.nan if number is None else number)
        if run is not None:
            label = fields[run.place].strip()
            if label in EMPTY:
                unlabelled.add(f"no {run.header} in line {line}")
            runs.append(codes.setdefault(label, len(codes)))
        if 8 * rows * (len(columns) + 1) + _LABEL_BYTES * len(codes) > most:
            raise too_large(path, f"it has more than {rows} rows", most)
    remedy = _DATES if faults.dates else "correct that, line by line"
    problem = FormatError(faults.line(remedy)) if faults.told else None
    if problem is not None and faults.misshapen:
        raise problem
    if unlabelled.told:
        raise DataError(unlabelled.line("fill it in"))
    for reader in readers:
        reader.check(path)
    spoiled = frozenset(faults.spoiled)
    found = {c.symbol: np.array(values) for c, values in zip(wanted, columns, strict=True)}
    if run is None:
        return Rows(found, ["0"], np.zeros(rows, dtype=np.int64), problem, spoiled)
    return Rows(found, list(codes), np.array(runs), problem, spoiled)


class _Numbers:
    """Fields as numbers, with decimal points or decimal commas; both in one file cannot be read
    safely."""

    def __init__(self, table: Table) -> None:
        self.commas = table.commas
        self.lines = {".": 0, ",": 0}

    def read(self, text: str, line: int) -> float | None:
        number = number_in(text, self.commas)
        if self.commas and number is not None:
            for sign, seen in self.lines.items():
                if not seen and sign in text:
                    self.lines[sign] = line
        return number

    def fault(self, text: str) -> str:
        if nanoseconds_in(text) is not None:
            return "is a date and not a number"
        return _UNSURE if looks_like_a_date(text) else "is not a number"

    def check(self, path: Path) -> None:
        if all(self.lines.values()):
            raise FormatError(
                f"{path} has decimal points (line {self.lines['.']}) and decimal commas (line "
                f"{self.lines[',']}), so that 1,234 may mean two things; write all numbers alike"
            )


class _Dates:
    """Fields with dates as seconds since the first of the file."""

    def __init__(self, column: Column) -> None:
        self.header = column.header
        self.first: int | None = None
        self.zones = Zones()

    def read(self, text: str, line: int) -> float | None:
        found = nanoseconds_in(text)
        if found is None:
            return None
        nanoseconds, zoned = found
        self.zones.see(zoned, line)
        self.first = nanoseconds if self.first is None else self.first
        return (nanoseconds - self.first) / 1e9

    def fault(self, text: str) -> str:
        return _UNSURE if looks_like_a_date(text) else "is not a date"

    def check(self, path: Path) -> None:
        self.zones.check(path, self.header)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 30 else f"{text[:29]}…"
