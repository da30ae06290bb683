"""Refitting a law whose solutions grow fast: first over short windows, then over longer ones.

Over a whole run a law that is a little wrong is lost, whatever its start (multiple shooting: Bock,
Numerical treatment of inverse problems in chemical reaction kinetics, Springer 1981). Every window
has a start of its own, found anew for the law as it stands.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.law import Law, Shown
from hiddenlaw.theory.fits.refit import ROUNDS, free_refit
from hiddenlaw.training.new_runs import starts_of_windows
from hiddenlaw.training.windows import windowed

LONGEST = 24  # sites
_WINDOWS = (8, 13, LONGEST)


def shooting_refit(laws: Sequence[Law], data: Dataset) -> tuple[Law, Shown]:
    """The law after refits over longer and longer windows, and the longest of these.

    Of several `laws` the one goes on that fits the shortest windows best. The constants of the runs
    stay as they are.
    """
    shown = windowed(data, _WINDOWS[0], laws[0].scale)
    trials = [_refitted(law, shown, rounds=1) for law in laws]
    law = _refitted(min(trials, key=lambda trial: trial[1])[0], shown)[0]
    for length in _WINDOWS[1:]:
        shown = windowed(data, length, law.scale)
        law = _refitted(law, shown)[0]
    return law, shown


def _refitted(law: Law, shown: Shown, rounds: int = ROUNDS) -> tuple[Law, float]:
    """The law refitted over windows, and its loss; as it was where that diverged."""
    begun = law.but(preparation=starts_of_windows(law, shown))
    trial, loss = free_refit(begun, shown, rounds=rounds)
    return (trial, loss) if np.isfinite(loss) else (begun, np.inf)
