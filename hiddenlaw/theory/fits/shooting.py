"""Refitting a law whose solutions grow fast: first over short windows, then over longer ones.

Over a whole run a law that is a little wrong is lost, whatever its start (multiple shooting: Bock,
Numerical treatment of inverse problems in chemical reaction kinetics, Springer 1981). Every window
has a start of its own, found anew for the law as it stands.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hiddenlaw.cells import AbstractGeneratorCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.theory.fits.new_runs import found_starts
from hiddenlaw.theory.fits.refit import free_refit
from hiddenlaw.training.recurrent import Recurrent, Sequences
from hiddenlaw.translator import cut, windows_of

LONGEST = 24  # sites
_WINDOWS = (8, 13, LONGEST)


def shooting_refit(
    models: Sequence[Recurrent], data: Dataset, norm: float
) -> tuple[Recurrent, Sequences]:
    """The law after refits over longer and longer windows, and the longest of these.

    Of several `models` the one goes on that fits the shortest windows best. The constants of the
    runs are those of the data.
    """
    # Laws that need more nodes than others have sequences of their own.
    trials = [_refitted(model, windowed(model, data, norm, _WINDOWS[0])) for model in models]
    model = min(trials, key=lambda trial: trial[1])[0]
    shown = windowed(model, data, norm, _WINDOWS[0])
    for length in _WINDOWS[1:]:
        shown = windowed(model, data, norm, length)
        model = _refitted(model, shown)[0]
    return model, shown


def _refitted(model: Recurrent, shown: Sequences) -> tuple[Recurrent, float]:
    """The law refitted over windows, and its loss; as it was where that diverged."""
    trial, loss = free_refit(replace(model, initial=found_starts(model, shown)[0]), shown)
    return (trial, loss) if np.isfinite(loss) else (model, np.inf)


def windowed(model: Recurrent, data: Dataset, norm: float, length: int = LONGEST) -> Sequences:
    """The runs in windows of about that length; constants that the data lack are left open."""
    assert isinstance(model.cell, AbstractGeneratorCell)
    scale = np.full(data.response.shape[2], norm)
    return cut(data, windows_of(data, length), scale, model.cell)
