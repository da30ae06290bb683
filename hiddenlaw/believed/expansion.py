"""A believed law as a law whose numbers are functions of a few constants.

What is fitted is one vector: the constants, then the initial state that all runs share, or those of
all runs. The state is scaled by powers of dx and by the size of the response, so that all of it is
of order one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from hiddenlaw.believed.linear_law import LinearLaw, names_in
from hiddenlaw.believed.polynomial_law import PolynomialLaw
from hiddenlaw.cells import AbstractLawCell, Monomials, PolynomialCell, generator_over
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

    It is the `place`-th of the cell or, where it is `read`, of the weights. `slopes` are its
    derivatives by those of the constants, by index, that it depends on.
    """

    place: int
    read: bool
    expression: sp.Expr
    unit: float
    slopes: tuple[tuple[int, sp.Expr], ...]


@dataclass(frozen=True, eq=False)
class Expansion:
    """From constants and starts to a law, and how the law moves with them.

    `template` is a law of the shape of that of the `constants`, which says the `numbers`.
    """

    constants: tuple[str, ...]
    template: Law
    numbers: tuple[Number, ...]

    @classmethod
    def over(cls, system: LinearLaw, span: Span, dx: float, scale: float) -> Expansion:
        """For inputs of `span`, cells of width `dx` and a response in units of `scale`."""
        d = system.dimension
        # Raw monomials: an entry of the system is a coefficient of the law.
        monomials = Monomials.plain(system.exponents)
        shape = (len(system.exponents), d, d)
        cell = generator_over(np.zeros(shape), monomials, span)
        found = [
            (int(np.ravel_multi_index(where, shape)), expression, dx ** (where[1] + 1 - where[2]))
            for where, expression in system.entries
        ]
        return cls.of(system, cell, found, dx, scale)

    @classmethod
    def over_polynomial(
        cls, system: PolynomialLaw, span: Span, dx: float, scale: float
    ) -> Expansion:
        """The same of a law with powers and products of its state, with nothing clipped."""
        d, unit = system.dimension, _amplitude(system, scale)
        cell = PolynomialCell.empty(d, span)
        moves = np.eye(d - 1, len(cell.low), 1, dtype=int)  # z_k′ = z_{k+1}
        said = np.array([powers for powers, _ in system.terms], int).reshape(-1, len(cell.low))
        row = np.repeat([*range(d)], [*[1] * (d - 1), len(said)])
        cell = replace(cell.offering(row, np.concatenate([moves, said])), clip=None)
        cell = cell.with_parameters((np.arange(len(row)) < d - 1).astype(float))
        units = [
            float(dx**d / unit * np.prod((unit / dx ** np.arange(d)) ** powers[:d])) * raise_
            for powers, raise_ in zip(said, cell.units[d - 1 :], strict=True)
        ]
        found = [
            (d - 1 + k, expression, each)
            for k, ((_, expression), each) in enumerate(zip(system.terms, units, strict=True))
        ]
        return cls.of(system, cell, found, dx, scale)

    @classmethod
    def of(
        cls,
        system: LinearLaw | PolynomialLaw,
        cell: AbstractLawCell,
        found: Sequence[tuple[int, sp.Expr, float]],
        dx: float,
        scale: float,
    ) -> Expansion:
        """Of a cell whose numbers at those places are those expressions times those units."""
        d, amplitude = system.dimension, _amplitude(system, scale)
        features = Quadratic.names_of_features(d)
        numbers = [
            Number(place, False, expression, float(unit), _slopes(expression, system.constants))
            for place, expression, unit in found
        ]
        for index, expression in system.weights:
            unit = float(np.prod([amplitude / dx**k for k in features[index]])) / scale
            slopes = _slopes(expression, system.constants)
            numbers.append(Number(index, True, expression, unit, slopes))
        readout = Quadratic(np.zeros((len(features), 1)), np.zeros(0))
        template = Law(Shared(np.zeros(d)), cell, readout, np.array([scale]))
        return cls(system.constants, template, tuple(numbers))

    def along(self, law: Law) -> Expansion:
        """The same with cells and starts as those of another law of this kind."""
        return replace(self, template=law)

    @property
    def size(self) -> int:
        """How many numbers are fitted."""
        return len(self.constants) + np.size(self.template.preparation.numbers)

    @cached_property
    def layout(self) -> Layout:
        return layout(self.template)

    def _place(self, number: Number) -> int:
        """Where it stands among all numbers of the law."""
        return (self.layout.weights if number.read else self.layout.cell).start + number.place

    @property
    def free(self) -> Mask:
        """Which numbers of the law move."""
        mask = self.layout.mask(starts=True)
        mask[[self._place(number) for number in self.numbers if number.slopes]] = True
        return mask

    def flat(self, fitted: Float[np.ndarray, " q"]) -> Float[np.ndarray, " p"]:
        """All numbers of the law; not finite where the constants allow of no law."""
        values = self._values(fitted)
        every = flat(self.template)
        for number in self.numbers:
            every[self._place(number)] = evaluate(number.expression, values) * number.unit
        every[self.layout.starts] = fitted[len(self.constants) :]
        return every

    def law(self, fitted: Float[np.ndarray, " q"]) -> Law:
        """The law of these constants and these starts."""
        return filled(self.template, self.flat(fitted))

    def slopes(self, fitted: Float[np.ndarray, " q"]) -> Float[np.ndarray, "p q"]:
        """∂(numbers of the law)/∂(constants, starts)."""
        count = len(self.constants)
        found = np.zeros((self.layout.size, self.size))
        found[:, :count] = self.by_constants(fitted)
        found[self.layout.starts, count:] = np.eye(self.size - count)
        return found

    def by_constants(self, fitted: Float[np.ndarray, " q"]) -> Float[np.ndarray, "p k"]:
        """∂(numbers of the law)/∂(constants)."""
        values = self._values(fitted)
        found = np.zeros((self.layout.size, len(self.constants)))
        for number in self.numbers:
            for index, slope in number.slopes:
                found[self._place(number), index] = evaluate(slope, values) * number.unit
        return found

    def _values(self, fitted: Float[np.ndarray, " q"]) -> dict[str, np.float64]:
        return dict(zip(self.constants, fitted, strict=False))


def _amplitude(system: LinearLaw | PolynomialLaw, scale: float) -> float:
    """The unit of the state: the root of that of the response where squares of it are read."""
    squared = any(index > system.dimension for index, _ in system.weights)
    return float(np.sqrt(scale)) if squared else scale


def _slopes(expression: sp.Expr, constants: tuple[str, ...]) -> tuple[tuple[int, sp.Expr], ...]:
    import sympy as sp

    names = names_in(expression)
    return tuple(
        (index, sp.diff(expression, sp.Symbol(name)))
        for index, name in enumerate(constants)
        if name in names
    )


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
