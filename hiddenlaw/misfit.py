"""How far an answer is from the measured response: over all runs, and run by run.

Mean squares over the samples that were seen, relative to the variance of the response; all
channels count alike.
"""

import numpy as np
from jaxtyping import Float

from hiddenlaw.dataset import Dataset


def relative_error(answer: Float[np.ndarray, "run site response"], data: Dataset) -> float:
    """Mean square error over the variance pooled over all runs."""
    square = (answer - data.response) ** 2 / data.variance
    return float(np.mean(square[data.observed]))


def squares_by_run(
    answer: Float[np.ndarray, "run site response"], data: Dataset
) -> Float[np.ndarray, " run"]:
    """Each run's mean square error over the variance pooled over all runs."""
    square = (answer - data.response) ** 2 / data.variance
    return np.nanmean(square.reshape(len(square), -1), axis=1)


def run_errors(
    answer: Float[np.ndarray, "run site response"], data: Dataset
) -> Float[np.ndarray, " run"]:
    """Each run's mean square error over its own variance."""
    own = np.maximum(np.nanvar(data.response, axis=1), 1e-300)
    square = (answer - data.response) ** 2 / own[:, None]
    return np.nanmean(square.reshape(len(square), -1), axis=1)
