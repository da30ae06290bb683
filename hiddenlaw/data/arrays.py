"""The fields of a dataset from arrays, or from lists with an array for each run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hiddenlaw.data.checks import (
    channel_names,
    check_errors,
    check_finite,
    check_shapes,
)
from hiddenlaw.data.dates import told
from hiddenlaw.data.gaps import cut_at_gaps
from hiddenlaw.data.given_grids import as_grids, each_grid, one_grid
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
    units: Mapping[str, str] | None = None,
    labels: Sequence[str] | None = None,
    resample: float | None = None,
    held: bool | None = None,
    remarks: Sequence[str] = (),
    **others: Any,
) -> dict[str, Any]:
    """What `Dataset.from_arrays` is told, as the fields of a dataset. `labels` are what runs are
    called if not counted; `held` says how inputs are resampled. Raises `DataError`.
    """
    inputs, responses, errors, inside = arrays_of(input, response, response_error, allow_missing)
    _check_one(x, dx)
    x, dates = as_grids(x, x_name)
    units = dict(units or {}) | ({x_name: "s"} if dates else {})
    remarks = [*remarks, told(x_name)] if dates else list(remarks)
    sites = np.full(len(inputs), inputs.shape[1]) if inside is None else inside.sum(axis=1)
    labels = labels or [str(run) for run in range(len(inputs))]
    named = {"u": (input_names, inputs), "y": (response_names, responses)}
    names = _named(named, x_name)
    if resample is not None:
        _check_samples(inputs, responses, names, missing=allow_missing or inside is not None)
        parts = _by_run(sites, inputs, responses, errors)
        own, labels = cut_at_gaps(Runs(each_grid(x, dx, x_name, sites), *parts), labels, x_name)
        if len(labels) > len(sites):
            others["run_names"] = tuple(f"run {label}" for label in labels)
        new = resampled(own, resample, labels=labels, held=_held(held, hold), **names)
        x, dx, truth, remarks = list(new.x), None, None, [*remarks, *new.remarks]
        inputs, responses, errors, sites = _filled_up(new)
        allow_missing = bool(allow_missing or np.isnan(responses).any())
    grid, jitter, said = one_grid(x, dx, x_name, sites, labels)
    check_shapes(grid, inputs, responses, {} if truth is None else truth.states)
    check_errors(errors, responses, names["response_names"])
    return {**others, **names} | {
        "hold": hold,
        "units": units,
        "x": grid,
        "input": inputs,
        "response": responses,
        "truth": truth,
        "response_error": errors,
        "allow_missing": allow_missing or inside is not None,
        "jitter": jitter,
        "remarks": (*remarks, *said),
    }


def _named(
    channels: Mapping[str, tuple[str | Sequence[str] | None, np.ndarray]], x_name: str
) -> dict[str, Any]:
    """The names of inputs, responses and x: as given, or by the letter that they go by."""
    ours = [channel_names(letter, given, of.shape[2]) for letter, (given, of) in channels.items()]
    return {"input_names": ours[0], "response_names": ours[1], "x_name": x_name}


def fields_resampled(
    fields: Mapping[str, Any], step: float, held: bool | None = None
) -> dict[str, Any]:
    """The fields of a dataset with their runs on an even grid of this step. Raises `DataError`."""
    given = dict(fields) | {"dx": None, "resample": step, "held": held}
    given.pop("jitter", None)
    return fields_given(given.pop("input"), given.pop("response"), **given)


def _check_one(x: Any, dx: float | None) -> None:
    if x is not None and dx is not None:
        raise DataError("both x and dx are given; give one of them")


def _held(held: bool | None, hold: str) -> bool | None:
    """Whether inputs are held between samples; None where these have to say."""
    return held if hold == "zero" else bool(held)


def _check_samples(
    inputs: np.ndarray, responses: np.ndarray, names: Mapping[str, Any], *, missing: bool
) -> None:
    """Raise `DataError` for what is not finite, before it gets into other samples."""
    check_finite("input", inputs, names["input_names"])
    if not missing:
        check_finite("response", responses, names["response_names"], missing=True)


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
