"""The free numbers of a law's cell as coefficients in the data's units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import AbstractCell, AbstractGeneratorCell, AbstractLawCell, Coefficient
from hiddenlaw.law import Law
from hiddenlaw.parameters import layout
from hiddenlaw.theory.equations.entries import coefficients, raw_matrices
from hiddenlaw.theory.fits.refit import Fitted
from hiddenlaw.theory.gauges.choose import Chosen


@dataclass(frozen=True)
class ReadCoefficients:
    """The coefficients of a law in the data's units, and their covariance."""

    found: list[Coefficient]
    covariance: Float[np.ndarray, "p p"]

    @property
    def errors(self) -> Float[np.ndarray, " p"]:
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))


def read_coefficients(
    fit: Fitted, chosen: Chosen, dx: float, law: Law | None = None
) -> ReadCoefficients:
    """The free numbers of the cell as coefficients, of the fit or of another law in its gauge."""
    cell, gauged = (fit.law if law is None else law).cell, chosen.gauged
    free = fit.free[layout(fit.law).cell]
    if not isinstance(cell, AbstractGeneratorCell):
        return _of_terms(fit, cell, dx, gauged.orders)
    matrices = np.asarray(cell.matrices)
    found, factors, places = coefficients(
        matrices,
        free.reshape(matrices.shape),
        cell.monomials.exponents,
        np.asarray(cell.monomials.scale),
        dx,
        gauged.orders,
        constant=gauged.constant,
    )
    covariance = fit.covariance_of(np.array(places, int))
    return ReadCoefficients(found, covariance * factors * factors[:, None])


def _of_terms(
    fit: Fitted, cell: AbstractCell, dx: float, orders: tuple[int, ...]
) -> ReadCoefficients:
    """A law that is no matrix: its own terms, each a multiple of the trained number of its place.

    A state variable is in the unit that the readout gives it, over dx as often as it counts as
    differentiated.
    """
    assert isinstance(cell, AbstractLawCell), "the numbers of other cells are no coefficients"
    law = fit.law
    units = law.readout.state_unit(float(np.ravel(law.scale)[0])) / dx ** np.array(orders)
    free, moving = fit.free[layout(law).cell], np.flatnonzero(cell.parameters)
    places, found = [], []
    for place, term in zip(moving, cell.terms(dx), strict=True):
        if free[place]:
            places.append(place)
            factor = units[term.row] / np.prod(units[list(term.state)])
            found.append(term._replace(value=float(term.value * factor)))
    places = np.array(places, int)
    factors = np.array([term.value for term in found]) / cell.parameters[places]
    covariance = fit.covariance_of(places)
    return ReadCoefficients(found, covariance * factors * factors[:, None])


def generators_over_input(
    found: list[Coefficient], chosen: Chosen
) -> Float[np.ndarray, "term d d"] | None:
    """The generators over the input itself; None where the law is not linear in its state."""
    cell, gauged = chosen.fit.law.cell, chosen.gauged
    if not isinstance(cell, AbstractGeneratorCell):
        return None
    return raw_matrices(
        found,
        cell.monomials.exponents,
        gauged.orders,
        waves=gauged.waves,
        constant=gauged.constant,
    )
