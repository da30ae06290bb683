"""A black box of a few hundred weights: Levenberg–Marquardt in double precision.

Its loss is a sum of squares like that of any law, but a valley is longer, and a start is stuck more
often. So several seeds are trained on a part of the runs, which costs little, and the one that
predicts held-out runs best is polished on all of them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hiddenlaw.law import Law, Shown
from hiddenlaw.training.curriculum import fit, gentle_lengths
from hiddenlaw.training.progress import Progress

MANY = 1000
"""Weights: from here on a step is too dear, and Adam takes over."""

_RUNS_BEGINNING, _RUNS_SEED = 200, 400  # of the runs: in the curriculum, and of all sites
_BEGINNING, _STARTS, _FAIR = 20, 4, 2e-3  # sites, starts a seed at most, and a loss that will do
_STEPS, _STEPS_BETWEEN = 30, 15  # of Levenberg–Marquardt a stage, at the beginning and later
_DECAY = 1e-6  # until all sites are seen: what the data do not ask for dies out
_GOOD = 1e-3  # of the variance: a seed that leaves no more is polished, and others are not run
_ROUNDS, _WORTHWHILE = 4, 0.9  # of polishing, and the held-out loss one leaves where others follow


def train_few_weights(
    new_law: Callable[[], Law],
    shown: Shown,
    kept_back: Shown,
    *,
    seeds: int,
    progress: Progress,
) -> list[Law]:
    """Several seeds, of which the best is polished, each where its held-out loss was lowest."""
    progress.start("translator", seeds + _ROUNDS)
    found, losses = [], []
    for _ in range(seeds):
        law = _begun(new_law, shown)
        found.append(law)
        losses.append(law.loss(kept_back))
        progress.advance("translator", f"held-out error {losses[-1]:.1e}")
        if losses[-1] <= _GOOD:
            break
    if np.isfinite(losses).any():
        best = int(np.nanargmin(losses))
        found[best] = _polished(found[best], losses[best], shown, kept_back, progress)
    return found


def _begun(new_law: Callable[[], Law], shown: Shown) -> Law:
    """The best of some starts over the first sites, taken to all sites of a part of the runs."""
    few, schedule = shown.few(_RUNS_BEGINNING), gentle_lengths(shown.sites)
    short = [n for n in schedule if n <= _BEGINNING] or schedule[:1]
    law, least = _over_lengths(new_law(), few, short)
    for _ in range(_STARTS - 1):
        if least <= _FAIR:
            break
        other, loss = _over_lengths(new_law(), few, short)
        if loss < least:
            law, least = other, loss
    law, loss = _over_lengths(law, few, schedule[len(short) :])
    return fit(law, shown.few(_RUNS_SEED), max_steps=_STEPS)[0] if np.isfinite(loss) else law


def _over_lengths(law: Law, few: Shown, schedule: list[int]) -> tuple[Law, float]:
    """The law fitted to these lengths in turn, and its loss at the last."""
    loss = np.inf
    for length in schedule:
        steps = _STEPS if length <= _BEGINNING else _STEPS_BETWEEN
        decay = _DECAY if length < few.sites else 0.0
        law, loss = fit(law, few.first(length), max_steps=steps, decay=decay)
        if not np.isfinite(loss):
            break
    return law, loss


def _polished(law: Law, least: float, shown: Shown, kept_back: Shown, progress: Progress) -> Law:
    """All sites of all runs, for as long as held-out runs gain from it."""
    best, now = law, least
    for _ in range(_ROUNDS):
        law, _ = fit(law, shown, max_steps=_STEPS_BETWEEN)
        before, now = now, law.loss(kept_back)
        progress.advance("translator", f"held-out error {now:.1e}")
        if now < least:
            best, least = law, now
        if not now < _WORTHWHILE * before:
            break
    return best
