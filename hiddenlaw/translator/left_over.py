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
from hiddenlaw.data.misfit import autocorrelation
from hiddenlaw.translator.luck import chance_that_no_better

_LUCK = 0.05  # where a richer law has yet to be better
_STRETCH = 10  # sites of an unseen run that are judged together
_WHITE = 0.1  # correlation: less is no memory that matters
_CLOSE = 3  # sites
_REACH = 16  # sites, the one that is asked for included
_SELDOM = 1e-3  # the chance of luck, where it is the verdict that hangs on it
_MATTERS = 0.02  # of what is left: a share that is worth another law


class LeftOver(NamedTuple):
    """The share of the residual's variance that the input explains, and the chance of mere luck.

    - `memory`: the largest correlation of what is left with itself, up to three sites on; 0 where
      it may be luck.
    - `few`: whether there are too few samples to ask the input.
    """

    share: float
    chance: float
    memory: float
    few: bool = False

    @property
    def something(self) -> bool:
        """Whether a search for a richer law is worth while; a false alarm costs no more."""
        explained = self.share > _MATTERS and self.chance <= _LUCK
        return self.few or explained or self.remembers

    @property
    def told(self) -> bool:
        """Whether the input explains some of it, beyond doubt."""
        return self.share > _MATTERS and self.chance <= _SELDOM

    @property
    def remembers(self) -> bool:
        return self.memory > _WHITE


def left_over(
    train: Dataset,
    heldout: Dataset,
    of_train: Float[np.ndarray, "run site response"],
    of_heldout: Float[np.ndarray, "unseen site response"],
) -> LeftOver:
    """For these answers to the training and the held-out runs."""
    parts = [
        _rows(data.input, answer, data.response - answer)
        for data, answer in ((train, of_train), (heldout, of_heldout))
    ]
    found, memory = _explained(*parts), _memory(train.response - of_train)
    if found is None:
        return LeftOver(0.0, 1.0, memory, few=True)
    return LeftOver(*found, memory)


def input_says(
    input: Float[np.ndarray, "run site channel"],
    answer: Float[np.ndarray, "run site response"],
    left: Float[np.ndarray, "run site response"],
) -> bool:
    """Whether the input says anything of what is left: learned from every other run, judged by the
    others. What is missing is NaN. False where there is too little to tell.
    """
    if len(input) < 2:
        return False
    known, unseen = (_rows(input[start::2], answer[start::2], left[start::2]) for start in (0, 1))
    found = _explained(known, unseen)
    return found is not None and LeftOver(*found, 0.0).told


def _explained(
    known: tuple[np.ndarray, np.ndarray], unseen: tuple[np.ndarray, np.ndarray]
) -> tuple[float, float] | None:
    """The share of what is left that the features explain, and the chance that this is luck.

    Learned from the known rows, judged by the unseen; None where there are too few of them.
    """
    first = np.arange(0, unseen[1].shape[1], _STRETCH)
    count = len(unseen[1]) * len(first)
    squares = [np.zeros(count), np.zeros(count)]
    for output in range(known[1].shape[2]):
        left, rest = known[1][..., output], unseen[1][..., output]
        seen, there = np.isfinite(left), np.isfinite(rest)
        if seen.sum() < 3 * known[0].shape[2]:
            return None
        weights = np.linalg.lstsq(known[0][seen], left[seen], rcond=1e-10)[0]
        size = float(np.mean(left[seen] ** 2)) + 1e-300
        for place, values in enumerate((rest - unseen[0] @ weights, rest)):
            square = np.where(there, values, 0.0) ** 2 / size
            squares[place] += np.add.reduceat(square, first, axis=1).ravel()
    share = 1 - float(squares[0].sum() / max(squares[1].sum(), 1e-300))
    return share, chance_that_no_better(*squares)


def _memory(left: Float[np.ndarray, "run site response"]) -> float:
    """The largest autocorrelation of what is left, its mean taken off."""
    left = left - np.nanmean(left, axis=(0, 1))
    reach = range(1, min(_CLOSE, left.shape[1] - 1) + 1)
    return max((abs(autocorrelation(left, sites)) for sites in reach), default=0.0)


def _rows(input: np.ndarray, answer: np.ndarray, left: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Features (run, site, feature) and residuals from the first site with a past on."""
    runs, sites = left.shape[:2]
    reach = max(1, min(_REACH, sites // 3))
    first = reach - 1
    u, y = (_standard(values) for values in (input, answer))
    pairs = (u[..., :, None] * y[..., None, :]).reshape(*u.shape[:2], -1)
    every = np.concatenate([pairs, u**2, y**2, u], axis=2)
    lags = [every[:, first - k : sites - k] for k in range(reach)]
    ones = np.ones((runs, sites - first, 1))
    return np.concatenate([ones, *lags], axis=2), left[:, first:]


def _standard(values: np.ndarray) -> np.ndarray:
    return (values - np.nanmean(values, axis=(0, 1))) / (np.nanstd(values, axis=(0, 1)) + 1e-300)
