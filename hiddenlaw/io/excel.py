"""Workbooks (.xlsx): the first sheet, read as a table like a CSV.

Through pandas and python-calamine, which are asked only after it is known that the sheet unpacks
to what a file may hold: a cell at the far end of an empty sheet would fill the memory.
"""

from __future__ import annotations

import importlib.util
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import FormatError
from hiddenlaw.io._archive import check_unpacked
from hiddenlaw.io._base import Columns, Format, in_plain_words
from hiddenlaw.io._limits import check_size, most_bytes
from hiddenlaw.io._table import cells_of
from hiddenlaw.io._tabular import dataset_of

_XML = (b"<", b" ", b"\n", b"\r", b"\t", b"\xef", b"\xff", b"\xfe")  # how it may begin
_PLACE = re.compile(r"([A-Za-z]*)([0-9]*)")
_CELL_BYTES = 128  # of an object of Python, and what points to it


class Excel(Format):
    name = "Excel workbook"
    suffixes = (".xlsx",)
    carries_truth = False

    def read(self, path: Path, columns: Columns, *, allow_missing: bool = False) -> Dataset:
        if importlib.util.find_spec("python_calamine") is None:
            raise FormatError(
                f"{path}: to read .xlsx python-calamine is needed; pip install 'hiddenlaw[xlsx]', "
                "or save the sheet as .csv"
            )
        with path.open("rb") as file:
            if file.read(2) != b"PK":
                raise damaged(path, "it does not begin as one")
        check_unpacked(path)
        _check_extent(path)
        rows = [(number, fields) for number, fields in enumerate(_cells(path), 1) if any(fields)]
        if not rows:
            raise FormatError(f"{path} has nothing in its first sheet; put the table there")
        return dataset_of(cells_of(path, rows), columns, allow_missing=allow_missing)


def _cells(path: Path) -> list[list[str]]:
    """The rows of the first sheet as text, numbers with all their digits."""
    import pandas

    try:
        frame = pandas.read_excel(
            path, engine="calamine", header=None, dtype=object, keep_default_na=False
        )
    except MemoryError:
        raise
    except BaseException as problem:
        # The reader has errors of its own, and where it gives up one that is no Exception.
        if isinstance(problem, Exception) or type(problem).__name__ == "PanicException":
            raise damaged(path, in_plain_words(problem)) from problem
        raise
    return [[_text(value) for value in row] for row in frame.to_numpy(dtype=object).tolist()]


def _text(value: Any) -> str:
    if isinstance(value, bool | int | float):
        return repr(float(value)) if isinstance(value, bool | float) else str(value)
    return "" if value is None else str(value).strip()


def _check_extent(path: Path) -> None:
    """Raise `FormatError` where a sheet has more places for cells than fit into memory."""
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():  # a sheet may have any name
                with archive.open(name) as file:
                    if file.read(1) not in _XML:
                        continue
                with archive.open(name) as file:
                    rows, columns = _extent(file)
                check_size(path, f"a sheet of {rows} rows and {columns} columns",
                           _CELL_BYTES * rows * columns, most_bytes(path))  # fmt: skip
    except FormatError:
        raise
    except Exception as problem:
        raise damaged(path, in_plain_words(problem)) from problem


def _extent(file: Any) -> tuple[int, int]:
    """The last row and the last column of a sheet in which a cell may stand."""
    rows = columns = row = column = 0
    for event, element in ElementTree.iterparse(file, events=("start", "end")):
        kind = element.tag.rpartition("}")[2]
        if event == "end":
            element.clear()
        elif kind in ("row", "c"):
            place = _PLACE.fullmatch(element.get("r", ""))
            if place is None:
                raise ValueError(f"a cell stands at {element.get('r')!r}")
            letters, number = place.groups()
            if kind == "row":
                row, column = int(number or row + 1), 0
            else:
                column = _column(letters) if letters else column + 1
                row = int(number or row)
            rows, columns = max(rows, row), max(columns, column)
    return rows, columns


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def damaged(path: Path, reason: str) -> FormatError:
    """The error for a file that is no workbook, or no longer."""
    return FormatError(
        f"{path} is no Excel workbook, or damaged ({reason}); open it in a spreadsheet and save it "
        "anew as .xlsx or .csv"
    )
