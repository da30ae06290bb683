"""Reading and writing datasets: one format a file, chosen by the suffix of the path."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import FormatError, HiddenlawError
from hiddenlaw.io._archive import read_arrays as read_arrays
from hiddenlaw.io._base import Columns as Columns
from hiddenlaw.io._base import Format as Format
from hiddenlaw.io._base import one_line
from hiddenlaw.io._base import told_plainly as told_plainly
from hiddenlaw.io._channels import NoSuchColumn as NoSuchColumn
from hiddenlaw.io._channels import select_channels as select_channels
from hiddenlaw.io._claim import Claim as Claim
from hiddenlaw.io._claim import abandoned as abandoned
from hiddenlaw.io._claim import claim as claim
from hiddenlaw.io._remarks import Proposal as Proposal
from hiddenlaw.io._remarks import Survey as Survey
from hiddenlaw.io._remarks import current
from hiddenlaw.io._remarks import surveyed as surveyed
from hiddenlaw.io._several import load_several
from hiddenlaw.io._steps import in_steps
from hiddenlaw.io._whole import check_writable as check_writable
from hiddenlaw.io._whole import clear_abandoned as clear_abandoned
from hiddenlaw.io._whole import reason_of as reason_of
from hiddenlaw.io._whole import write_bytes as write_bytes
from hiddenlaw.io._whole import write_whole as write_whole
from hiddenlaw.io.csv import Csv as Csv
from hiddenlaw.io.excel import Excel as Excel
from hiddenlaw.io.matlab import Matlab as Matlab
from hiddenlaw.io.netcdf import NetCdf as NetCdf
from hiddenlaw.io.npz import Npz as Npz

FORMATS: list[Format] = [NetCdf(), Npz(), Csv(), Matlab(), Excel()]
"""The formats there are; one of somebody else's joins with `FORMATS.append(MyFormat())`."""


def format_of(path: str | os.PathLike[str], *, writing: bool = False) -> Format:
    """The format that goes by the suffix of `path`.

    Raises `FormatError` for an unknown one, and for one that is only read where one is to be
    written; it lists those that can be read, or written.
    """
    name = Path(path).name.lower()
    able = [known for known in FORMATS if known.writes or not writing]
    suffixes = ", ".join(suffix for known in able for suffix in known.suffixes)
    for known in FORMATS:
        if name.endswith(known.suffixes):
            if known in able:
                return known
            suffix = next(suffix for suffix in known.suffixes if name.endswith(suffix))
            raise FormatError(f"{path}: {suffix} is read but not written; written are {suffixes}")
    suffix = Path(path).suffix.lower()
    has = f"the unknown suffix {suffix!r}" if suffix else "no suffix"
    raise FormatError(f"{path} has {has}; {'written' if writing else 'known'} are {suffixes}")


def load(
    path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    input: str | Sequence[str] | None = None,
    response: str | Sequence[str] | None = None,
    x: str | None = None,
    run: str | None = None,
    response_error: str | Sequence[str] | None = None,
    allow_missing: bool = False,
    resample: float | None = None,
    dx: float | None = None,
    units: Mapping[str, str] | None = None,
) -> Dataset:
    """Read a dataset from a NetCDF-4/HDF5, NPZ, text, MATLAB or Excel file, or from several.

    The runs of several files are those of one dataset, in the order given; runs that are shorter
    than others are filled up, and their response is missing there.

    `input`, `response`, `x`, `run` and `response_error` name columns or variables, for files that
    do not use hiddenlaw's own names; standard errors called `response_error`, or
    `<response>_error`, are read without being named. With `allow_missing` NaN (in a CSV also an
    empty field) in the response are missing samples. With `resample` all runs are put on an even
    grid of this step (`Dataset.resampled`), which an uneven one needs. `dx` is the step of the
    samples, for files that do not say where they are. `units` are those of channels or grid by
    their names, in place of what files say; an empty one takes a unit away.

    No code in a file is ever run, and no file, whatever its bytes, takes more than seconds or more
    memory than `hiddenlaw.io._limits` allows. Raises `FormatError` for a file that is missing,
    damaged, too large, of an unknown format or without a named column, and `DataError` for data
    that no dataset can hold, and for files that disagree in channels, steps or units.
    """
    columns = Columns(_tuple(input), _tuple(response), x, run, _tuple(response_error), resample, dx)
    one = isinstance(path, str | os.PathLike)
    paths = [Path(path)] if one else [Path(each) for each in path]
    if not paths:
        raise FormatError("no file is named; give one path or several")
    if len(paths) == 1:
        found = _load(paths[0], columns, allow_missing)
    else:
        found = load_several(paths, lambda each: _load(each, columns, allow_missing))
    return replace(found, units={**found.units, **units}) if units else found


def _load(path: Path, columns: Columns, allow_missing: bool) -> Dataset:
    """Read one file. Raises `FormatError` and `DataError`, with one line each."""
    try:
        format = _format_of_existing(path)
        # Numbers near the limits of float64 overflow in a check; what matters is what it finds.
        with np.errstate(all="ignore"):
            dataset = format.read(path, columns, allow_missing=allow_missing)
            if columns.dx is not None:
                dataset = in_steps(dataset, columns.dx)
            step = columns.resample
            if step is not None and abs(dataset.dx - step) > 1e-6 * step:
                dataset = dataset.resampled(step)  # its format knows nothing of that
            current().notes += dataset.remarks
            return dataset
    except HiddenlawError as problem:
        line = told_plainly(str(problem))
        if line == str(problem):
            raise
        raise type(problem)(line) from problem
    except MemoryError:
        raise FormatError(f"{path} does not fit into memory; save fewer runs in a file") from None


def _format_of_existing(path: Path) -> Format:
    """The format of a file that can be opened and is not empty. Raises `FormatError`."""
    try:
        if path.is_dir():
            raise FormatError(f"{path} is a folder; name a file in it")
        if not path.exists():
            raise FormatError(f"no such file: {path}")
        format = format_of(path)
        if not path.is_file():
            raise FormatError(f"{path} is no plain file; copy what it gives into one")
        with path.open("rb") as file:
            empty = not file.read(1)
    except (OSError, ValueError) as problem:
        if isinstance(problem, FormatError):
            raise
        reason = getattr(problem, "strerror", None) or one_line(problem)
        raise FormatError(f"cannot read {path}: {reason}") from problem
    if empty:
        raise FormatError(f"{path} is empty; write it anew")
    return format


def save(dataset: Dataset, path: str | os.PathLike[str]) -> None:
    """Write a dataset, whole or not at all; the suffix of `path` chooses the format.

    NetCDF and NPZ keep everything; CSV keeps numbers, their errors and names, not units, hold or
    truth. Missing folders are made. Raises `FormatError`.
    """
    path = Path(path)
    if path.is_dir():
        raise FormatError(f"cannot write {path}: it is a folder; name a file in it")
    format = format_of(path, writing=True)
    write_whole(path, lambda temporary: format.write(dataset, temporary))


def _tuple(names: str | Sequence[str] | None) -> tuple[str, ...] | None:
    if names is None or len(names) == 0:
        return None
    return (names,) if isinstance(names, str) else tuple(names)
