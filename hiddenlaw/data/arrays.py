"""The fields of a dataset from arrays, or from lists with an array for each run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hiddenlaw.data.checks import as_numbers, channel_names, check_errors, check_shapes
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
    truth: Truth | None,
    response_error: Any,
    allow_missing: bool,
    **others: Any,
) -> dict[str, Any]:
    """What `Dataset.from_arrays` is told, as the fields of a dataset. Raises `DataError`."""
    inputs, responses, errors, inside = arrays_of(
        input, response, response_error, allow_missing=allow_missing
    )
    grid = _grid(x, dx, inputs.shape[1])
    states: Mapping[str, np.ndarray] = {} if truth is None else truth.states
    check_shapes(grid, inputs, responses, states)
    outputs = channel_names("y", response_names, responses.shape[2])
    check_errors(errors, responses, outputs)
    return others | {
        "x": grid,
        "input": inputs,
        "response": responses,
        "input_names": channel_names("u", input_names, inputs.shape[2]),
        "response_names": outputs,
        "truth": truth,
        "response_error": errors,
        "allow_missing": allow_missing or inside is not None,
    }


def _grid(x: Any, dx: float | None, sites: int) -> np.ndarray:
    if x is not None and dx is not None:
        raise DataError("both x and dx are given; give one of them")
    if x is not None:
        return as_numbers("x", x)
    step = 1.0 if dx is None else float(dx)
    if not (np.isfinite(step) and step > 0):
        raise DataError(f"dx is {step:g}; it must be a positive number")
    return step * np.arange(1, sites + 1)
