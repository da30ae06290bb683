"""Mean and spread of a coefficient that is each run's own, with their errors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hiddenlaw.cells import PolynomialCell
from hiddenlaw.law import Shown
from hiddenlaw.parameters import flat, layout
from hiddenlaw.theory.fits.refit import Fitted
from hiddenlaw.theory.selection.placing import place_of
from hiddenlaw.training.least_squares import LeastSquares


def with_own_coefficient(fit: Fitted, shown: Shown) -> Fitted:
    """The fit with b and s of (b + s e) m among the numbers that have errors.

    In the fit the e are free, and b and s are not. By convention e has mean 0 and deviation 1, so
    that b is the mean over the runs of b + s e, and s their deviation: with δe_r for the errors,
    δb = s Σ δe_r / N and δs = s Σ e_r δe_r / N. Those errors are the runs' own, and what the shared
    numbers add.
    """
    law, place = fit.law, place_of(fit.law)
    if place is None or fit.constants_stderr is None:
        return fit
    reduced = LeastSquares(law, shown, fit.free).at(flat(law)).equations().reduced()
    if reduced is None or reduced.again is None:
        return fit
    cell, e = law.cell, law.preparation.constants[:, 0]
    assert isinstance(cell, PolynomialCell)
    free = fit.free.copy()
    where = layout(law).cell.start + np.array([place.alone, place.with_constant])
    shared = np.flatnonzero(fit.free[fit.dense])
    known = fit.covariance[np.ix_(shared, shared)]
    through = reduced.again[:, 0, :-1]
    own = fit.constants_stderr[:, 0] ** 2 - np.einsum("rp,pq,rq->r", through, known, through)
    slope = float(cell.coefficients[place.with_constant]) / len(e)
    weights = slope * np.stack([np.full(len(e), 1 / cell.scale[-1]), e])
    turned = weights @ through
    covariance, at = fit.covariance.copy(), np.searchsorted(fit.dense, where)
    covariance[np.ix_(at, shared)] = -turned @ known
    covariance[np.ix_(shared, at)] = covariance[np.ix_(at, shared)].T
    covariance[np.ix_(at, at)] = turned @ known @ turned.T
    covariance[np.ix_(at, at)] += (weights * np.maximum(own, 0.0)) @ weights.T
    free[where] = True
    return replace(fit, free=free, covariance=covariance)
