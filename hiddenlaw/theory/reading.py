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
        return _of_terms(fit, cell, dx)
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


def _of_terms(fit: Fitted, cell: AbstractCell, dx: float) -> ReadCoefficients:
    """A law that is no matrix: its own terms, each a multiple of the trained number of its place.

    A state variable is in the unit that the readout gives it, the same for all.
    """
    assert isinstance(cell, AbstractLawCell), "the numbers of other cells are no coefficients"
    law = fit.law
    unit = law.readout.state_unit(float(np.ravel(law.scale)[0]))
    places = np.flatnonzero(fit.free[layout(law).cell])
    found = [
        term._replace(value=term.value * unit ** (1 - len(term.state)))
        for term in cell.terms(dx)
        if term.value
    ]
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
