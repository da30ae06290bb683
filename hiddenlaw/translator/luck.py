"""Whether one answer is better than another on more runs than luck explains.

Wilcoxon's signed rank test, paired over runs: Biometrics Bulletin 1, 80 (1945). Written out,
because importing SciPy's statistics takes longer than a theory does; the tests hold both together.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

_CHANCE = 1e-3
# Runs: beyond, the distribution of the ranks' sum is taken for normal; sooner where ranks are tied
# or runs are alike.
_EXACT_UP_TO, _EXACT_WITH_TIES = 50, 13


def chance_that_no_better(
    better: Float[np.ndarray, " run"], worse: Float[np.ndarray, " run"]
) -> float:
    """The probability that luck alone makes `better` the smaller over runs as often as it is."""
    difference = np.asarray(better) - np.asarray(worse)
    if not np.isfinite(difference).all() or not np.any(difference):
        return 1.0
    return _signed_rank(difference)


def luck(runs: int) -> float:
    """The chance that is allowed: once in a thousand.

    With few runs luck cannot be excluded so strictly (five runs: 1 in 32); then being better on all
    of them is asked for.
    """
    return max(_CHANCE, 1.001 * 0.5**runs)


def _signed_rank(difference: Float[np.ndarray, " run"]) -> float:
    """The chance of a sum of positive ranks as low as this, if either sign were as likely."""
    moved = difference[difference != 0]
    size = np.abs(moved)
    ordered, ties = np.unique(size, return_counts=True)
    last = np.cumsum(ties)
    ranks = (last - (ties - 1) / 2)[np.searchsorted(ordered, size)]
    total, n = float(ranks[moved > 0].sum()), len(moved)
    plain = len(ordered) == n == len(difference)
    if len(difference) <= (_EXACT_UP_TO if plain else _EXACT_WITH_TIES):
        ways = np.ones(1)
        for twice in np.round(2 * ranks).astype(int):  # tied ranks are halves
            ways = np.append(ways, np.zeros(twice)) + np.append(np.zeros(twice), ways)
        return float(ways[: round(2 * total) + 1].sum() / 2.0**n)
    mean = n * (n + 1) / 4
    variance = n * (n + 1) * (2 * n + 1) / 24 - float(np.sum(ties**3 - ties)) / 48
    return math.erfc((mean - total) / math.sqrt(2 * variance)) / 2


def chance_of_ratio(better: float, worse: float, runs: int) -> float:
    """The probability that two errors differ so much if predictions were alike: the F test.

    Every run counts as one sample, however long it is. It tells where few runs have all there is to
    tell apart (a record that stands still most of the time), which ranks of runs cannot see.
    """
    from scipy.special import fdtrc

    if not (np.isfinite(better) and np.isfinite(worse)) or worse <= 0:
        return 1.0
    return float(fdtrc(runs, runs, worse / max(better, 1e-300)))
