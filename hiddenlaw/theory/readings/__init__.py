"""What an engineer reads off a driven law: gains at rest, poles, zeros, each with an interval.

Errors are those of the delta method: how each reading moves with the numbers of the law, and their
covariance. A reading is one file; a stranger's joins with `READINGS.append(mine)`.
"""

from __future__ import annotations

import numpy as np

from hiddenlaw.cells import DrivenCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.parameters import layout
from hiddenlaw.theory.fits.refit import Fitted
from hiddenlaw.theory.readings._base import Read as Read
from hiddenlaw.theory.readings._base import Reader
from hiddenlaw.theory.readings.gains import gains
from hiddenlaw.theory.readings.modes import in_modes_where_that_tells_more
from hiddenlaw.theory.readings.poles import poles
from hiddenlaw.theory.readings.reading import Reading as Reading
from hiddenlaw.theory.readings.state_space import StateSpace as StateSpace
from hiddenlaw.theory.readings.zeros import zeros

READINGS: list[Reader] = [gains, poles, zeros]
"""All that is read off a driven law, in the order in which it is told."""


def covariance_of_law(fit: Fitted) -> np.ndarray | None:
    """That of the numbers of a driven cell and of its readout's weights; None of other cells."""
    if not isinstance(fit.law.cell, DrivenCell):
        return None
    return fit.covariance_of(np.flatnonzero(layout(fit.law).mask(cell=True, weights=True)))


def readings(fit: Fitted, train: Dataset) -> tuple[Reading, ...]:
    """Those of a driven law; none of another, and none that is not finite."""
    fit = in_modes_where_that_tells_more(fit, train)
    covariance = covariance_of_law(fit)
    if covariance is None:
        return ()
    space = StateSpace.of(fit.law, train.dx, covariance)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        found = [
            Reading.of(each.name, float(each.value), float(space.stderr(each.slopes)), each.unit)
            for reader in READINGS
            for each in reader(space, train)
        ]
    return tuple(each for each in found if np.isfinite([each.value, each.stderr]).all())
