"""How far an answer is from the measured response: over all runs, and run by run.

Mean squares over the samples that were seen, relative to the variance of the response; all
channels count alike. Where the data bring errors, samples count by them.
"""

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.thresholds import TINY

_SURE = 3.5  # standard errors of a correlation that is none


def relative_error(answer: Float[np.ndarray, "run site response"], data: Dataset) -> float:
    """Mean square error over the variance pooled over all runs."""
    weight = data.weight
    return float(np.sum(_squares(answer, data) * weight / data.variance) / np.sum(weight))


def squares_by_run(
    answer: Float[np.ndarray, "run site response"], data: Dataset
) -> Float[np.ndarray, " run"]:
    """Each run's mean square error over the variance pooled over all runs."""
    return _by_run(_squares(answer, data) / data.variance, data)


def run_errors(
    answer: Float[np.ndarray, "run site response"], data: Dataset
) -> Float[np.ndarray, " run"]:
    """Each run's mean square error over its own variance; NaN for a run that has none."""
    own = np.nanvar(data.response, axis=1, keepdims=True)
    own = np.where(data.observed.sum(axis=1, keepdims=True) > 1, own, np.nan)
    return _by_run(_squares(answer, data) / np.maximum(own, TINY), data)


def autocorrelation(left: Float[np.ndarray, "run site response"], sites: int) -> float:
    """The correlation of residuals so many sites apart, missing ones being NaN; 0 if luck."""
    product = left[:, sites:] * left[:, :-sites]
    count, square = int(np.isfinite(product).sum()), float(np.nanmean(left**2))
    if not count or not square > 0:
        return 0.0
    found = float(np.nanmean(product)) / square
    return found if abs(found) * np.sqrt(count) > _SURE else 0.0


def _squares(answer: np.ndarray, data: Dataset) -> np.ndarray:
    """Squares of what is not answered; 0 where nothing was measured."""
    return np.where(data.observed, answer - np.where(data.observed, data.response, 0.0), 0.0) ** 2


def _by_run(square: np.ndarray, data: Dataset) -> np.ndarray:
    weight = data.weight
    return np.sum(square * weight, axis=(1, 2)) / np.sum(weight, axis=(1, 2))
