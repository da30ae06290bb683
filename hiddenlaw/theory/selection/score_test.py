"""What each term on offer would gain, without a fit: Rao's score test.

At a law fitted with the numbers θ that it has, a further number φ that is zero changes the mean
square L by 2 g φ + h φ², g and h being slope and curvature once θ follows: with J all columns,

    g = g_φ − H_φθ H_θθ⁻¹ g_θ,        h = H_φφ − H_φθ H_θθ⁻¹ H_θφ,

and the best φ gains g²/h. One evaluation of JᵀJ says it of every term. Rao, Proc. Cambridge Phil.
Soc. 44, 50 (1948).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from hiddenlaw.cells import PolynomialCell
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import Mask, flat, layout
from hiddenlaw.theory.fits.uncertainty import tells
from hiddenlaw.training.least_squares import LeastSquares

_DEPENDENT = 1e-9  # of a curvature: what is left of it where θ can do the same
_OVERFLOWING = 1e150  # a slope of which nothing is known
_RIDGE = 1e-12


class Offered(NamedTuple):
    """A law with every term on offer, the new ones at zero, and what these gain.

    - `places`: of the new terms, in the vector of all numbers.
    - `gains`: by how much each alone would lower the loss, θ refitted.
    - `free`: the numbers θ.
    """

    law: Law
    places: Int[np.ndarray, " k"]
    gains: Float[np.ndarray, " k"]
    free: Mask


def offered(
    law: Law,
    free: Mask,
    shown: Shown,
    row: Int[np.ndarray, " term"],
    powers: Int[np.ndarray, "term variable"],
) -> Offered:
    """The score test of these terms at a law whose `free` numbers are at their best.

    No gains where the law overflows.
    """
    cell = law.cell
    assert isinstance(cell, PolynomialCell)
    before, wide = layout(law), law.but(cell=cell.offering(row, powers))
    place, count = layout(wide), cell.parameters.size
    kept = np.zeros(place.size, bool)
    kept[:count] = free[before.cell]
    kept[place.cell.stop :] = free[before.cell.stop :]
    places = np.arange(count, place.cell.stop)
    asked = kept.copy()
    asked[places] = True
    there = LeastSquares(wide, shown, asked).at(flat(wide))
    reduced = there.equations().reduced() if np.isfinite(there.loss) else None
    if reduced is None or not tells(reduced.matrix):
        return Offered(wide, places, np.zeros(len(places)), kept)
    dense = there.problem.columns.dense
    new = np.isin(dense, places)
    gains = _gains(reduced.gradient, reduced.matrix, new)
    return Offered(wide, places, gains, kept)


def _gains(
    gradient: Float[np.ndarray, " p"], matrix: Float[np.ndarray, "p p"], new: np.ndarray
) -> Float[np.ndarray, " k"]:
    scale = np.sqrt(np.maximum(np.diag(matrix), 1e-300))
    gradient, matrix = gradient / scale, matrix / scale[:, None] / scale
    old = ~new
    within = matrix[np.ix_(old, old)] + _RIDGE * np.eye(int(old.sum()))
    with np.errstate(over="ignore", invalid="ignore"):
        return _gained(gradient, matrix, within, new)


def _gained(gradient, matrix, within, new) -> Float[np.ndarray, " k"]:
    """Once what there is has been fitted anew; nothing of what overflows."""
    old = ~new
    across = np.linalg.solve(within, np.column_stack([gradient[old], matrix[np.ix_(old, new)]]))
    slope = gradient[new] - matrix[np.ix_(new, old)] @ across[:, 0]
    curvature = np.diag(matrix)[new] - np.sum(matrix[np.ix_(old, new)] * across[:, 1:], axis=0)
    sure = (curvature > _DEPENDENT) & (np.abs(slope) < _OVERFLOWING)
    return np.where(sure, np.where(sure, slope, 0.0) ** 2 / np.where(sure, curvature, 1.0), 0.0)
