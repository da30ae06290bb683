"""Responses far from zero are fitted about their middle, and the law is written about zero again.

Of y = 97 ± 2 the powers are all but multiples of one another. About the middle a they are not, and
a polynomial of y − a is one of y of the same degree, whose coefficients are sums of the former.
"""

from __future__ import annotations

from dataclasses import replace
from math import comb

import numpy as np

from hiddenlaw.cells import PolynomialCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.law import Law
from hiddenlaw.parameters import layout
from hiddenlaw.theory.fits.refit import Fitted
from hiddenlaw.theory.selection.forward import free_numbers

_FAR = 0.5  # of the observed range, between that and zero


def middle_of_response(data: Dataset) -> float:
    """The middle of the observed range where zero is far from it, else 0."""
    low, high = float(np.nanmin(data.response)), float(np.nanmax(data.response))
    if low - _FAR * (high - low) <= 0 <= high + _FAR * (high - low):
        return 0.0
    return (low + high) / 2


def taken_off(data: Dataset, middle: float) -> Dataset:
    """The data with so much taken off the response."""
    return replace(data, response=data.response - middle) if middle else data


def put_back(fit: Fitted, middle: float) -> Fitted:
    """The same fit of a law that answers so much more: z₁ is y, and not y − `middle`."""
    if not middle:
        return fit
    law, cell = fit.law, fit.law.cell
    assert isinstance(cell, PolynomialCell)
    shift = middle / float(np.asarray(law.scale)[0])
    row, powers, turn = _expanded(cell, shift)
    values = turn @ np.asarray(cell.coefficients)
    moved = np.zeros(len(cell.low))
    moved[0] = shift
    raised = replace(
        cell, coefficients=values, row=row, powers=powers,
        low=cell.low + moved, high=cell.high + moved,
    )  # fmt: skip
    starts = np.array(law.preparation.numbers, float)
    starts[..., 0] += shift
    law = law.but(cell=raised, preparation=law.preparation.with_numbers(starts))
    return _with_covariance(fit, law, turn)


def _with_covariance(fit: Fitted, law: Law, turn: np.ndarray) -> Fitted:
    """The covariance of the new coefficients, and of starts that all runs share."""
    new, old = turn.shape
    free = free_numbers(law)
    place = layout(law)
    shared = place.mask(cell=True, inner=True, weights=True, starts=not law.preparation.per_run)
    dense = np.flatnonzero(shared)
    if not fit.dense.size:
        return replace(fit, law=law, free=free)
    whole = np.zeros((len(dense), len(fit.dense)))
    whole[:new, :old] = turn
    whole[new:, old:] = np.eye(len(dense) - new)
    covariance = whole @ fit.covariance @ whole.T
    return replace(fit, law=law, free=free, dense=dense, covariance=covariance)


def _expanded(cell: PolynomialCell, shift: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, powers, and how their coefficients follow: (z − a)ᵖ = Σ C(p, k) (−a)ᵖ⁻ᵏ zᵏ."""
    places: dict[tuple[int, ...], int] = {}
    entries = []
    for old, (row, powers) in enumerate(zip(cell.row, cell.powers, strict=True)):
        first = int(powers[0])
        for k in range(first, -1, -1):
            key = (int(row), k, *map(int, powers[1:]))
            at = places.setdefault(key, len(places))
            entries.append((at, old, comb(first, k) * (-shift) ** (first - k)))
    turn = np.zeros((len(places), len(cell.row)))
    for new, old, value in entries:
        turn[new, old] += value
    every = np.array(list(places), int)
    return every[:, 0], every[:, 1:], turn
