"""Is there a law to find at all? Decided by held-out prediction before any theory is sought."""

from dataclasses import dataclass

import numpy as np

from hiddenlaw.cells import Monomials
from hiddenlaw.dataset import Dataset
from hiddenlaw.misfit import relative_error

_WORTHLESS = 0.9  # of the variance: what predicts no better predicts nothing
_NEEDED = 0.8  # of the static map's error: memory that gains less is none


@dataclass(frozen=True)
class Verdict:
    """`law`, `memoryless` or `none`, and a sentence why; errors relative to the variance."""

    verdict: str
    reason: str
    static_error: float


def static_error(train: Dataset, heldout: Dataset, degree: int = 6) -> float:
    """Held-out error of the best map from the input to the response at the same site.

    A polynomial of total degree `degree` (3 for several channels) in the scaled inputs.
    """
    channels = train.input.shape[2]
    low, high = train.input_range.T
    monomials = Monomials.spanning(low, high, degree if channels == 1 else 3)
    answer = np.empty(heldout.response.shape)
    for output in range(len(heldout.response_names)):
        seen = train.observed[..., output]
        features = np.asarray(monomials(train.input[seen]))
        weights = np.linalg.lstsq(features, train.response[seen][:, output], rcond=None)[0]
        answer[..., output] = np.asarray(monomials(heldout.input)) @ weights
    return relative_error(answer, heldout)


def judge(train: Dataset, heldout: Dataset, translator_error: float) -> Verdict:
    """Compare the translator with the best static map and with the mean, on held-out runs."""
    static = static_error(train, heldout)
    figures = (
        f"held-out error of the translator {translator_error:.2g}, of a static map {static:.2g}"
    )
    if min(static, translator_error) > _WORTHLESS:
        return Verdict("none", f"nothing predicts held-out runs: {figures} of the variance", static)
    if translator_error > _NEEDED * static:
        return Verdict(
            "memoryless",
            f"the input at the same site alone explains the response as well: {figures}",
            static,
        )
    return Verdict("law", f"the response remembers its input: {figures} of the variance", static)
