"""From a first-order system in the canonical gauge to one scalar differential equation.

The system is z_r′ = z_{r+1} + f_r, f_r being the sum of terms p V^e Π z_k. Where f_r holds no
variable beyond z_r, each variable is known from y = z_0 and its derivatives,

    z_{r+1} = z_r′ − f_r(z_0, …, z_r, V),

and the last row says what y^{(d)} is: a sum of products of the input, its derivatives and those of
y. Where the input is held constant over cells its derivatives are spikes at the edges; then the
first-order system is the law, and the scalar equation is what it would be for a smooth input.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells.terms import Coefficient
from hiddenlaw.theory.equations.naming import ONE, derivative, term_name
from hiddenlaw.theory.equations.polynomial import Polynomial, Powers
from hiddenlaw.theory.equations.term import Term, Terms, ordered


@dataclass(frozen=True)
class Scalar:
    """One scalar equation: y^{(d)} = Σ value · term; a constant of zero where there is none."""

    left: str
    terms: Terms


def eliminate(
    found: list[Coefficient],
    covariance: Float[np.ndarray, "p p"],
    dimension: int,
    variable: str,
    inputs: tuple[str, ...],
    varying: int | None = None,
) -> Scalar | None:
    """One scalar equation for `variable`, from a system of `dimension` moving variables.

    None where the input moves the variable directly (c B ≠ 0), or where a row before the last
    holds variables that are not known by then. Inputs beyond the first `varying` stay the same
    along a run: they move a variable as a number does. Errors by the delta method from the
    coefficients' covariance.
    """
    if dimension > 1 and any(c.row == 0 and any(c.input[:varying]) for c in found):
        return None
    if any(max(c.state, default=0) > c.row for c in found if c.row < dimension - 1):
        return None
    symbols = _Symbols(dimension, variable, inputs, varying)
    right = _right_side(found, symbols)
    terms = {
        symbols.term(powers): Term(float(coefficient[0]), _error(coefficient[1:], covariance))
        for powers, coefficient in right.terms.items()
    }
    nothing = {ONE: Term(0.0, 0.0)}
    return Scalar(derivative(variable, dimension), ordered(terms) or nothing)


@dataclass(frozen=True)
class _Symbols:
    """y, y′, …, y^{(d)}, then the inputs, their first derivatives, and so on, d times."""

    dimension: int
    variable: str
    inputs: tuple[str, ...]
    varying: int | None

    @property
    def names(self) -> list[str]:
        levels = range(self.dimension + 1)
        state = [derivative(self.variable, level) for level in levels]
        return [*state, *(derivative(name, level) for level in levels for name in self.inputs)]

    @property
    def after(self) -> list[int | None]:
        """Which symbol is each one's derivative; None for what stays the same, or is the last."""
        d, m = self.dimension, len(self.inputs)
        moving = m if self.varying is None else self.varying
        state: list[int | None] = [*range(1, d + 1), None]
        levels: list[int | None] = [
            d + 1 + (level + 1) * m + channel if level < d and channel < moving else None
            for level in range(d + 1)
            for channel in range(m)
        ]
        return state + levels

    def derivative_of_y(self, order: int) -> Powers:
        """The powers of y^{(order)} alone."""
        return tuple(int(k == order) for k in range(len(self.names)))

    def of_inputs(self, exponents: tuple[int, ...]) -> Powers:
        """The powers of V^exponents alone."""
        behind = len(self.names) - self.dimension - 1 - len(exponents)
        return (*(0,) * (self.dimension + 1), *exponents, *(0,) * behind)

    def term(self, powers: Powers) -> str:
        """The name of a product."""
        pairs = zip(self.names, powers, strict=True)
        return term_name(name for name, power in pairs for _ in range(power))


def _right_side(found: list[Coefficient], symbols: _Symbols) -> Polynomial:
    """What y^{(d)} equals."""
    one = np.zeros(1 + len(found))
    one[0] = 1.0
    after = symbols.after
    state = [Polynomial({symbols.derivative_of_y(0): one})]
    last = symbols.dimension - 1
    for row in range(last):
        state.append(state[row].slope(after) - _forces(found, row, state, symbols))
    # z_last is y^{(d-1)} less what is known, so that y^{(d)} stands alone in its derivative.
    rest = state[last].slope(after).without(symbols.derivative_of_y(symbols.dimension))
    return _forces(found, last, state, symbols) - rest


def _forces(
    found: list[Coefficient], row: int, state: list[Polynomial], symbols: _Symbols
) -> Polynomial:
    """f_row, the variables being known."""
    total = Polynomial({})
    for index, c in enumerate(found):
        if c.row == row:
            coefficient = np.zeros(1 + len(found))
            coefficient[[0, 1 + index]] = c.value, 1.0
            alone = Polynomial({symbols.of_inputs(c.input): coefficient})
            total = total + reduce(Polynomial.__mul__, (state[k] for k in c.state), alone)
    return total


def _error(slopes: Float[np.ndarray, " p"], covariance: Float[np.ndarray, "p p"]) -> float:
    return float(np.sqrt(max(slopes @ covariance @ slopes, 0.0)))
