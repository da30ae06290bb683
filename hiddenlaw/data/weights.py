"""What every sample of a response counts in a fit, by its standard error."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

from hiddenlaw.data.thresholds import TINY


def weights_of(
    response: Float64[np.ndarray, "run site response"],
    error: Float64[np.ndarray, "run site response"] | None,
) -> Float64[np.ndarray, "run site response"]:
    """1 for all samples alike and 0 where one is missing; with `error` by its inverse square.

    More exactly by the variance of the channel over the squared error, scaled to a mean of 1 over
    the samples that are there.
    """
    seen = np.isfinite(response)
    if error is None:
        return seen.astype(float)
    # By logarithms: squares of what a file may hold can overflow.
    size = np.maximum(np.nanmax(np.abs(response), axis=(0, 1)), TINY)
    deviation = np.nanstd(response / size, axis=(0, 1))
    deviation = np.log(np.where(deviation > 0, deviation, 1.0)) + np.log(size)
    ratio = deviation - np.log(np.where(seen, error, 1.0))
    precision = np.where(seen, np.exp(2 * (ratio - ratio[seen].max())), 0.0)
    return precision * (seen.sum() / precision.sum())
