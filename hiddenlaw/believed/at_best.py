"""What a fit at its best tells: errors of its numbers, and whether runs start differently."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.law import Law, Shown
from hiddenlaw.theory.fits.effective import grouped, independence, sandwich, stretch_of
from hiddenlaw.theory.fits.uncertainty import covariance, inverse_of
from hiddenlaw.training.curriculum import ROUNDING
from hiddenlaw.training.normal_equations import pseudo_inverses

_SELDOM = 1e-3  # the chance of luck, where runs are said to start differently
_FLAT = 1e-13  # of the largest curvature: a direction that the data do not see
_SHARE = 1e-3  # of a constant in such a direction, so that it is not known


@dataclass(frozen=True, eq=False)
class AtBest:
    """The `law` that was fitted to what is `shown`, and the `loss` that it leaves.

    - `jacobian`: how answers move with the numbers that all runs share, times the roots of the
      weights, without what starts of the runs' own take back; `residuals` times the same.
    - `own`: whether each run has a start of its own.
    """

    law: Law
    shown: Shown
    loss: float
    jacobian: Float[np.ndarray, "site run q"]
    residuals: Float[np.ndarray, "site run"]
    own: bool

    @property
    def numbers(self) -> int:
        """How many numbers were fitted in all."""
        starts = self.shown.runs * self.law.dimension if self.own else 0
        return self.jacobian.shape[2] + starts

    @cached_property
    def matrix(self) -> Float[np.ndarray, "q q"]:
        """JᵀJ."""
        product = np.einsum("srp,srq->pq", self.jacobian, self.jacobian, optimize=True)
        return product / self.shown.total

    def covariance(self, known: float | None) -> tuple[float, Float[np.ndarray, "q q"]]:
        """How many samples count as one, and the covariance of what all runs share.

        `known` is the loss that errors of the samples alone would make, if these are known.
        """
        shown, count = self.shown, len(self.matrix)
        free = np.ones(count, bool)
        found = covariance(self.matrix, self.loss, shown.total, 1, free, known, self.numbers)
        if self.loss <= ROUNDING:
            return 1.0, found
        remembered = independence(self.law, shown)
        if remembered.plain or not count:
            return remembered.inflation, found
        each = -np.swapaxes(self.jacobian * self.residuals[..., None], 0, 1)
        firsts = np.arange(0, each.shape[1], stretch_of(shown, remembered.inflation))
        scores = grouped(np.add.reduceat(each, firsts, axis=1) / shown.total, shown)
        return remembered.inflation, sandwich(inverse_of(self.matrix, free), scores, found)

    def unseen(self) -> Int[np.ndarray, " k"]:
        """Which numbers the data do not fix: only some sum or product of them shows."""
        if not len(self.matrix):
            return np.zeros(0, int)
        scale = np.sqrt(np.maximum(np.diag(self.matrix), 1e-300))
        values, vectors = np.linalg.eigh(self.matrix / scale[:, None] / scale)
        flat = vectors[:, values <= _FLAT * max(values[-1], 1e-300)]
        return np.flatnonzero((np.abs(flat) > _SHARE).any(axis=1))

    def left(self, data: Dataset, column: int) -> Float[np.ndarray, "run site"]:
        """Measured minus answered, in the units of the data; NaN where nothing counts."""
        answer = self.law.outputs(self.shown)[:, :, 0].T * float(self.law.scale[0])
        counted = (self.shown.weight[..., 0] > 0).T
        return np.where(counted, data.response[:, :, column] - answer, np.nan)


def differ(own: AtBest, shared: AtBest) -> bool:
    """Whether runs start differently, beyond luck: by an F-test of effective samples."""
    from scipy.stats import f

    runs, d = own.shown.runs, own.law.dimension
    more = (runs - 1) * d
    samples = own.shown.samples / independence(own.law, own.shown).inflation
    freedom = samples - own.numbers
    if not more or freedom < 1:
        return False
    left = max(own.loss, ROUNDING)
    gain = max(shared.loss - left, 0.0) / more / (left / freedom)
    return bool(f.sf(gain, more, freedom) < _SELDOM)


def known_loss(
    data: Dataset,
    column: int,
    scale: float,
    weight: Float[np.ndarray, "run site"],
    error: float | None,
) -> float | None:
    """The loss that the errors of the samples alone would make, if they are known."""
    if error is not None:
        return (error / scale) ** 2
    if data.response_error is None:
        return None
    square = np.where(weight > 0, data.response_error[:, :, column], 0.0) ** 2
    return float(np.sum(square * weight) / np.sum(weight)) / scale**2


def beyond_starts(
    slopes: Float[np.ndarray, "site run q"], starts: Float[np.ndarray, "site run d"]
) -> Float[np.ndarray, "site run q"]:
    """What the start of every run cannot take back."""
    mine, other = np.swapaxes(starts, 0, 1), np.swapaxes(slopes, 0, 1)
    inverse, turned = pseudo_inverses(np.swapaxes(mine, 1, 2) @ mine), np.swapaxes(mine, 1, 2)
    for _ in range(2):  # the normal equations alone lose half the digits
        other = other - mine @ (inverse @ (turned @ other))
    return np.ascontiguousarray(np.swapaxes(other, 0, 1))
