"""Which columns, arrays or variables become input, response and its errors; the same everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from hiddenlaw.data.columns import NoSuchColumn as NoSuchColumn
from hiddenlaw.data.columns import no_such_column as no_such_column
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import DataError, FormatError, option
from hiddenlaw.io._base import Columns


def choose(path: Path, columns: Columns, known: list[str]) -> Columns:
    """The columns to read among those `known`: the named ones, else those called input/response."""
    chosen = {}
    for kind, named in (("input", columns.input), ("response", columns.response)):
        for name in named or ():
            if name not in known:
                raise no_such_column(path, name, kind, known)
        if named is None and kind not in known:
            raise no_such_column(path, kind, kind, known)
        chosen[kind] = named or (kind,)
    # What has another part to play holds no errors, whatever it is called.
    parts = (*chosen["input"], *chosen["response"], columns.x, columns.run)
    free = known if columns.response_error else [name for name in known if name not in parts]
    errors = _choose_errors(path, columns.response_error, chosen["response"], free)
    return replace(columns, **chosen, response_error=errors)


def _choose_errors(
    path: Path, named: tuple[str, ...] | None, responses: tuple[str, ...], known: list[str]
) -> tuple[str, ...] | None:
    """What holds the standard errors of these responses among those `known`, or None.

    The named ones, else `<response>_error` for every response. Raises `FormatError` where some
    responses have one and others have none.
    """
    for name in named or ():
        if name not in known:
            raise no_such_column(path, name, "response_error", known)
    if named is not None:
        if len(named) != len(responses):
            raise FormatError(
                f"{len(named)} errors are named ({', '.join(named)}) for {len(responses)} "
                f"responses ({', '.join(responses)}); name one each, in their order, with "
                f"{option('response_error')}"
            )
        return named
    usual = tuple(f"{name}_error" for name in responses)
    there = [name for name in usual if name in known]
    if there and len(there) < len(usual):
        lacking = next(name for name in usual if name not in known)
        raise FormatError(
            f"{path} has {there[0]} but no {lacking}; give the errors of every response, or rename "
            "those that are there"
        )
    return usual if there else None


def select_channels(
    path: Path, columns: Columns, dataset: Dataset, others: Mapping[str, np.ndarray] | None = None
) -> Dataset:
    """The dataset with only the named channels; either role may be given to any channel.

    Errors that are named come from a channel or from one of the `others`, arrays of the file that
    are no channel; else those of the chosen responses are kept.
    """
    if columns.input is None and columns.response is None and columns.response_error is None:
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
        response_error=_selected_errors(
            path,
            columns.response_error,
            responses,
            dataset,
            {name: values[:, :, c] for c, name in enumerate(known)} | dict(others or {}),
        ),
    )


def _selected_errors(
    path: Path,
    named: tuple[str, ...] | None,
    responses: tuple[str, ...],
    dataset: Dataset,
    arrays: Mapping[str, np.ndarray],
) -> np.ndarray | None:
    if named is not None:
        for name in named:
            if name not in arrays:
                raise no_such_column(path, name, "response_error", list(arrays))
        return join_channels(named, arrays)[0]
    owners = [name for name in responses if name in dataset.response_names]
    if dataset.response_error is None or not owners:
        return None
    without = [name for name in responses if name not in owners]
    if without:
        raise FormatError(
            f"{path} has the errors of {owners[0]} but none of {without[0]}; name them with "
            f"{option('response_error')}"
        )
    return dataset.response_error[:, :, [dataset.response_names.index(name) for name in owners]]


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
