"""Whether the input still says anything of what an answer leaves unexplained.

What is left at a site is regressed on products of the input and the answer, there and at the sites
before (what a law moves it remembers), over the training runs. Where that does not help on unseen
runs, and what is left does not remember itself either, nothing is left that a richer law could
take: the rest is noise.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.translator.luck import chance_that_no_better

_LUCK = 0.05  # a false alarm costs a search, no more: a richer law has yet to be better
_STRETCH = 10  # sites of an unseen run that are judged together
_WHITE = 0.1  # correlation: less is no memory that matters
_CLOSE, _SURE = 3, 3.5  # sites; standard errors
_REACH = 16  # sites, the one that is asked for included
_MATTERS = 0.02  # of what is left: a share that is worth another law


class LeftOver(NamedTuple):
    """The share of the residual's variance that the input explains, and the chance of mere luck.

    `memory` is the largest correlation of what is left with itself, up to three sites on.
    """

    share: float
    chance: float
    memory: float

    @property
    def something(self) -> bool:
        explained = self.share > _MATTERS and self.chance <= _LUCK
        return explained or self.memory > _WHITE


def left_over(
    train: Dataset,
    heldout: Dataset,
    of_train: Float[np.ndarray, "run site response"],
    of_heldout: Float[np.ndarray, "unseen site response"],
) -> LeftOver:
    """For these answers to the training and the held-out runs."""
    parts = [_rows(train, of_train), _rows(heldout, of_heldout)]
    first = np.arange(0, parts[1][1].shape[1], _STRETCH)
    count = heldout.runs * len(first)
    squares = [np.zeros(count), np.zeros(count)]
    for output in range(len(train.response_names)):
        (known, left), (unseen, rest) = ((f, r[..., output]) for f, r in parts)
        seen, there = np.isfinite(left), np.isfinite(rest)
        if seen.sum() < 3 * known.shape[2]:
            return LeftOver(0.0, 1.0, np.inf)
        weights = np.linalg.lstsq(known[seen], left[seen], rcond=1e-10)[0]
        size = float(np.mean(left[seen] ** 2)) + 1e-300
        for place, values in enumerate((rest - unseen @ weights, rest)):
            square = np.where(there, values, 0.0) ** 2 / size
            squares[place] += np.add.reduceat(square, first, axis=1).ravel()
    memory = _memory(train, train.response - of_train)
    explained = 1 - float(squares[0].sum() / max(squares[1].sum(), 1e-300))
    return LeftOver(explained, chance_that_no_better(*squares), memory)


def _memory(data: Dataset, left: np.ndarray) -> float:
    """The largest autocorrelation that is more than luck; 0 where there is none."""
    left, largest = left - np.nanmean(left, axis=(0, 1)), 0.0
    for sites in range(1, min(_CLOSE, data.sites - 1) + 1):
        product = left[:, sites:] * left[:, :-sites]
        seen = np.isfinite(product)
        found = float(np.nanmean(product) / (np.nanmean(left**2) + 1e-300))
        if abs(found) * np.sqrt(seen.sum()) > _SURE:
            largest = max(largest, abs(found))
    return largest


def _rows(data: Dataset, answer: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Features (run, site, feature) and residuals from the first site with a past on."""
    reach = max(1, min(_REACH, data.sites // 3))
    first = reach - 1
    u, y = (_standard(values) for values in (data.input, answer))
    pairs = (u[..., :, None] * y[..., None, :]).reshape(*u.shape[:2], -1)
    every = np.concatenate([pairs, u**2, y**2, u], axis=2)
    lags = [every[:, first - k : data.sites - k] for k in range(reach)]
    ones = np.ones((data.runs, data.sites - first, 1))
    return np.concatenate([ones, *lags], axis=2), (data.response - answer)[:, first:]


def _standard(values: np.ndarray) -> np.ndarray:
    return (values - np.nanmean(values, axis=(0, 1))) / (np.nanstd(values, axis=(0, 1)) + 1e-300)
