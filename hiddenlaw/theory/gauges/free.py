"""No gauge: the law in the basis that the optimiser found.

No single number can be judged there, but whether any of those with V² is needed is the same
question in every basis.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import AbstractGeneratorCell, Coefficient, DrivenCell
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import constant_variables, free_but_constants, layout
from hiddenlaw.theory.equations.naming import derivative
from hiddenlaw.theory.equations.system import FirstOrderSystem, term_of
from hiddenlaw.theory.equations.term import Term, Terms, ordered
from hiddenlaw.theory.gauges._base import AbstractGauge, Gauged


class Free(AbstractGauge):
    """The law as it is, and without powers of the input that do nothing."""

    name: ClassVar[str] = "free"
    canonical: ClassVar[bool] = False

    def system(
        self,
        gauged: Gauged,
        found: list[Coefficient],
        errors: Float[np.ndarray, " p"],
        variable: str,
        channels: tuple[str, ...],
    ) -> FirstOrderSystem:
        """Variables that mean nothing alone: g1, g2, …, none of them the response."""
        names = tuple(f"g{k + 1}" for k in range(len(gauged.orders)))
        rows: list[Terms] = [{} for _ in names]
        for c, error in zip(found, errors, strict=True):
            rows[c.row][term_of(c, channels, names)] = Term(c.value, float(error))
        lefts = (derivative(name, 1) for name in names)
        return FirstOrderSystem(names, dict(zip(lefts, map(ordered, rows), strict=True)), {})

    def fix(self, law: Law, shown: Shown | None = None) -> Iterator[Gauged]:
        d = law.dimension
        place, nothing = layout(law), np.zeros(layout(law).size, bool)
        free = free_but_constants(law)
        free[place.constants] = False
        # A basis that leaves alone what is constant has fewer numbers.
        orders, basis = tuple(range(d)), d * (d - len(constant_variables(law)))
        if isinstance(law.cell, DrivenCell) and np.shape(law.readout.weights)[1] == 1:
            basis += d - 1  # variables that no response reads may count from anywhere
        yield Gauged(law, free, nothing, orders, basis=basis)
        if isinstance(law.cell, AbstractGeneratorCell):
            matrices = np.array(law.cell.matrices)
            squares = np.array([sum(e) > 1 for e in law.cell.monomials.exponents])
            if squares.any():
                matrices[squares] = 0.0
                kept = np.broadcast_to(~squares[:, None, None], matrices.shape)
                fewer = free.copy()
                fewer[place.cell] = kept.ravel()
                plainer = law.but(cell=law.cell.with_matrices(matrices))
                yield Gauged(plainer, fewer, nothing, orders, basis=basis)
