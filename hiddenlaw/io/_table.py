"""Rows of a CSV file, a record at a time, so that memory is taken for numbers and nothing else.

UTF-8 with or without a byte order mark, quotes around what needs them, and between the fields
commas, semicolons or tabs: whichever the header has most of. What follows a # is a comment, except
in a line with quotes, where only a # at its start begins one.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TextIO

import numpy as np

from hiddenlaw.errors import DataError, FormatError
from hiddenlaw.io._base import one_line
from hiddenlaw.io._limits import most_bytes, too_large

LONGEST_RECORD = 2**20
MOST_COLUMNS = 10_000
# What people and programs write where there is no number; Python reads "nan" by itself.
_EMPTY = frozenset({"", "NA", "N/A", "n/a", "<NA>", "NULL", "null", "None", "none"})
_LABEL_BYTES = 128
_DELIMITERS = ",;\t"


@dataclass(frozen=True)
class Rows:
    """The columns that were asked for: numbers by name, and which run each row belongs to."""

    numbers: dict[str, np.ndarray]
    labels: list[str]
    run: np.ndarray


def read_header(path: Path) -> list[str]:
    """The names of the columns. Raises `FormatError` for what is no table of named columns."""
    names = next((fields for fields in _records(path)), None)
    if names is None:
        raise FormatError(f"{path} is no CSV table (it has no header)")
    names = [name.strip() or f"Unnamed: {place}" for place, name in enumerate(names)]
    if len(names) > MOST_COLUMNS:
        raise FormatError(f"{path} has {len(names)} columns; {MOST_COLUMNS} are the most")
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise FormatError(f"{path} has two columns called {name!r}; rename one")
        seen.add(name)
    return names


def read_columns(path: Path, names: Sequence[str], run: str | None) -> Rows:
    """The columns `names` as numbers, an empty field as NaN, and the runs by the column `run`.

    Runs are numbered as they first appear. Raises `FormatError` for a row of another length than
    the header, and for what is no number; `DataError` for a row that belongs to no run.
    """
    header = read_header(path)
    most = most_bytes(path)
    places = [header.index(name) for name in names]
    columns = [array("d") for _ in names]
    run_place = None if run is None else header.index(run)
    codes: dict[str, int] = {}
    runs = array("q")
    records = _records(path)
    next(records)
    for row, fields in enumerate(records, start=1):
        if len(fields) != len(header):
            raise FormatError(
                f"{path} is no CSV table (row {row} has {len(fields)} fields, the header has "
                f"{len(header)})"
            )
        for place, column in zip(places, columns, strict=True):
            text = fields[place]
            try:
                column.append(float(text))
            except ValueError:
                if text.strip() not in _EMPTY:
                    raise FormatError(
                        f"{path}: column {header[place]} holds {text!r} in row {row}; it must hold "
                        "numbers only" + (", with decimal points" if "," in text else "")
                    ) from None
                column.append(np.nan)
        if run_place is not None:
            label = fields[run_place].strip()
            if label in _EMPTY:
                raise DataError(f"{path} has no {run} in row {row}; fill it in")
            runs.append(codes.setdefault(label, len(codes)))
        if 8 * row * (len(columns) + 1) + _LABEL_BYTES * len(codes) > most:
            raise too_large(path, f"it has more than {row} rows", most)
    if not columns or not columns[0]:
        raise FormatError(f"{path} has a header ({', '.join(header)}) but no rows")
    numbers = {name: np.array(column) for name, column in zip(names, columns, strict=True)}
    if run is None:
        return Rows(numbers, ["0"], np.zeros(len(columns[0]), dtype=np.int64))
    return Rows(numbers, list(codes), np.array(runs))


def _records(path: Path) -> Iterator[list[str]]:
    """The fields of every record, header first; blank lines and comments are left out."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = _Lines(file)
            rest = iter(lines)
            header = next(rest, "")
            while header and not header.strip():
                lines.pending = 0
                header = next(rest, "")
            delimiter = max(_DELIMITERS, key=header.count)
            records = chain([header], rest)
            for fields in csv.reader(records, delimiter=delimiter, skipinitialspace=True):
                lines.pending = 0
                if len(fields) > 1 or (fields and fields[0].strip()):
                    yield fields
    except (OSError, UnicodeError, csv.Error) as problem:
        raise FormatError(f"{path} is no CSV table ({one_line(problem)})") from problem


class _Lines:
    """The lines of a file without comments; a record of too many characters is an error."""

    def __init__(self, file: TextIO):
        self._file = file
        self.pending = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._file.readline(LONGEST_RECORD):
            self.pending += len(line)
            if self.pending >= LONGEST_RECORD:
                raise csv.Error(f"a row is longer than {LONGEST_RECORD} characters")
            if "#" in line:
                if '"' not in line:
                    line = line.partition("#")[0]
                if not line.strip() or line.lstrip().startswith("#"):
                    continue
            yield line
