"""Laws with a term free of the state, such as y″ = −ω² y + f: one of the variables is constant.

The law of d variables z′ = (A + B V) z, linear in z, holds every driven law of d − 1 variables: its
last variable is 1. It is the linear function ℓ·z that stays the same along all runs, and the gauge
is (c, cA, …, cA^{d−2}, ℓ): every entry is then a coefficient, of the state or of the input alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import AbstractGeneratorCell
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import layout
from hiddenlaw.readouts import Linear
from hiddenlaw.theory.fits.best_readout import seen_states
from hiddenlaw.theory.gauges._base import AbstractGauge, Gauged
from hiddenlaw.theory.gauges.companion import observability_basis
from hiddenlaw.theory.invariants import Invariant, constant_variable

_VARIES = 1e-2  # mean square, of what is 1 where it is constant
_EXACTLY = 1e-6  # the same, of starts that nobody measured


class Driven(AbstractGauge):
    """The last variable is the constant 1."""

    name: ClassVar[str] = "driven"

    def fix(self, law: Law, shown: Shown) -> Iterator[Gauged]:
        """None where no function of the state is constant, or the response misses another."""
        cell, d = law.cell, law.dimension
        if not (isinstance(law.readout, Linear) and isinstance(cell, AbstractGeneratorCell)):
            return
        if d < 2:
            return
        states = seen_states(law, shown)
        if not np.isfinite(states).all():
            return
        constant, distance = constant_function(states)
        if distance > _VARIES:
            return
        one = 1.0 / float(np.asarray(law.scale).ravel()[0])  # in the unit of the response
        matrices = np.asarray(cell.matrices)
        transform = observability_basis(matrices, law.readout.covector(0)[0], constant * one)
        if transform is not None:
            yield _fixed(law.in_basis(transform), one)

    def invariants(self, gauged: Gauged, raw: Float[np.ndarray, "term d d"]) -> Sequence[Invariant]:
        return [constant_variable(len(gauged.orders))]


def constant_function(
    states: Float[np.ndarray, "sample d"],
) -> tuple[Float[np.ndarray, " d"], float]:
    """The ℓ with which ℓ·z is nearest to 1 over the states, and its mean square distance."""
    size = np.sqrt(np.mean(states**2, axis=0)) + 1e-300
    found = np.linalg.lstsq(states / size, np.ones(len(states)), rcond=None)[0] / size
    return found, float(np.mean((states @ found - 1) ** 2))


def with_constant(law: Law) -> Law:
    """The law in a basis whose last variable is 1 and stays so, where all runs start with one.

    Otherwise as it is. What a translator knew to be constant so remains that in the refits: short
    noisy windows, free to start anywhere, would not tell.
    """
    starts = law.preparation.starts(law.preparation.count)
    constant, distance = constant_function(starts)
    if distance > _EXACTLY or not isinstance(law.cell, AbstractGeneratorCell):
        return law
    # In place of the variable that has most of it.
    most = int(np.argmax(np.abs(constant) * np.sqrt(np.mean(starts**2, axis=0))))
    rows = np.vstack([np.delete(np.eye(law.dimension), most, axis=0), constant])
    turned = law.in_basis(rows)
    assert isinstance(turned.cell, AbstractGeneratorCell)
    matrices = np.array(turned.cell.matrices)
    matrices[:, -1] = 0.0
    return turned.but(
        preparation=turned.preparation.holding((*[None] * (law.dimension - 1), 1.0)),
        cell=turned.cell.with_matrices(matrices),
    )


def _fixed(law: Law, one: float) -> Gauged:
    """The law with its last variable `one` in every run, moving nowhere."""
    d = law.dimension
    assert isinstance(law.cell, AbstractGeneratorCell)
    matrices, weights = np.array(law.cell.matrices), np.array(law.readout.weights)
    matrices[:, -1] = 0.0
    matrices[0, : d - 2] = np.eye(d)[1 : d - 1]
    weights[:, 0] = np.eye(d)[0]
    exact = law.but(
        preparation=law.preparation.holding((*[None] * (d - 1), one)),
        cell=law.cell.with_matrices(matrices),
        readout=law.readout.with_weights(weights),
    )
    free_matrices, free_weights = np.ones(matrices.shape, bool), np.ones(weights.shape, bool)
    free_matrices[:, -1] = free_matrices[0, : d - 2] = False
    free_weights[:, 0] = False
    place = layout(exact)
    prunable = place.mask(cell=free_matrices, weights=free_weights)
    orders = (*range(d - 1), 0)
    return Gauged(exact, prunable | place.mask(starts=True), prunable, orders, constant=True)
