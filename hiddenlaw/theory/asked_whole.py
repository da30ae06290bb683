"""Answers to whole data: a `Dataset`, what one was written to, and files."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.grid import same_step
from hiddenlaw.data.layout import FORMAT, fields_of
from hiddenlaw.errors import DataError, FormatError, option


def are_paths(data: Any) -> bool:
    """Whether it is a path, or a list of such."""
    if isinstance(data, list | tuple):
        return bool(data) and all(map(are_paths, data))
    return isinstance(data, str | os.PathLike)


def is_written(data: Any) -> bool:
    """Whether `Dataset.to_xarray` laid it out."""
    return getattr(data, "attrs", {}).get("format") == FORMAT


def of_written(asking: Any, table: Any, given: Any) -> Any:
    """An xarray Dataset as `Dataset.to_xarray` gives it, with the answer as its response."""
    data = Dataset(**{**fields_of(table), "allow_missing": True})
    return of_dataset(asking, data, given).to_xarray()


def of_files(asking: Any, paths: Any, given: Any) -> Dataset:
    """The runs of one file or several, with the answer as their response.

    Columns are those that the law knows, else those that the files themselves call input and
    response. Raises `FormatError` and `DataError`.
    """
    from hiddenlaw.io import load

    try:
        data = load(paths, input=asking.inputs, response=asking.responses, allow_missing=True)
    except FormatError as problem:
        try:
            data = load(paths, allow_missing=True)
        except FormatError:
            raise problem from None
    return of_dataset(asking, data, given)


def of_dataset(asking: Any, data: Dataset, given: Any) -> Dataset:
    """The same runs with the answer as their response, without errors and truth.

    Inputs go by their names, or by their order where they have others. Runs that are shorter than
    others are answered as if their input stayed as it was. Raises `DataError` for a grid of another
    step.
    """
    if not same_step(data.dx, asking.dx, data.jitter, data.sites):
        raise DataError(
            f"{data.source or 'the data'} has dx = {data.dx:.9g} and the law was found at "
            f"{asking.dx:.9g}: a law moves its state by steps of its own; put the data on that "
            f"grid with {option('resample', asking.dx)}"
        )
    if isinstance(given, Dataset):
        given = given.response
    order = range(data.input.shape[2])
    if set(data.input_names) == set(asking.inputs):
        order = [data.input_names.index(name) for name in asking.inputs]
    answer = asking.answer(data.input[..., list(order)], given)
    names = tuple(asking.responses)
    kept = (*data.input_names, data.x_name)
    units = {name: unit for name, unit in data.units.items() if name in kept}
    units |= {name: unit for name, unit in asking.units.items() if name in names}
    return replace(
        data,
        response=answer,
        response_names=names,
        response_error=None,
        truth=None,
        units=units,
        hold=asking.hold,
        allow_missing=False,
    )
