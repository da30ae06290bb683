"""Length curriculum: fit the first sites, then twice as many, and so on.

Products of 64 random matrices overflow, products of four do not. Each stage starts where the last
one ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import filled, layout
from hiddenlaw.training.least_squares import LeastSquares
from hiddenlaw.training.levenberg_marquardt import TO_THE_END, Stop, levenberg_marquardt

ROUNDING = 1e-20
"""Of the variance: a loss below this is rounding and no measurement. Double precision rounds at
1e-16 of a number; over a run that adds up to some 1e-12 of it, and losses are squares."""

_AGREED = 3  # seeds
_ALIKE = 0.05  # relative difference of losses that are one
_SAME = 1e-5  # of those of one law in two bases
_LONG = 64  # sites
SAYING = 0.05
"""Of the variance: starts that leave more explain little, and their agreement says nothing."""


def lengths(sites: int, first: int = 4) -> list[int]:
    """first, 2·first, … and at last all sites; no stage for the last third alone."""
    doubling = [first * 2**k for k in range(64) if first * 2**k <= 2 * sites / 3]
    return [*doubling, sites]


def gentle_lengths(sites: int, first: int = 4, doubled: int = 16) -> list[int]:
    """Doubling up to `doubled`, then a quarter more at a time, and at last all sites.

    A model wider than the law fits noise with its spare variables, and these grow along a run: what
    explains 32 noisy sites can be off by orders of magnitude at the 64th, and is lost.
    """
    stages = [n for n in lengths(sites, first) if n <= doubled] or [sites]
    while (longer := round(1.25 * stages[-1])) <= 0.9 * sites:
        stages.append(longer)
    return stages if stages[-1] == sites else [*stages, sites]


def fit(
    law: Law,
    shown: Shown,
    *,
    max_steps: int = 30,
    starts: bool = True,
    scaled: bool = False,
    decay: float = 0.0,
    stop: Stop = TO_THE_END,
) -> tuple[Law, float]:
    """Levenberg–Marquardt over cell and decoder, the readout's weights being at their best.

    With `starts=False` the starts stay as they are (windows whose first state an encoder gives).
    The loss may be infinite.
    """
    place = layout(law)
    free = place.mask(cell=True, starts=starts, inner=True)
    problem = LeastSquares(law, shown, free, eliminate_weights=True, decay=decay)
    found = levenberg_marquardt(
        problem,
        problem.start(),
        max_steps=max_steps,
        scaled=scaled,
        stop=stop,
    )
    return filled(law, found.numbers), found.loss


@dataclass
class Stuck:
    """Where starts of one kind got stuck: at which loss over which length, and what came of it.

    A start that is stuck where one before it was has come to the same law in another basis, and
    would go its way. Once one has come to rounding over all lengths (`exact`), another that is not
    there over a long one cannot win.
    """

    known: list[tuple[int, float, Law, float]] = field(default_factory=list)
    exact: bool = False

    def beaten(self, length: int, loss: float) -> bool:
        """Whether a start that leaves this loss over this length need not be taken further."""
        return self.exact and length >= _LONG and loss > ROUNDING

    def same(self, length: int, loss: float) -> tuple[Law, float] | None:
        """What came of an earlier start that left this loss over this length."""
        if not SAYING < loss < np.inf:
            return None
        for other, left, law, at_last in self.known:
            if other == length and abs(left - loss) <= _SAME * loss:
                return law, at_last
        return None


def fit_lengths(
    law: Law,
    shown: Shown,
    schedule: Sequence[int],
    max_steps: int,
    stop: Stop = TO_THE_END,
    stuck: Stuck | None = None,
) -> tuple[Law, float]:
    """`fit` to the first sites of every length of the schedule in turn."""
    loss, passed = np.inf, []
    for length in schedule:
        law, loss = fit(law, shown.first(length), max_steps=max_steps, stop=stop)
        if not np.isfinite(loss):
            break
        if stuck is not None and (before := stuck.same(length, loss)) is not None:
            law, loss = before
            break
        passed.append((length, loss))
    if stuck is not None:
        stuck.known += [(length, left, law, loss) for length, left in passed]
    return law, loss


def best_of(
    laws: Iterable[Law],
    shown: Shown,
    schedule: Sequence[int],
    *,
    max_steps: int,
    enough: float = -1.0,
    stop: Stop = TO_THE_END,
    stuck: Stuck | None = None,
) -> tuple[Law, float]:
    """Of several starts the one that is best at the end of the schedule, and its loss.

    What a start will come to is seen long before the end of the runs, and costs little there. No
    further one is drawn once a loss is down to `enough`. A start that diverged has an infinite
    loss.
    """
    best, least = None, np.inf
    for law in laws:
        law, loss = fit_lengths(law, shown, schedule, max_steps, stop, stuck)
        if best is None or loss < least:
            best, least = law, loss
        if least <= enough:
            break
    assert best is not None, "at least one start is needed"
    return best, least


def agree(losses: Sequence[float]) -> bool:
    """Whether three seeds came to the same lowest loss, or to rounding: others would not add to it.

    At rounding losses differ, and mean the same. Seeds that are stuck where little is explained are
    alike, too, and say nothing of the next.
    """
    lowest = np.sort(losses)[:_AGREED]
    if len(lowest) < _AGREED or not np.isfinite(lowest[-1]):
        return False
    alike = lowest[-1] <= (1 + _ALIKE) * lowest[0] and lowest[-1] < SAYING
    return bool(alike or lowest[-1] <= ROUNDING)
