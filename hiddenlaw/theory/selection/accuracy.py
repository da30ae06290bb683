"""The error of the steps in which a law is solved, and steps so short that it does not matter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hiddenlaw.cells import PolynomialCell
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import flat
from hiddenlaw.theory.fits.refit import Fitted, solve

_FINEST = 32  # steps a cell
_SMALL = 1e-3  # of what is left: an error of steps that does not matter
_NOTHING = 1e-18  # of the variance


def step_error(law: Law, shown: Shown) -> float:
    """Mean square change of what is answered with half as long steps, over the variance."""
    finer = _finer(law)
    with np.errstate(over="ignore", invalid="ignore"):
        change = (finer.outputs(shown) - law.outputs(shown)) ** 2 * shown.weight
        found = float(np.sum(change) / shown.total)
    return found if np.isfinite(found) else np.inf


def in_short_steps(law: Law, shown: Shown, loss: float) -> Law:
    """The law in so many steps a cell that their error is small beside the `loss`."""
    cell = law.cell
    assert isinstance(cell, PolynomialCell)
    while cell.substeps < _FINEST:
        error = step_error(law, shown)
        if error <= max(_SMALL * loss, _NOTHING):
            break
        cell = cell.in_steps(2 * cell.substeps)
        law = law.but(cell=cell)
    return law


def with_step_error(fit: Fitted, shown: Shown) -> Fitted:
    """The fit, with the shift of its numbers under half as long steps in their covariance."""
    if not np.isfinite(fit.loss):
        return fit
    with np.errstate(over="ignore", invalid="ignore"):
        target = _finer(fit.law).outputs(shown)
    if not np.isfinite(target).all():
        return fit
    moved, loss, _ = solve(fit.law, fit.free, replace(shown, target=target))
    shift = np.where(fit.free, flat(moved) - flat(fit.law), 0.0)[fit.dense]
    if not np.isfinite(loss) or not np.isfinite(shift).all():
        return fit
    return replace(fit, covariance=fit.covariance + np.outer(shift, shift))


def _finer(law: Law) -> Law:
    cell = law.cell
    assert isinstance(cell, PolynomialCell)
    return law.but(cell=cell.in_steps(2 * cell.substeps))
