"""MATLAB files: vectors of one record, named like the columns of a table.

Files of version 7.3 are read as the HDF5 that they are. A scalar
`dt` or `Ts` is the step where no vector gives the grid. Nothing but real numbers is opened.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from hiddenlaw.data.columns import Column, columns_of, find
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import DataError, FormatError
from hiddenlaw.io._base import Columns, Format
from hiddenlaw.io._hdf5 import read_content
from hiddenlaw.io._mat_variables import MatVariable, open_mat
from hiddenlaw.io._numbers import Rows
from hiddenlaw.io._table import Table
from hiddenlaw.io._tabular import dataset_of

_STEPS = ("dt", "Ts", "ts", "dT")
_GRIDS = ("x", "X", "t", "T", "time", "Time", "TIME")
_LOOKED_AT = 1000  # samples of a vector
_HDF5 = b"\x89HDF\r\n\x1a\n"


class Matlab(Format):
    name = "MATLAB"
    suffixes = (".mat",)
    carries_truth = False

    def read(self, path: Path, columns: Columns, *, allow_missing: bool = False) -> Dataset:
        source = _open(path, columns)
        known = columns_of(list(source.shapes))
        kinds = [source.kind(name) for name in source.shapes]
        table = _Vectors(path, known, kinds, source=source)
        step = _step(table, columns)
        if step is not None:
            value = float(source.vector(step).item())
            table = replace(table, step=value)
            columns = replace(columns, x=None)

        def read(table: Table, wanted: Sequence[Column], run: Column | None) -> Rows:
            return _rows(source, wanted, run)

        return dataset_of(table, columns, allow_missing=allow_missing, read=read)


@dataclass(frozen=True)
class _Source:
    """The variables of a file: their shapes, what is no real number, and the way to its numbers."""

    path: Path
    shapes: dict[str, tuple[int, ...]]
    odd: dict[str, str]
    content: Mapping[str, MatVariable | np.ndarray]

    def kind(self, name: str) -> str:
        """What a variable holds, as a table says it of a column."""
        size = math.prod(self.shapes[name])
        if self.odd[name] or max(self.shapes[name], default=1) != size:
            return "other"
        return {0: "empty", 1: "scalar"}.get(size, "number")

    def vector(self, column: Column) -> np.ndarray:
        """The numbers of a variable, (samples,). Raises `FormatError` for what is no vector."""
        name = list(self.shapes)[column.place]
        if self.odd[name]:
            raise FormatError(
                f"{self.path}: {name} is {self.odd[name]}; save vectors of real numbers, for "
                "example save('data.mat', 't', 'u', 'y')"
            )
        if self.kind(name) == "other":
            listed = " × ".join(map(str, self.shapes[name]))
            raise FormatError(
                f"{self.path}: {name} is {listed}; save each channel as a vector of its own"
            )
        held = self.content[name]
        values = held.numbers(self.path) if isinstance(held, MatVariable) else held
        return np.asarray(values, dtype=np.float64).ravel()


@dataclass(frozen=True)
class _Vectors(Table):
    """The variables of a file as the columns of a table."""

    source: _Source = field(kw_only=True)

    def first_numbers(self, columns: Sequence[Column]) -> list[list[float]]:
        return [self.source.vector(column)[:_LOOKED_AT].tolist() for column in columns]


def _open(path: Path, columns: Columns) -> _Source:
    with path.open("rb") as file:
        beginning = file.read(520)
    if _HDF5 in (beginning[:8], beginning[512:]):
        return _open_hdf5(path, columns)
    found = open_mat(path)
    shapes = {name: variable.shape for name, variable in found.items()}
    odd = {name: variable.odd for name, variable in found.items()}
    return _Source(path, shapes, odd, found)


def _open_hdf5(path: Path, columns: Columns) -> _Source:
    wanted = None
    if columns.input is not None and columns.response is not None:
        errors = columns.response_error or [f"{name}_error" for name in columns.response]
        grids = (columns.x,) if columns.x else (*_GRIDS, *_STEPS)
        runs = (columns.run or "run",)
        wanted = [*columns.input, *columns.response, *errors, *grids, *runs]
    content = read_content(path, wanted)
    variables = {
        name: content.variables[name] for name in content.known if name in content.variables
    }
    numeric = {n: v for n, v in variables.items() if v.values.dtype.kind in "biuf"}
    odd = {name: "" if name in numeric else "no array of numbers" for name in content.known}
    for name, variable in numeric.items():
        if variable.attrs.get("MATLAB_class") == "char":
            odd[name] = "text"
    shapes = {n: variables[n].values.shape if n in variables else () for n in content.known}
    return _Source(path, shapes, odd, {name: v.values for name, v in numeric.items()})


def _step(table: Table, columns: Columns) -> Column | None:
    """The scalar that is the step: the one named as grid, else dt or Ts where there is no grid."""
    scalars = [c for c in table.columns if table.kinds[c.place] == "scalar"]
    if columns.x is not None:
        named = find(table.path, columns.x, "x", table.columns)
        return named if named in scalars else None
    steps = [column for column in scalars if column.header in _STEPS]
    grids = [c for c in table.columns if c.header in _GRIDS and table.kinds[c.place] == "number"]
    return steps[0] if len(steps) == 1 and not grids else None


def _rows(source: _Source, wanted: Sequence[Column], run: Column | None) -> Rows:
    numbers = {column: source.vector(column) for column in (*wanted, *([run] if run else []))}
    count = len(numbers[wanted[0]])
    for column, vector in numbers.items():
        if len(vector) != count:
            raise DataError(
                f"{source.path}: {wanted[0].header} has {count} samples but {column.header} has "
                f"{len(vector)}; save as many of each"
            )
    by_symbol = {column.symbol: numbers[column] for column in wanted}
    if run is None:
        return Rows(by_symbol, ["0"], np.zeros(count, dtype=np.int64))
    codes: dict[str, int] = {}
    runs = [codes.setdefault(f"{label:g}", len(codes)) for label in numbers[run]]
    return Rows(by_symbol, list(codes), np.array(runs, dtype=np.int64))
