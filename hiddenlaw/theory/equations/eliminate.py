"""From a first-order system in the canonical gauge to one scalar differential equation.

The system is z_r′ = z_{r+1} + Σ p V^e z_c with coefficients p. Differentiating y = z_0 and putting
z back in terms of y, y′, … gives y^{(d)} as a sum of products of the input, its derivatives and
those of y. Where the input is held constant over cells its derivatives are spikes at the edges;
then the first-order system is the law, and the scalar equation is what it would be for a smooth
input.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sympy as sp
from jaxtyping import Bool, Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells.monomials import Exponents
from hiddenlaw.theory.equations.naming import ONE, derivative, equation, term_name

Terms = dict[str, tuple[float, float]]
"""Coefficient and standard error by term name."""


@dataclass(frozen=True)
class Coefficient:
    """One entry of the law in the data's units: z_row′ contains value · V^exponent · z_column."""

    row: int
    column: int
    exponent: tuple[int, ...]
    value: float


@dataclass(frozen=True)
class System:
    """The first-order equations in the canonical gauge, and the names of their variables.

    `definitions` says in words of the response what the variables are where that is not obvious.
    """

    names: tuple[str, ...]
    equations: dict[str, Terms]
    definitions: dict[str, Terms]

    def text(self, *, latex: bool = False) -> list[str]:
        return [equation(left, terms, latex=latex) for left, terms in self.equations.items()]

    def definition_text(self, *, latex: bool = False) -> list[str]:
        return [equation(left, terms, latex=latex) for left, terms in self.definitions.items()]


@dataclass(frozen=True)
class Scalar:
    """One scalar equation: y^{(d)} = Σ value · term."""

    left: str
    terms: Terms


def coefficients(
    matrices: Float[np.ndarray, "term d d"],
    free: Bool[np.ndarray, "term d d"],
    exponents: Exponents,
    scale: Float[AnyArray, " channel"],
    dx: float,
    orders: Sequence[int],
) -> tuple[list[Coefficient], Float[np.ndarray, " p"], list[int]]:
    """Free entries of matrices per site over scaled monomials, in the data's units.

    Returns the coefficients, the factors that turned entries into them, and the entries' flat
    indices (to find their covariance). A state variable is in units of the response over dx to the
    power of its entry in `orders`: how often it is differentiated.
    """
    found, factors, indices = [], [], []
    for flat, (term, row, column) in enumerate(np.ndindex(*matrices.shape)):
        if free[term, row, column]:
            unit = float(np.prod(np.power(np.asarray(scale), exponents[term])))
            factor = dx ** (orders[column] - orders[row] - 1) / unit
            value = float(matrices[term, row, column]) * factor
            found.append(Coefficient(row, column, exponents[term], value))
            factors.append(factor)
            indices.append(flat)
    return found, np.array(factors), indices


def first_order(
    found: list[Coefficient],
    errors: Float[np.ndarray, " p"],
    dimension: int,
    variable: str,
    inputs: tuple[str, ...],
    *,
    driven: bool = False,
) -> System:
    """The system with its variables named: derivatives of `variable` while they are just that.

    Where it is `driven` the last variable is the constant 1.
    """
    dimension -= driven
    rows: list[Terms] = [{} for _ in range(dimension)]
    names, definitions = [variable], {}
    plain = True
    for index in range(1, dimension):
        plain = plain and not any(c.row == index - 1 for c in found)
        if plain:
            names.append(derivative(variable, index))
        else:
            names.append("zeta" if index == dimension - 1 else f"zeta{index}")
    names += [ONE] * driven
    for index in range(dimension - 1):
        rows[index][names[index + 1]] = (1.0, 0.0)
    for c, error in zip(found, errors, strict=True):
        rows[c.row][product(c.exponent, inputs, names[c.column])] = (c.value, float(error))
    for index in range(1, dimension):
        if names[index].startswith("zeta"):
            terms = {derivative(names[index - 1], 1): (1.0, 0.0)}
            for c, error in zip(found, errors, strict=True):
                if c.row == index - 1:
                    name = product(c.exponent, inputs, names[c.column])
                    terms[name] = (-c.value, float(error))
            definitions[names[index]] = terms
    left = [derivative(name, 1) for name in names[:dimension]]
    ordered = [dict(sorted(row.items(), key=order)) for row in rows]
    return System(tuple(names), dict(zip(left, ordered, strict=True)), definitions)


def eliminate(
    found: list[Coefficient],
    covariance: Float[np.ndarray, "p p"],
    dimension: int,
    variable: str,
    inputs: tuple[str, ...],
    varying: int | None = None,
    *,
    driven: bool = False,
) -> Scalar | None:
    """One scalar equation for `variable`, or None where the input moves it directly (c B ≠ 0).

    Where it is `driven` the last variable is the constant 1. Inputs beyond the first `varying` stay
    the same along a run. Errors by the delta method from the coefficients' covariance.
    """
    dimension -= driven
    if any(c.row == 0 and any(c.exponent) for c in found) and dimension > 1:
        return None
    p = sp.symbols(f"p0:{len(found)}")
    z = sp.symbols(f"z0:{dimension}")
    y = sp.symbols(f"y0:{dimension}")
    v = [sp.symbols(f"v{k}_0:{len(inputs)}") for k in range(dimension + 1)]
    moves = [z[r + 1] if r + 1 < dimension else sp.Integer(0) for r in range(dimension)]
    columns = [*z, sp.Integer(1)]
    for symbol, c in zip(p, found, strict=True):
        power = sp.prod([v[0][k] ** e for k, e in enumerate(c.exponent)])
        moves[c.row] += symbol * power * columns[c.column]

    def differentiate(expression):
        change = sum(sp.diff(expression, z[r]) * moves[r] for r in range(dimension))
        for k in range(dimension):
            moving = list(zip(v[k], v[k + 1], strict=True))[:varying]
            change += sum(sp.diff(expression, a) * b for a, b in moving)
        return sp.expand(change)

    state: dict = {z[0]: y[0]}
    current, known = z[0], y[0]
    for level in range(1, dimension + 1):
        current = differentiate(current)
        known = sp.expand(current.subs(state))
        if level == dimension:
            break
        rest = sp.expand(known - z[level])
        if any(rest.has(unknown) for unknown in z):
            return None
        state[z[level]] = y[level] - rest
    generators = [*y, *(symbol for level in v for symbol in level)]
    terms: Terms = {}
    values = {symbol: c.value for symbol, c in zip(p, found, strict=True)}
    for powers, factor in sp.Poly(known, *generators).terms():
        names = []
        for symbol, power in zip(generators, powers, strict=True):
            names += [_symbol_name(symbol, y, v, variable, inputs)] * power
        value = float(factor.subs(values))
        gradient = np.array([float(sp.diff(factor, symbol).subs(values)) for symbol in p])
        terms[term_name(names)] = (value, float(np.sqrt(gradient @ covariance @ gradient)))
    return Scalar(derivative(variable, dimension), dict(sorted(terms.items(), key=order)))


def order(item: tuple[str, tuple[float, float]]) -> tuple[bool, bool, int, str]:
    """Terms with the input first, simplest of them first; a constant last."""
    name = item[0]
    return (name == ONE, "*" not in name, len(name), name)


def product(exponent: tuple[int, ...], inputs: tuple[str, ...], variable: str) -> str:
    """The name of V^exponent times a variable."""
    factors = [name for name, power in zip(inputs, exponent, strict=True) for _ in range(power)]
    return term_name([*factors, variable])


def _symbol_name(symbol, y, v, variable, inputs) -> str:
    if symbol in y:
        return derivative(variable, y.index(symbol))
    for level, symbols in enumerate(v):
        if symbol in symbols:
            return derivative(inputs[symbols.index(symbol)], level)
    raise AssertionError(symbol)
