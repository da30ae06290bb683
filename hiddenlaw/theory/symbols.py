"""Equations as SymPy's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hiddenlaw.theory.equations.naming import factors_of, without_primes
from hiddenlaw.theory.equations.term import Equations


def equations_of(equations: Equations, x: str, late: Mapping[str, float]) -> tuple[Any, ...]:
    """An `Eq` for each; `late` are the dead times of inputs, by their names."""
    import sympy

    variable = sympy.Symbol(x, real=True)

    def symbol(name: str) -> Any:
        base, primes = without_primes(name)
        argument = variable - late[base] if late.get(base) else variable
        value = sympy.Function(base)(argument)
        return value.diff(variable, primes) if primes else value

    return tuple(
        sympy.Eq(
            symbol(left),
            sum(
                (
                    term.value * sympy.Mul(*(symbol(f) ** power for f, power in factors_of(name)))
                    for name, term in terms.items()
                ),
                sympy.Integer(0),
            ),
            evaluate=False,
        )
        for left, terms in equations.items()
    )
