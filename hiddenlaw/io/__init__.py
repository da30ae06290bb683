"""Reading and writing datasets: one format a file, chosen by the suffix of the path."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from hiddenlaw.dataset import Dataset
from hiddenlaw.errors import FormatError
from hiddenlaw.io._base import Columns as Columns
from hiddenlaw.io._base import Format as Format
from hiddenlaw.io._base import write_whole as write_whole
from hiddenlaw.io.csv import Csv as Csv
from hiddenlaw.io.netcdf import NetCdf as NetCdf
from hiddenlaw.io.npz import Npz as Npz

FORMATS: tuple[Format, ...] = (NetCdf(), Npz(), Csv())


def format_of(path: str | os.PathLike[str]) -> Format:
    """The format that goes by the suffix of `path`. Raises `FormatError` for an unknown one."""
    suffix = Path(path).suffix.lower()
    for known in FORMATS:
        if suffix in known.suffixes:
            return known
    suffixes = ", ".join(suffix for known in FORMATS for suffix in known.suffixes)
    has = f"the unknown suffix {suffix!r}" if suffix else "no suffix"
    raise FormatError(f"{path} has {has}; known are {suffixes}")


def load(
    path: str | os.PathLike[str],
    *,
    input: str | Sequence[str] | None = None,
    response: str | Sequence[str] | None = None,
    x: str | None = None,
    run: str | None = None,
) -> Dataset:
    """Read a dataset from a NetCDF-4/HDF5, NPZ or CSV file.

    `input`, `response`, `x` and `run` name columns or variables, for files that do not use
    hiddenlaw's own names. No code in a file is ever run. Raises `FormatError` for a file that is
    missing, damaged, of an unknown format or without a named column, and `DataError` for data that
    no dataset can hold.
    """
    path = Path(path)
    if path.is_dir():
        raise FormatError(f"{path} is a folder; name a file in it")
    if not path.exists():
        raise FormatError(f"no such file: {path}")
    format = format_of(path)
    try:
        empty = path.stat().st_size == 0
        with path.open("rb"):
            pass
    except OSError as problem:
        raise FormatError(f"cannot read {path}: {problem.strerror}") from problem
    if empty:
        raise FormatError(f"{path} is empty; write it anew")
    return format.read(path, Columns(_tuple(input), _tuple(response), x, run))


def save(dataset: Dataset, path: str | os.PathLike[str]) -> None:
    """Write a dataset, whole or not at all; the suffix of `path` chooses the format.

    NetCDF and NPZ keep everything; CSV keeps numbers and names, not units, hold or truth. Missing
    folders are made. Raises `FormatError`.
    """
    path = Path(path)
    if path.is_dir():
        raise FormatError(f"cannot write {path}: it is a folder; name a file in it")
    format = format_of(path)
    write_whole(path, lambda temporary: format.write(dataset, temporary))


def _tuple(names: str | Sequence[str] | None) -> tuple[str, ...] | None:
    if names is None or len(names) == 0:
        return None
    return (names,) if isinstance(names, str) else tuple(names)
