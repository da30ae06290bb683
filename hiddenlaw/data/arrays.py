"""The fields of a dataset from arrays, or from lists with an array for each run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hiddenlaw.data.checks import (
    as_numbers,
    channel_names,
    check_errors,
    check_finite,
    check_shapes,
)
from hiddenlaw.data.grid import common_grid
from hiddenlaw.data.padding import filled_up, inside_of, missing_behind
from hiddenlaw.data.resampling import Runs, resampled
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
    hold: str = "zero",
    labels: Sequence[str] | None = None,
    resample: float | None = None,
    held: bool | None = None,
    remarks: Sequence[str] = (),
    **others: Any,
) -> dict[str, Any]:
    """What `Dataset.from_arrays` is told, as the fields of a dataset.

    `labels` are what the runs are called where they are not counted; `held` says of the inputs how
    they are resampled. Raises `DataError`.
    """
    inputs, responses, errors, inside = arrays_of(
        input, response, response_error, allow_missing=allow_missing
    )
    sites = np.full(len(inputs), inputs.shape[1]) if inside is None else inside.sum(axis=1)
    labels = labels or [str(run) for run in range(len(inputs))]
    names = {
        "input_names": channel_names("u", input_names, inputs.shape[2]),
        "response_names": channel_names("y", response_names, responses.shape[2]),
        "x_name": x_name,
    }
    if resample is not None:
        if not (allow_missing or inside is not None):
            check_finite("response", responses, names["response_names"], missing=True)
        check_finite("input", inputs, names["input_names"])
        if held is None and hold != "zero":
            held = False
        own = Runs(_grids(x, dx, x_name, sites), *_by_run(sites, inputs, responses, errors))
        new = resampled(own, resample, labels=labels, held=held, **names)
        x, dx, truth, remarks = new.x, None, None, [*remarks, *new.remarks]
        inputs, responses, errors, sites = _filled_up(new)
        allow_missing = bool(allow_missing or np.isnan(responses).any())
    grid, jitter, said = _grid(x, dx, x_name, sites, labels)
    states: Mapping[str, np.ndarray] = {} if truth is None else truth.states
    check_shapes(grid, inputs, responses, states)
    check_errors(errors, responses, names["response_names"])
    return {**others, **names} | {
        "hold": hold,
        "x": grid,
        "input": inputs,
        "response": responses,
        "truth": truth,
        "response_error": errors,
        "allow_missing": allow_missing or inside is not None,
        "jitter": jitter,
        "remarks": (*remarks, *said),
    }


def fields_resampled(
    fields: Mapping[str, Any], step: float, held: bool | None = None
) -> dict[str, Any]:
    """The fields of a dataset with their runs on an even grid of this step. Raises `DataError`."""
    given = dict(fields) | {"dx": None, "resample": step, "held": held}
    given.pop("jitter", None)
    return fields_given(given.pop("input"), given.pop("response"), **given)


def _grid(
    x: Any, dx: float | None, name: str, sites: np.ndarray, labels: Sequence[str]
) -> tuple[np.ndarray, float, list[str]]:
    """The grid of all runs, of so many sites each; its jitter and what there is to say of it."""
    if x is not None and dx is not None:
        raise DataError("both x and dx are given; give one of them")
    if x is not None:
        own = _own_grids(x, name)
        if own is None:
            return as_numbers("x", x), 0.0, []
        _check_sites(own, sites, name)
        return common_grid(own, labels, name)
    step = 1.0 if dx is None else float(dx)
    if not (np.isfinite(step) and step > 0):
        raise DataError(f"dx is {step:g}; it must be a positive number")
    return step * np.arange(1, int(sites.max()) + 1), 0.0, []


def _own_grids(x: Any, name: str) -> list[np.ndarray] | None:
    """The grid of each run, where x has one for each; None for one that all share."""
    try:
        if isinstance(x, list | tuple) and all(np.ndim(grid) == 1 for grid in x):
            return [as_numbers(name, grid) for grid in x]
        return list(as_numbers(name, x)) if np.ndim(x) == 2 else None
    except ValueError:  # of lists in lists
        return None


def _grids(x: Any, dx: float | None, name: str, sites: np.ndarray) -> list[np.ndarray]:
    """The grid of each run, whatever its steps."""
    own = None if x is None else _own_grids(x, name)
    if own is None:
        shared = as_numbers(name, x) if x is not None and dx is None else None
        shared = _grid(x, dx, name, sites, [])[0] if shared is None else shared
        own = [shared[:count] for count in sites]
    _check_sites(own, sites, name)
    return own


def _check_sites(own: Sequence[np.ndarray], sites: np.ndarray, name: str) -> None:
    if [len(grid) for grid in own] != sites.tolist():
        raise DataError(
            f"{name} has runs of {_listed([len(grid) for grid in own])} sites and the data of "
            f"{_listed(sites.tolist())}; give every site its value"
        )


def _by_run(sites: np.ndarray, *arrays: np.ndarray | None) -> list[Any]:
    """Arrays (run, site, channel) as lists of runs without what is behind their ends."""
    return [
        None if array is None else [run[:count] for run, count in zip(array, sites, strict=True)]
        for array in arrays
    ]


def _filled_up(runs: Runs) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, np.ndarray]:
    """Input, response and errors as (run, site, channel), and how many sites each run has."""
    sites = np.array([len(grid) for grid in runs.x])
    responses = missing_behind(filled_up(runs.response), inside_of(sites))
    errors = None if runs.error is None else filled_up(runs.error)
    return filled_up(runs.input), responses, errors, sites


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:10])) + (", …" if len(numbers) > 10 else "")
