"""A driven law by what it answers: the response, its derivative without input, and so on.

For dz/dx = A z + B u + c read out along r the rows r, rA, rA², … are the observability canonical
basis (Kailath, Linear Systems, 1980, §2.3.3): A is a companion matrix, whose last row holds the
coefficients of the characteristic polynomial, and B and c say how the input and the surroundings
push each variable. d numbers for A and d for every input: d² fewer than in any basis.

Where one response is all that is read, the variables behind the first may count from anywhere, and
they count from where the surroundings push the last one alone: c is one number. Of several
responses each is read from zero, and runs that cannot start anywhere say where it is: c keeps d.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

import numpy as np
from jaxtyping import Int

from hiddenlaw.cells import DrivenCell
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import layout
from hiddenlaw.readouts import Linear
from hiddenlaw.theory.gauges._base import AbstractGauge, Gauged
from hiddenlaw.theory.gauges.companion import observability_basis


class Observability(AbstractGauge):
    """The observability basis of the first response, for driven laws.

    Its terms are those of its order, and thrift is asked of that: no misfit hides in them.
    """

    name: ClassVar[str] = "observability"
    thrifty: ClassVar[bool] = False

    def fix(self, law: Law, shown: Shown) -> Iterator[Gauged]:
        cell, readout = law.cell, law.readout
        if not (isinstance(cell, DrivenCell) and isinstance(readout, Linear)):
            return
        matrix = np.asarray(cell.rates)[None, :, : cell.dimension]
        transform = observability_basis(matrix, readout.covector(0)[0])
        if transform is not None:
            yield _fixed(law.in_basis(transform))


def _fixed(law: Law) -> Gauged:
    """Exact companion rows, and a readout that reads the first variable."""
    d, cell = law.dimension, law.cell
    assert isinstance(cell, DrivenCell)
    rates, weights = np.array(cell.rates), np.array(law.readout.weights)
    rates[: d - 1, :d] = np.eye(d)[1:]
    weights[:, 0] = np.eye(d)[0]
    free_rates, free_weights = np.ones(rates.shape, bool), np.ones(weights.shape, bool)
    free_rates[: d - 1, :d] = False
    exact = law.but(cell=replace(cell, rates=rates), readout=law.readout.with_weights(weights))
    anywhere = np.array_equal(law.preparation.whole.slopes, np.eye(d))
    if weights.shape[1] == 1 and anywhere:
        exact = with_one_constant(exact)
        free_rates[: d - 1, -1] = False
    free_weights[:, 0] = False
    place = layout(exact)
    prunable = place.mask(cell=free_rates, weights=free_weights)
    return Gauged(exact, prunable | place.mask(starts=True), prunable, tuple(range(d)))


def with_one_constant(law: Law) -> Law:
    """A law in companion form whose variables behind the first count from where the surroundings
    push the last one alone.
    """
    d, cell = law.dimension, law.cell
    assert isinstance(cell, DrivenCell)
    rates = np.array(cell.rates)
    moved = np.concatenate([[0.0], rates[: d - 1, -1]])
    rates[: d - 1, -1] = 0.0
    rates[-1, -1] -= rates[-1, :d] @ moved
    whole = law.preparation.whole
    preparation = whole.with_numbers(np.asarray(whole.numbers) + moved)
    return law.but(preparation=preparation, cell=replace(cell, rates=rates))


def constants_of(law: Law) -> Int[np.ndarray, " d"]:
    """Where the constants of a driven law's rows stand among its numbers."""
    d, columns = np.shape(law.cell.rates)  # type: ignore[attr-defined]  # of a driven cell
    place = layout(law).cell
    return np.arange(place.start, place.stop).reshape(d, columns)[:, -1]
