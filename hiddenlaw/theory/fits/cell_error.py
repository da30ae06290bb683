"""The error of the cells: where the input varies inside them, or a law is solved in steps.

A spline through samples is not the input, and a step of some order is not the law. Both errors are
small, the same for all runs, and no noise: they would pass for terms of the law. So they are
estimated from the data's own inputs, by cells half as wide and a spline of higher degree, and
enter twice: nothing smaller is taken for a measurement, and what they do to the coefficients is
part of the error bars.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import AbstractLawCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.holds import delayed, hold_called, varies_in_cells
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import flat
from hiddenlaw.theory.fits.refit import Fitted, solve


def cell_error(law: Law, train: Dataset, shown: Shown) -> float:
    """Mean square change of the response with finer cells, over its variance.

    0 where the cells are exact, and where runs were cut into windows.
    """
    if not _counts(law, train, shown):
        return 0.0
    change = np.sum((_finer(law, train) - law.outputs(shown)) ** 2, axis=2)
    return float(np.mean(change))


def with_cell_error(fit: Fitted, train: Dataset, shown: Shown) -> Fitted:
    """The fit, with the shift of its numbers under finer cells in their covariance."""
    if not _counts(fit.law, train, shown):
        return fit
    finer = replace(shown, target=_finer(fit.law, train))
    shifted, loss, _ = solve(fit.law, fit.free, finer)
    shift = np.where(fit.free, flat(shifted) - flat(fit.law), 0.0)[fit.dense]
    if not np.isfinite(loss) or not np.isfinite(shift).all():
        return fit
    return replace(fit, covariance=fit.covariance + np.outer(shift, shift))


def _counts(law: Law, train: Dataset, shown: Shown) -> bool:
    if shown.owner is not None:
        return False
    if varies_in_cells(train.hold, train.late):
        return hold_called(train.hold).varies
    return isinstance(law.cell, AbstractLawCell) and not law.cell.exact


def _finer(law: Law, train: Dataset) -> Float[np.ndarray, "site run output"]:
    """What the law answers at the sites, with two cells for each."""
    assert isinstance(law.cell, AbstractLawCell)
    halves = hold_called(train.hold).halved(delayed(train.input, train.late))
    return law.but(cell=law.cell.finer()).outputs(Shown.unanswered(halves))[1::2]
