"""How many samples there really are: residuals that remember their neighbours are fewer.

Of residuals with autocorrelation ρ_k a mean is known as from N / (1 + 2 Σ ρ_k) of them (Bartlett,
J. R. Stat. Soc. 98, 536 (1935)); criteria count so many. Errors come from what independent groups
of samples say of the numbers, the sandwich H⁻¹ (Σ g gᵀ) H⁻¹ (Liang and Zeger, Biometrika 73, 13
(1986)): groups are runs, or stretches of runs where these are few. Where residuals neither remember
one another nor are larger where the response is, both are as of independent samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.misfit import autocorrelation
from hiddenlaw.law import Law, Shown

_SURE = 3.5  # standard errors of a correlation that is none
_MATTERS = 0.05  # correlation: less is no memory
_GROUPS = 20  # at least; fewer say little of a covariance
_TIMES = 4.0  # the memory: how long a stretch is at least
_MOST = 0.5  # of the sites: how far a memory is followed
_MORE = 4.0  # standard errors: what runs have in common is no luck


@dataclass(frozen=True)
class Independence:
    """What residuals say of one another.

    - `inflation`: how many samples count as one, 1 where none remembers another.
    - `even`: whether residuals are as large where the response is large as where it is small.
    - `common`: whether runs leave something in common, at the same sites.
    """

    inflation: float = 1.0
    even: bool = True
    common: bool = False

    @property
    def plain(self) -> bool:
        """Whether errors are those of independent samples that are all alike."""
        return self.inflation == 1.0 and self.even

    @property
    def white(self) -> bool:
        """Whether no residual remembers another."""
        return self.inflation == 1.0


INDEPENDENT = Independence()
"""Residuals that say nothing of one another."""


def independence(law: Law, shown: Shown) -> Independence:
    """Of the residuals of `law`: sequences with their samples of weight 0 left out."""
    with np.errstate(over="ignore", invalid="ignore"):
        answer = law.outputs(shown)
        left = (shown.target - answer) * np.sqrt(shown.weight)
    if not np.isfinite(left).all():
        return INDEPENDENT
    seen = np.broadcast_to(shown.weight > 0, left.shape)
    inflation = _inflation(left, seen)
    return Independence(inflation, _even(left, answer, seen), _common(left, seen, inflation))


def _inflation(left: np.ndarray, seen: np.ndarray) -> float:
    """1 + 2 Σ ρ_k, up to the first correlation that is none or may be luck."""
    runs_first = np.swapaxes(np.where(seen, left, np.nan), 0, 1)
    if not np.any(np.where(seen, left, 0.0)):
        return 1.0
    total = 1.0
    for sites in range(1, max(1, int(_MOST * len(left))) + 1):
        found = autocorrelation(runs_first, sites) if sites < len(left) else 0.0
        if found <= _MATTERS:
            break
        total += 2 * found
    return total


def _even(left: np.ndarray, answer: np.ndarray, seen: np.ndarray) -> bool:
    """Whether squares of residuals go with neither the size nor the square of the answer."""
    for output in range(left.shape[2]):
        there = seen[..., output]
        square, size = left[..., output][there] ** 2, np.abs(answer[..., output][there])
        if len(square) < 3 or not square.std() or not size.std():
            continue
        # By ranks: few large squares outweigh all others.
        found = np.corrcoef(_ranks(square), _ranks(size))[0, 1]
        if abs(found) > _MATTERS and abs(found) * np.sqrt(len(square)) > _SURE:
            return False
    return True


def _common(left: np.ndarray, seen: np.ndarray, inflation: float) -> bool:
    """Whether means over runs are larger than those of independent runs are.

    Of R runs their mean squares are 1/R of the residuals', within √(2 τ / N) for N sites of which τ
    count as one.
    """
    sites, runs = left.shape[:2]
    values = np.where(seen, left, 0.0)
    count = seen.sum(axis=1)
    square = float(np.mean(values**2))
    if runs < _GROUPS or not square or not count.all():
        return False
    ratio = float(np.mean((values.sum(axis=1) / count) ** 2 * count)) / square
    return bool(ratio > 1 + _MORE * np.sqrt(2 * inflation / (sites * left.shape[2])))


def _ranks(values: Float[np.ndarray, " sample"]) -> Float[np.ndarray, " sample"]:
    ranks = np.empty(len(values))
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values))
    return ranks


def stretch_of(shown: Shown, inflation: float) -> int:
    """How many sites of a sequence are taken together, so that there are enough groups.

    All of it where sequences are many; else no fewer than remember one another.
    """
    if shown.runs >= _GROUPS:
        return shown.sites
    wanted = int(np.ceil(_GROUPS / shown.runs))
    return max(int(np.ceil(_TIMES * inflation)), shown.sites // wanted, 1)


def grouped(
    scores: Float[np.ndarray, "sequence stretch p"], shown: Shown
) -> Float[np.ndarray, "group p"]:
    """The scores of independent groups: of runs, where their windows belong to enough of them."""
    if shown.owner is not None and len(np.unique(shown.owner)) >= _GROUPS:
        summed = np.zeros((int(shown.owner.max()) + 1, *scores.shape[1:]))
        np.add.at(summed, shown.owner, scores)
        scores = summed
    return scores.reshape(scores.shape[0] * scores.shape[1], scores.shape[2])


def sandwich(
    inverse: Float[np.ndarray, "p p"],
    scores: Float[np.ndarray, "group p"],
    otherwise: Float[np.ndarray, "p p"],
) -> Float[np.ndarray, "p p"]:
    """The covariance of numbers from the inverse of JᵀJ and the scores of independent groups.

    With the factor G / (G − 1) for as many groups. `otherwise` where it overflows.
    """
    count = len(scores)
    with np.errstate(over="ignore", invalid="ignore"):
        found = inverse @ (scores.T @ scores) @ inverse * (count / max(count - 1, 1))
    return found if np.isfinite(found).all() else otherwise
