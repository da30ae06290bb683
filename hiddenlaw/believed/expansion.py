"""A believed law as a law whose numbers are functions of a few constants.

What is fitted is one vector: the constants, then the initial state that all runs share. The state
is scaled by powers of dx and by the size of the response, so that all of it is of order one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from hiddenlaw.believed.linear_law import LinearLaw, names_in
from hiddenlaw.cells import Monomials, generator_over
from hiddenlaw.errors import LawError
from hiddenlaw.holds import Span
from hiddenlaw.law import Law
from hiddenlaw.parameters import Layout, Mask, filled, flat, layout
from hiddenlaw.preparations import Shared
from hiddenlaw.readouts import Quadratic

if TYPE_CHECKING:
    import sympy as sp


@dataclass(frozen=True)
class Number:
    """One number of the law: where it stands, how it follows from the constants, in what unit.

    `slopes` are its derivatives by those of the constants, by index, that it depends on.
    """

    place: int
    expression: sp.Expr
    unit: float
    slopes: tuple[tuple[int, sp.Expr], ...]


@dataclass(frozen=True, eq=False)
class Expansion:
    """From constants and initial state to a law, and how the law moves with them.

    `template` is a law of the system's shape, and `scale` the unit of the response, `dx` the width
    of a cell.
    """

    system: LinearLaw
    template: Law
    dx: float
    scale: float

    @classmethod
    def over(cls, system: LinearLaw, span: Span, dx: float, scale: float) -> Expansion:
        """For inputs of `span`."""
        d = system.dimension
        # Raw monomials: an entry of the system is a coefficient of the law.
        monomials = Monomials.plain(system.exponents)
        cell = generator_over(np.zeros((len(system.exponents), d, d)), monomials, span)
        features = len(Quadratic.names_of_features(d))
        readout = Quadratic(np.zeros((features, 1)), np.zeros(0))
        template = Law(Shared(np.zeros(d)), cell, readout, np.array([scale]))
        return cls(system, template, dx, scale)

    def along(self, law: Law) -> Expansion:
        """The same with cells as those of another law of this shape."""
        return Expansion(self.system, law, self.dx, self.scale)

    @property
    def size(self) -> int:
        """How many numbers are fitted."""
        return len(self.system.constants) + self.system.dimension

    @cached_property
    def layout(self) -> Layout:
        return layout(self.template)

    @cached_property
    def numbers(self) -> tuple[Number, ...]:
        """Every number of cell and readout that the system says."""
        system, d = self.system, self.system.dimension
        squared = any(index > d for index, _ in system.weights)
        amplitude = np.sqrt(self.scale) if squared else self.scale
        shape, found = (len(system.exponents), d, d), []
        for where, expression in system.entries:
            _, row, column = where
            place = self.layout.cell.start + int(np.ravel_multi_index(where, shape))
            found.append((place, expression, self.dx ** (row + 1 - column)))
        features = Quadratic.names_of_features(d)
        for index, expression in system.weights:
            unit = float(np.prod([amplitude / self.dx**k for k in features[index]]))
            found.append((self.layout.weights.start + index, expression, unit / self.scale))
        return tuple(
            Number(place, expression, unit, self._slopes_of(expression))
            for place, expression, unit in found
        )

    def _slopes_of(self, expression: sp.Expr) -> tuple[tuple[int, sp.Expr], ...]:
        import sympy as sp

        names = names_in(expression)
        return tuple(
            (index, sp.diff(expression, sp.Symbol(name)))
            for index, name in enumerate(self.system.constants)
            if name in names
        )

    @property
    def free(self) -> Mask:
        """Which numbers of the law move."""
        mask = self.layout.mask(starts=True)
        mask[[number.place for number in self.numbers if number.slopes]] = True
        return mask

    def flat(self, fitted: Float[np.ndarray, " q"]) -> Float[np.ndarray, " p"]:
        """All numbers of the law; not finite where the constants allow of no law."""
        constants, values = len(self.system.constants), self._values(fitted)
        every = flat(self.template)
        for number in self.numbers:
            every[number.place] = evaluate(number.expression, values) * number.unit
        every[self.layout.starts] = fitted[constants:]
        return every

    def law(self, fitted: Float[np.ndarray, " q"]) -> Law:
        """The law of these constants and this initial state."""
        return filled(self.template, self.flat(fitted))

    def slopes(self, fitted: Float[np.ndarray, " q"]) -> Float[np.ndarray, "p q"]:
        """∂(numbers of the law)/∂(constants, initial state)."""
        constants, values = len(self.system.constants), self._values(fitted)
        found = np.zeros((self.layout.size, self.size))
        for number in self.numbers:
            for index, slope in number.slopes:
                found[number.place, index] = evaluate(slope, values) * number.unit
        found[self.layout.starts, constants:] = np.eye(self.system.dimension)
        return found

    def _values(self, fitted: Float[np.ndarray, " q"]) -> dict[str, np.float64]:
        return dict(zip(self.system.constants, fitted, strict=False))


def evaluate(expression: sp.Basic, values: dict[str, np.float64]) -> np.float64:
    """A rational expression in constants of these `values`: walked, never run.

    Infinite or NaN where it divides by zero. Raises `LawError` for anything but sums, products
    and whole powers.
    """
    import sympy as sp

    if isinstance(expression, sp.Symbol):
        return values[expression.name]
    if isinstance(expression, sp.Number):
        return np.float64(float(expression))
    arguments = [evaluate(argument, values) for argument in expression.args]
    with np.errstate(all="ignore"):
        if isinstance(expression, sp.Add):
            return np.float64(np.sum(arguments))
        if isinstance(expression, sp.Mul):
            return np.float64(np.prod(arguments))
        if isinstance(expression, sp.Pow) and isinstance(expression.args[1], sp.Integer):
            return arguments[0] ** int(expression.args[1])
    raise LawError(f"cannot evaluate {expression}")
