"""Runs of unequal lengths, filled up to the longest.

Behind its end a run's input stays as it was, and so do the errors of its response; the response
itself is missing there, so that it counts nothing in any fit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Int


def filled_up(runs: Sequence[np.ndarray]) -> Float[np.ndarray, "run site ..."]:
    """The runs, (sites, ...) each, as one array; behind the end of each stand its last values."""
    longest = max(map(len, runs))
    return np.stack([np.concatenate([run, run[-1:].repeat(longest - len(run), 0)]) for run in runs])


def inside_of(lengths: Sequence[int] | Int[np.ndarray, " run"]) -> Bool[np.ndarray, "run site"]:
    """Which sites lie within runs of these lengths."""
    return np.arange(max(lengths)) < np.asarray(lengths)[:, np.newaxis]


def missing_behind(
    response: Float[np.ndarray, "run site channel"], inside: Bool[np.ndarray, "run site"]
) -> Float[np.ndarray, "run site channel"]:
    """The response with NaN behind the end of every run."""
    return np.where(inside[..., np.newaxis], response, np.nan)
