"""What the errors of an instrument's numbers do to those of a law.

An alignment, a blur, a background were found together with a plain law, and are known so well and
no better. The law is fitted once more to the data as they were, had the instrument been another by
one standard error along each independent direction; by as much its numbers move.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.law import Shown
from hiddenlaw.parameters import flat
from hiddenlaw.theory.fits.refit import Fitted, solve


def with_instrument_error(fit: Fitted, disturbed: Sequence[Dataset], shown: Shown) -> Fitted:
    """The fit, with these shifts of its numbers in their covariance."""
    if shown.owner is not None or not np.isfinite(fit.loss):
        return fit
    for data in disturbed:
        moved, loss, _ = solve(fit.law, fit.free, Shown.measured(data, fit.law.scale))
        shift = np.where(fit.free, flat(moved) - flat(fit.law), 0.0)[fit.dense]
        if np.isfinite(loss) and np.isfinite(shift).all():
            fit = replace(fit, covariance=fit.covariance + np.outer(shift, shift))
    return fit
