"""The law as first-order equations: z_r′ = z_{r+1} + Σ coefficient · V^e · Π z_k."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells.terms import Coefficient
from hiddenlaw.theory.equations.naming import ONE, derivative, product
from hiddenlaw.theory.equations.term import Equations, Term, Terms, ordered
from hiddenlaw.theory.equations.writing import equation


@dataclass(frozen=True)
class FirstOrderSystem:
    """The first-order equations in the canonical gauge, and the names of their variables.

    `definitions` says in words of the response what the variables are where that is not obvious.
    """

    names: tuple[str, ...]
    equations: Equations
    definitions: Equations

    def text(self, *, latex: bool = False) -> list[str]:
        """The equations, one a line."""
        return [equation(left, terms, latex=latex) for left, terms in self.equations.items()]

    def definition_text(self, *, latex: bool = False) -> list[str]:
        """The definitions, one a line."""
        return [equation(left, terms, latex=latex) for left, terms in self.definitions.items()]


def first_order(
    found: list[Coefficient],
    errors: Float[np.ndarray, " p"],
    dimension: int,
    variable: str,
    inputs: tuple[str, ...],
    *,
    constant: bool = False,
) -> FirstOrderSystem:
    """The system of `dimension` moving variables: derivatives of `variable` while they are that.

    `errors` are the coefficients' standard errors. With `constant` a further variable 1, which does
    not move, stands behind the others among the names.
    """
    names = _names(found, dimension, variable)
    rows: list[Terms] = [{} for _ in range(dimension)]
    for index in range(dimension - 1):
        rows[index][names[index + 1]] = Term(1.0, 0.0)
    for c, error in zip(found, errors, strict=True):
        rows[c.row][term_of(c, inputs, names)] = Term(c.value, float(error))
    equations = {derivative(name, 1): ordered(row) for name, row in zip(names, rows, strict=True)}
    definitions = {
        names[index]: _definition(found, errors, index, names, inputs)
        for index in range(1, dimension)
        if names[index].startswith("zeta")
    }
    return FirstOrderSystem((*names, ONE) if constant else names, equations, definitions)


def term_of(c: Coefficient, inputs: tuple[str, ...], names: tuple[str, ...]) -> str:
    """The name of a coefficient's term, for variables of these names."""
    return product(c.input, inputs, (names[k] for k in c.state))


def _names(found: list[Coefficient], dimension: int, variable: str) -> tuple[str, ...]:
    """psi, psi', … up to the first variable that is no plain derivative; then zeta."""
    names, moved, plain = [variable], {c.row for c in found}, True
    for index in range(1, dimension):
        plain = plain and index - 1 not in moved
        if plain:
            names.append(derivative(variable, index))
        else:
            names.append("zeta" if index == dimension - 1 else f"zeta{index}")
    return tuple(names)


def _definition(
    found: list[Coefficient],
    errors: Float[np.ndarray, " p"],
    index: int,
    names: tuple[str, ...],
    inputs: tuple[str, ...],
) -> Terms:
    """z_index = z_{index−1}′ less everything else that moves z_{index−1}."""
    terms = {derivative(names[index - 1], 1): Term(1.0, 0.0)}
    for c, error in zip(found, errors, strict=True):
        if c.row == index - 1:
            terms[term_of(c, inputs, names)] = Term(-c.value, float(error))
    return terms
