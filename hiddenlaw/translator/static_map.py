"""The best answer without memory: a map from the input to the response at the same site."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import Monomials
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.misfit import relative_error

_DEGREES = {1: (1, 2, 3, 6, 10), 2: (1, 2, 3, 6)}  # of static polynomials, by input channels
_KNOTS = 24


def static_answer(
    train: Dataset, heldout: Dataset
) -> tuple[Float[np.ndarray, "run site response"], float, int]:
    """The best answer that the input at the same site gives on held-out runs, and its error.

    Last, how many constants the map has.

    Polynomials of several degrees and, for one input channel, a cubic spline; which is best the
    held-out runs themselves decide, in favour of the static map.
    """
    maps = list(_static_features(train))
    answers = [_fitted(train, heldout, features) for features in maps]
    errors = [relative_error(answer, heldout) for answer in answers]
    best = int(np.argmin(errors))
    constants = maps[best](train.input[:1, :1]).shape[-1] * len(train.response_names)
    return answers[best], errors[best], constants


def _static_features(train: Dataset):
    """Functions from inputs (…, channel) to features (…, feature)."""
    low, high = train.input_range.T
    channels = len(low)
    for degree in _DEGREES.get(channels, (1, 2, 3)):
        monomials = Monomials.spanning(low, high, degree)
        yield lambda v, m=monomials: np.asarray(m(v))
    if channels == 1:
        margin = 1e-9 * max(high[0] - low[0], 1e-300)
        inner = np.linspace(low[0] - margin, high[0] + margin, _KNOTS)
        knots = np.concatenate([[inner[0]] * 3, inner, [inner[-1]] * 3])

        def spline(v: np.ndarray) -> np.ndarray:
            return _cubic_splines(np.clip(v[..., 0], inner[0], inner[-1]), knots)

        yield spline


def _fitted(train: Dataset, heldout: Dataset, features) -> Float[np.ndarray, "run site response"]:
    """Least squares on the training runs, answered on the held-out ones."""
    answer = np.empty(heldout.response.shape)
    for output in range(len(heldout.response_names)):
        seen = train.observed[..., output]
        target = train.response[seen][:, output]
        root = np.sqrt(train.weight[..., output][seen])
        weighted = features(train.input[seen]) * root[:, None]
        weights = np.linalg.lstsq(weighted, target * root, rcond=None)[0]
        answer[..., output] = features(heldout.input) @ weights
    return answer


def _cubic_splines(
    values: Float[np.ndarray, "*any"], knots: Float[np.ndarray, " knot"]
) -> Float[np.ndarray, "*any spline"]:
    """All cubic B-splines on these knots, by de Boor's recurrence (J. Approx. Theory 6, 50 (1972)).

    The last value belongs to the last interval.
    """
    v, end = values[..., None], knots[-1]
    last = (v == end) & (knots[1:] == end) & (knots[:-1] < end)
    found = ((knots[:-1] <= v) & (v < knots[1:]) | last).astype(float)
    for degree in (1, 2, 3):
        width = knots[degree:] - knots[:-degree]
        inverse = np.where(width > 0, 1 / np.where(width > 0, width, 1.0), 0.0)
        rising = (v - knots[: -degree - 1]) * inverse[:-1] * found[..., :-1]
        falling = (knots[degree + 1 :] - v) * inverse[1:] * found[..., 1:]
        found = rising + falling
    return found
