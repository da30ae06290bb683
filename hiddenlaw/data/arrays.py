"""The fields of a dataset from arrays, or from lists with an array for each run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hiddenlaw.data.checks import as_numbers, channel_names, check_errors, check_shapes
from hiddenlaw.data.grid import common_grid
from hiddenlaw.data.runs import arrays_of
from hiddenlaw.data.truth import Truth
from hiddenlaw.errors import DataError


def fields_given(
    input: Any,
    response: Any,
    *,
    x: Any,
    dx: float | None,
    input_names: str | Sequence[str] | None,
    response_names: str | Sequence[str] | None,
    x_name: str,
    truth: Truth | None,
    response_error: Any,
    allow_missing: bool,
    labels: Sequence[str] | None = None,
    **others: Any,
) -> dict[str, Any]:
    """What `Dataset.from_arrays` is told, as the fields of a dataset.

    `labels` are what the runs are called where they are not counted. Raises `DataError`.
    """
    inputs, responses, errors, inside = arrays_of(
        input, response, response_error, allow_missing=allow_missing
    )
    sites = np.full(len(inputs), inputs.shape[1]) if inside is None else inside.sum(axis=1)
    grid, jitter, remarks = _grid(x, dx, x_name, sites, labels)
    states: Mapping[str, np.ndarray] = {} if truth is None else truth.states
    check_shapes(grid, inputs, responses, states)
    outputs = channel_names("y", response_names, responses.shape[2])
    check_errors(errors, responses, outputs)
    return others | {
        "x": grid,
        "x_name": x_name,
        "input": inputs,
        "response": responses,
        "input_names": channel_names("u", input_names, inputs.shape[2]),
        "response_names": outputs,
        "truth": truth,
        "response_error": errors,
        "allow_missing": allow_missing or inside is not None,
        "jitter": jitter,
        "remarks": tuple(remarks),
    }


def _grid(
    x: Any, dx: float | None, name: str, sites: np.ndarray, labels: Sequence[str] | None
) -> tuple[np.ndarray, float, list[str]]:
    """The grid of all runs, of so many sites each; its jitter and what there is to say of it."""
    if x is not None and dx is not None:
        raise DataError("both x and dx are given; give one of them")
    if x is not None:
        own = _own_grids(x, name)
        if own is None:
            return as_numbers("x", x), 0.0, []
        if [len(grid) for grid in own] != sites.tolist():
            raise DataError(
                f"{name} has runs of {_listed([len(grid) for grid in own])} sites and the data of "
                f"{_listed(sites.tolist())}; give every site its value"
            )
        return common_grid(own, labels or [str(run) for run in range(len(own))], name)
    step = 1.0 if dx is None else float(dx)
    if not (np.isfinite(step) and step > 0):
        raise DataError(f"dx is {step:g}; it must be a positive number")
    return step * np.arange(1, int(sites.max()) + 1), 0.0, []


def _own_grids(x: Any, name: str) -> list[np.ndarray] | None:
    """The grid of each run, where x has one for each; None for one that all share."""
    if isinstance(x, list | tuple) and all(np.ndim(grid) == 1 for grid in x):
        return [as_numbers(name, grid) for grid in x]
    return list(as_numbers(name, x)) if np.ndim(x) == 2 else None


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:10])) + (", …" if len(numbers) > 10 else "")
