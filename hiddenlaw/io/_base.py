"""The contract of a file format, and how a file is written whole or not at all."""

from __future__ import annotations

import abc
import contextlib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from hiddenlaw.dataset import Dataset
from hiddenlaw.errors import DataError, FormatError


@dataclass(frozen=True)
class Columns:
    """Which columns or variables of a file to read; None leaves the choice to the format.

    - `input`, `response`: names of the channels, in order.
    - `x`: name of the grid.
    - `run`: name of what numbers the runs (a column of a table, a dimension of an array).
    """

    input: tuple[str, ...] | None = None
    response: tuple[str, ...] | None = None
    x: str | None = None
    run: str | None = None


class Format(abc.ABC):
    """One file format: its name, the suffixes it goes by, a reader and a writer.

    `read` raises `FormatError` for a file that is damaged or lacks a named column, and lets the
    `DataError` of a `Dataset` through. `write` creates the file at the path it is given; that it
    appears whole is the caller's business (`write_whole`).
    """

    name: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    carries_truth: ClassVar[bool] = True

    @abc.abstractmethod
    def read(self, path: Path, columns: Columns) -> Dataset: ...

    @abc.abstractmethod
    def write(self, dataset: Dataset, path: Path) -> None: ...


def write_whole(path: str | os.PathLike[str], callback: Callable[[Path], object]) -> None:
    """Let `callback` write a temporary file beside `path`, then rename it onto `path`.

    Missing folders are made. Whatever goes wrong, `path` holds either what it held before or the
    whole new file. Raises `FormatError` where the system refuses.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        callback(temporary)
        os.replace(temporary, path)
    except OSError as problem:
        reason = problem.strerror or one_line(problem)
        raise FormatError(f"cannot write {path}: {reason}") from problem
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def one_line(problem: BaseException) -> str:
    """What an exception of another library says, on one line."""
    text = " ".join(str(problem).split())
    return text or type(problem).__name__


def no_such_column(path: Path, name: str, option: str, known: list[str]) -> FormatError:
    """The error for a column that was named but is not in the file."""
    listed = ", ".join(known) if known else "none"
    return FormatError(f"{path} has no column {name!r} (it has {listed}); name it with {option}")


def choose(path: Path, columns: Columns, known: list[str]) -> Columns:
    """The columns to read among those `known`: the named ones, else those called input/response."""
    chosen = {}
    for kind, named in (("input", columns.input), ("response", columns.response)):
        for name in named or ():
            if name not in known:
                raise no_such_column(path, name, f"--{kind}", known)
        if named is None and kind not in known:
            raise no_such_column(path, kind, f"--{kind}", known)
        chosen[kind] = named or (kind,)
    return Columns(chosen["input"], chosen["response"], columns.x, columns.run)


def select_channels(path: Path, columns: Columns, dataset: Dataset) -> Dataset:
    """The dataset with only the named channels; either role may be given to any channel."""
    if columns.input is None and columns.response is None:
        return dataset
    known = [*dataset.input_names, *dataset.response_names]
    inputs = columns.input or dataset.input_names
    responses = columns.response or dataset.response_names
    choose(path, Columns(inputs, responses), known)
    values = np.concatenate([dataset.input, dataset.response], axis=2)
    kept = (*inputs, *responses, dataset.x_name)
    return replace(
        dataset,
        input=values[:, :, [known.index(name) for name in inputs]],
        response=values[:, :, [known.index(name) for name in responses]],
        input_names=inputs,
        response_names=responses,
        units={name: unit for name, unit in dataset.units.items() if name in kept},
    )


def join_channels(
    names: tuple[str, ...], variables: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Several variables of shape (runs, sites) or (runs, sites, channels) as one, with names.

    A variable V of several channels gives the names V1, V2, ...
    """
    arrays, channel_names = [], []
    for name in names:
        array = variables[name]
        if array.ndim == 2:
            array = array[:, :, np.newaxis]
        if array.ndim != 3:
            raise DataError(
                f"{name} has shape {array.shape}; it must be (runs, sites) or "
                "(runs, sites, channels)"
            )
        if arrays and array.shape[:2] != arrays[0].shape[:2]:
            raise DataError(
                f"{name} has {array.shape[:2]} runs and sites but {names[0]} has "
                f"{arrays[0].shape[:2]}; they must be the same"
            )
        count = array.shape[2]
        arrays.append(array)
        channel_names += [name] if count == 1 else [f"{name}{c + 1}" for c in range(count)]
    return np.concatenate(arrays, axis=2), tuple(channel_names)
