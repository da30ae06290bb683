"""One input along x, without runs and without a response: a trap to find levels in.

A `.csv` with a column of x and one of the input, or an `.npz` with arrays of these names. Unlike
the x of a dataset, this one need not be uniform.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hiddenlaw.data.columns import find
from hiddenlaw.errors import FormatError, option
from hiddenlaw.io._archive import read_arrays
from hiddenlaw.io._channels import no_such_column
from hiddenlaw.io._numbers import read_columns
from hiddenlaw.io._table import open_table

_GRIDS = ("x", "t", "time")


def load_profile(
    path: str | os.PathLike[str], *, x: str | None = None, input: str | None = None, usual: str
) -> tuple[np.ndarray, np.ndarray]:
    """x and the input, both (sites,), from the columns or arrays of these names.

    Where no name is given x is called x, t or time, and the input `usual`, or input, or is the only
    other column. Raises `FormatError` for a file or a column that is not there.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".npz"):
        raise FormatError(f"{path} is no trap: give a .csv or .npz with x and {usual}")
    if not path.is_file():
        raise FormatError(f"no such file: {path}")
    if suffix == ".csv":
        return _of_table(path, x, input, usual)
    arrays = read_arrays(path)
    columns = _choose(path, list(arrays), x, input, usual)
    sites, values = (_flat(path, name, arrays[name]) for name in columns)
    return sites, values


def _of_table(
    path: Path, x: str | None, input: str | None, usual: str
) -> tuple[np.ndarray, np.ndarray]:
    table = open_table(path)

    def symbol(named: str | None, role: str) -> str | None:
        return None if named is None else find(path, named, role, table.columns).symbol

    known = [column.symbol for column in table.columns]
    chosen = _choose(path, known, symbol(x, "x"), symbol(input, "input"), usual)
    read = [find(path, name, "x", table.columns) for name in chosen]
    rows = read_columns(table, read, None)
    if rows.problem is not None:
        raise rows.problem
    return rows.numbers[chosen[0]], rows.numbers[chosen[1]]


def _choose(
    path: Path, known: Sequence[str], x: str | None, input: str | None, usual: str
) -> tuple[str, str]:
    if x is None:
        x = next((name for name in _GRIDS if name in known), None)
        if x is None:
            raise FormatError(
                f"{path} has no column x (it has {', '.join(known)}); name the grid with "
                f"{option('x')}"
            )
    elif x not in known:
        raise no_such_column(path, x, "x", list(known))
    others = [name for name in known if name != x]
    if input is None:
        only = others if len(others) == 1 else ()
        input = next((name for name in (usual, "input", *only) if name in others), None)
    if input is None or input not in others:
        raise no_such_column(path, input or usual, "input", others)
    return x, input


def _flat(path: Path, name: str, array: np.ndarray) -> np.ndarray:
    """An array of one run and one channel as (sites,)."""
    if array.size != max(array.shape, default=0) or array.dtype.kind not in "biuf":
        raise FormatError(
            f"{path}: {name} holds {array.dtype} of shape {array.shape}; a trap has one real "
            "number a site"
        )
    return array.astype(float).ravel()
