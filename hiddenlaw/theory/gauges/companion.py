"""The canonical basis of a readout: what the response reads, its derivative along A, and so on.

A linear law g′ = (A + B V + …) g read out along a covector c has the canonical basis
z = (c g, cA g, cA² g, …), the observability basis: there A is a companion matrix. If c B = 0 the
second variable is the derivative of the first, and so on. With a quadratic readout gᵀQg the
covector is the root of Q, which must be of rank one: Q = ±c cᵀ makes ψ = c g. The scale of ψ is
convention. A law of one variable, linear or not, needs no more than its scale.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import AbstractGeneratorCell
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import layout
from hiddenlaw.theory.fits.refit import Fitted
from hiddenlaw.theory.gauges._base import AbstractGauge, Gauged, basis_of, has_terms

_ZERO = 1e-6  # of the largest variable


class Companion(AbstractGauge):
    """The observability basis of the first response."""

    name: ClassVar[str] = "companion"

    def fix(self, law: Law, shown: Shown) -> Iterator[Gauged]:
        turned = in_companion_form(law)
        if turned is not None:
            yield _fixed(turned)

    def again(self, gauged: Gauged, fit: Fitted, shown: Shown) -> Gauged | None:
        """Where more than the one term of the readout survived.

        The root of its form was taken a little wrong, and the fit knows it better now; or there is
        no such root, and another basis is no simpler.
        """
        law = fit.law
        weights = fit.free[layout(law).weights].reshape(np.shape(law.readout.weights))
        if law.readout.knows_sign or not weights[:, 0].any():
            return None
        turned = in_companion_form(law)
        return None if turned is None else _fixed(turned)


def observability_basis(
    matrices: Float[np.ndarray, "term d d"],
    c: Float[np.ndarray, " d"],
    last: Float[np.ndarray, " d"] | None = None,
) -> Float[np.ndarray, "d d"] | None:
    """(c, cA, cA², …) under A = `matrices[0]`; None where A does not reach it all.

    `last`, if given, takes the place of its last vector.
    """
    if not (np.isfinite(c).all() and np.isfinite(matrices).all()):
        return None
    rows = [c]
    for _ in range(matrices.shape[1] - 1):
        rows.append(rows[-1] @ matrices[0])
    if last is not None:
        rows[-1] = last
    return basis_of(np.stack(rows))


def in_companion_form(law: Law) -> Law | None:
    """The law in the basis in which the first response reads the first variable; None without.

    Squares do not tell a state from its negative: by convention the first variable of the first
    run's initial state is positive or, where that one is zero, the first that is not.
    """
    c, _ = law.readout.covector(0)
    if isinstance(law.cell, AbstractGeneratorCell):
        transform = observability_basis(np.asarray(law.cell.matrices), c)
    else:
        scalar = law.dimension == 1 and has_terms(law)
        transform = basis_of(c[None]) if scalar and np.isfinite(c).all() else None
    if transform is None:
        return None
    if not law.readout.knows_sign:
        start = transform @ law.preparation.starts(law.preparation.count)[0]
        first = start[np.argmax(np.abs(start) > _ZERO * np.abs(start).max())]
        transform = transform if first >= 0 else -transform
    return law.in_basis(transform)


def _fixed(law: Law) -> Gauged:
    """Exact companion form and exact readout where the gauge makes them so."""
    d, place = law.dimension, layout(law)
    weights = np.array(law.readout.weights)
    free_weights = np.ones(weights.shape, bool)
    rows, unit = law.readout.fixed()
    sign = 1.0 if law.readout.knows_sign else float(np.sign(weights[unit, 0])) or 1.0
    weights[rows, 0], free_weights[rows, 0] = 0.0, False
    weights[unit, 0] = sign
    cell, free_cell = law.cell, np.ones(law.cell.parameters.size, bool)
    if isinstance(cell, AbstractGeneratorCell):
        matrices = np.array(cell.matrices)
        matrices[0, : d - 1] = np.eye(d)[1:]
        cell = cell.with_matrices(matrices)
        free_matrices = np.ones(matrices.shape, bool)
        free_matrices[0, : d - 1] = False
        free_cell = free_matrices.ravel()
    exact = law.but(cell=cell, readout=law.readout.with_weights(weights))
    prunable = place.mask(cell=free_cell, weights=free_weights)
    return Gauged(exact, prunable | place.mask(starts=True), prunable, tuple(range(d)))
