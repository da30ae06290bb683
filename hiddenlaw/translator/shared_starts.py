"""A translator whose runs all start alike: Levenberg–Marquardt, several seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from hiddenlaw.law import Law, Shown
from hiddenlaw.training.curriculum import (
    ROUNDING,
    best_of,
    fit,
    gentle_lengths,
)
from hiddenlaw.training.levenberg_marquardt import Stop
from hiddenlaw.training.progress import Progress

STEPS, STEPS_BETWEEN = 30, 10  # of Levenberg–Marquardt a stage, and between the beginning and all
_ROUNDS = 4  # at full length
_DECAY = 1e-6  # until then: spare variables die out, where they would grow along the runs
_TRIES = 3  # sets of seeds, where all of one are lost
_BEGINNING = 16  # sites
_STARTS, _START_SITES = 8, 32  # of a quadratic readout: starts a seed, and how far they are taken
_ON_THE_WAY, _AT_LAST = Stop(settled=1e-3), Stop(rounding=ROUNDING)
_FAIR = 1e-3  # of the variance: whatever explains all but this is not lost


def train_shared_starts(
    new_law: Callable[[], Law],
    shown: Shown,
    kept_back: Shown,
    *,
    seeds: int,
    many_starts: bool,
    progress: Progress,
) -> list[Law]:
    """The seeds, and again from others where all were lost on the way.

    Once one has reached rounding on held-out runs the others cannot win, and are not run. With
    `many_starts` a seed is the best of several starts over the beginning: from random ones a
    quadratic readout finds the law once in four to ten times, and then at once; the others get
    stuck before the thirtieth site.
    """
    stages = len(gentle_lengths(shown.sites)) + _ROUNDS
    progress.start("translator", seeds * stages)
    found: list[Law] = []
    for _ in range(_TRIES):
        lost = True
        for _ in range(seeds):
            law, done, beginning = new_law(), 0, np.inf
            if many_starts:
                law, done, beginning = _best_beginning(law, new_law, shown)
            law, kept, exact = _trained(law, done, beginning, shown, kept_back, progress)
            found.append(law)
            lost &= not kept
            if exact:
                return found
        if not lost:
            break
    return found


def _best_beginning(law: Law, new_law: Callable[[], Law], shown: Shown) -> tuple[Law, int, float]:
    """The best of many starts, how many sites it was fitted to, and its loss there."""
    schedule = [n for n in gentle_lengths(shown.sites) if n <= _START_SITES] or [shown.sites]

    def starts() -> Iterator[Law]:
        yield law
        for _ in range(_STARTS - 1):
            yield new_law()

    best, loss = best_of(starts(), shown, schedule, max_steps=STEPS, enough=ROUNDING)
    return best, schedule[-1], loss


def _trained(
    law: Law, done: int, beginning: float, shown: Shown, kept_back: Shown, progress: Progress
) -> tuple[Law, bool, bool]:
    """One seed where its held-out loss was lowest; whether it kept the law; whether it is exact.

    It comes fitted to `done` sites with a loss of `beginning`. Lost is what explains whole runs far
    worse than the first sites were explained.
    """
    loss, sites = np.inf, shown.sites
    for length in (n for n in gentle_lengths(sites) if n > done or n == sites):
        steps = STEPS if length <= _BEGINNING or length == sites else STEPS_BETWEEN
        decay, stop = (_DECAY, _ON_THE_WAY) if length < sites else (0.0, _AT_LAST)
        law, loss = fit(law, shown.first(length), max_steps=steps, decay=decay, stop=stop)
        if not np.isfinite(loss):
            return law, False, False
        if length <= _BEGINNING:
            beginning = loss
        progress.advance("translator", f"{length} sites, loss {loss:.1e}")
    best, score = law, law.loss(kept_back)
    for _ in range(_ROUNDS):
        if score < ROUNDING:
            break
        law, loss = fit(law, shown, max_steps=STEPS, stop=_AT_LAST)
        now = law.loss(kept_back)
        progress.advance("translator", f"held-out error {now:.1e}")
        worthwhile = ROUNDING < now < 0.5 * score
        if now < score:
            best, score = law, now
        if not worthwhile:
            break
    return best, loss <= max(10 * beginning, _FAIR), score < ROUNDING
