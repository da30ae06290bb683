"""What a theory answers to runs whose response nobody gave, and to runs whose first samples are.

A theory whose runs start alike knows where a new one starts. One that was found in a record does
not: there every window starts from wherever the record is then. Without a look at the response the
best guess is the mean of those starts, which for a record that is stationary is its mean state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Float

from hiddenlaw.errors import DataError
from hiddenlaw.preparations import Shared
from hiddenlaw.theory.theory import Theory


def from_the_middle(theory: Theory) -> Theory:
    """The same theory, all of whose runs start from the mean of the starts it was fitted with."""
    before = theory.law.preparation
    start = before.starts(before.count).mean(axis=0)
    return replace(theory, law=theory.law.but(preparation=Shared(start)))


def answered(
    theory: Theory,
    X: Float[np.ndarray, "sample feature"],
    runs: Sequence[slice],
    known: Float[np.ndarray, "sample response"] | None,
) -> Float[np.ndarray, "sample response"]:
    """The responses run by run. `known` holds what is given of them, NaN elsewhere; None where
    nothing is. A run of which nothing is given starts from the middle.
    """
    middle = from_the_middle(theory) if theory.own_starts else theory
    found = []
    for run in runs:
        given = None if known is None else known[run]
        if given is None or not np.isfinite(given).any():
            found.append(middle.answer(X[run][None])[0])
        else:
            found.append(theory.answer(X[run][None], given[None])[0])
    return np.concatenate([answer.reshape(len(answer), -1) for answer in found])


def known_of(
    y_context: Any, samples: int, responses: int, runs: Sequence[slice], context: int | None
) -> Float[np.ndarray, "sample response"]:
    """What is known of the response, (samples, responses), NaN elsewhere.

    `y_context` has the response's first rows if there is one run, else a row for every sample. Of
    each run its first `context` samples are taken, all that are given without one. Raises
    `DataError` for another shape, and for what is infinite.
    """
    values = np.asarray(y_context, dtype=np.float64)
    values = values[:, None] if values.ndim == 1 else values
    most = "at most " if len(runs) == 1 else ""
    fits = values.ndim == 2 and values.shape[1] == responses and len(values) <= samples
    if not fits or (len(runs) > 1 and len(values) < samples):
        raise DataError(
            f"y_context has shape {np.shape(y_context)}; give ({most}{samples}, {responses}), NaN "
            "where nothing is known"
        )
    if np.isinf(values).any():
        raise DataError("y_context holds infinite values; give NaN where nothing is known")
    known = np.full((samples, responses), np.nan)
    known[: len(values)] = values
    for run in runs if context is not None else ():
        known[run][context:] = np.nan
    return known
