"""Refitting a law whose solutions grow fast: first over short windows, then over longer ones.

Over a whole run a law that is a little wrong is lost, whatever its start (multiple shooting: Bock,
Numerical treatment of inverse problems in chemical reaction kinetics, Springer 1981). Every window
has a start of its own, found anew for the law as it stands.
"""

from dataclasses import replace

import numpy as np

from hiddenlaw.cells import AbstractGeneratorCell
from hiddenlaw.dataset import Dataset
from hiddenlaw.theory.refit import free_refit
from hiddenlaw.theory.starts import found_starts
from hiddenlaw.training.sensitivities import Recurrent, Sequences
from hiddenlaw.translator import cut, windows_of

LONGEST = 24  # sites
_WINDOWS = (8, 13, LONGEST)


def shooting_refit(model: Recurrent, data: Dataset, norm: float) -> tuple[Recurrent, Sequences]:
    """The law after refits over longer and longer windows, and the longest of these.

    The constants of the runs are those of the data.
    """
    shown = windowed(model, data, norm, _WINDOWS[0])
    for length in _WINDOWS:
        shown = windowed(model, data, norm, length)
        trial, loss = free_refit(replace(model, initial=found_starts(model, shown)[0]), shown)
        if np.isfinite(loss):
            model = trial
    return model, shown


def windowed(model: Recurrent, data: Dataset, norm: float, length: int = LONGEST) -> Sequences:
    """The runs in windows of about that length; constants that the data lack are left open."""
    assert isinstance(model.cell, AbstractGeneratorCell)
    scale = np.full(data.response.shape[2], norm)
    return cut(data, windows_of(data, length), scale, model.cell)
