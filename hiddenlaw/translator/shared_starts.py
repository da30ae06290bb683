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
_LONG, _STILL = 128, 1e-3  # sites, and relative change of a loss that stands still


def train_shared_starts(
    new_law: Callable[[], Law],
    shown: Shown,
    kept_back: Shown,
    *,
    seeds: int,
    many_starts: bool,
    given_up: Callable[[list[Law]], bool],
    progress: Progress,
) -> list[Law]:
    """The seeds, and again from others where all were lost on the way. Once one was, `given_up`
    says whether any more are needed.

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
            if exact or (not kept and given_up(found)):
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
    law, loss, beginning = _on_the_way(law, done, beginning, shown, progress)
    if np.isfinite(loss):
        law, loss = fit(law, shown, max_steps=STEPS, stop=_AT_LAST)
        beginning = loss if shown.sites <= _BEGINNING else beginning
        progress.advance("translator", f"{shown.sites} sites, loss {loss:.1e}")
    if not np.isfinite(loss):
        return law, False, False
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


def _on_the_way(
    law: Law, done: int, beginning: float, shown: Shown, progress: Progress
) -> tuple[Law, float, float]:
    """One seed before it is fitted to whole runs: its loss there, and that of the beginning.

    What stands still at the price of its weight decay may be the law itself. Where it is, without
    decay and to rounding, nothing is left that could grow, and stages between add nothing.
    """
    loss, asked = beginning if done else 0.0, False
    for length in (n for n in gentle_lengths(shown.sites) if done < n < shown.sites):
        part, before = shown.first(length), loss
        steps = STEPS if length <= _BEGINNING else STEPS_BETWEEN
        law, loss = fit(law, part, max_steps=steps, decay=_DECAY, stop=_ON_THE_WAY)
        if not np.isfinite(loss):
            break
        beginning = loss if length <= _BEGINNING else beginning
        progress.advance("translator", f"{length} sites, loss {loss:.1e}")
        if length >= _LONG and not asked and abs(loss - before) <= _STILL * before:
            asked = True
            exact, left = fit(law, part, max_steps=STEPS, stop=_AT_LAST)
            if left <= ROUNDING:
                return exact, left, beginning
    return law, loss, beginning
