"""Coefficients of laws that are not linear in their state: each free, or as constants make them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Float, Int

from hiddenlaw.believed.expansion import evaluate
from hiddenlaw.believed.polynomial_law import PolynomialLaw


def freed(system: PolynomialLaw) -> tuple[PolynomialLaw, Int[np.ndarray, " k"]]:
    """The law with a constant for each coefficient that is none yet, and where these stand."""
    import sympy as sp

    places = [k for k, (_, factor) in enumerate(system.terms) if factor.free_symbols]
    names = {place: f"coefficient{place:03d}" for place in places}
    terms = tuple(
        (powers, sp.Symbol(names[k]) if k in names else factor)
        for k, (powers, factor) in enumerate(system.terms)
    )
    values = [(sp.Symbol(name), 1) for name in system.reading]
    weights = tuple((k, sp.sympify(each.subs(values))) for k, each in system.weights)
    law = replace(system, terms=terms, weights=weights, constants=tuple(names.values()))
    return law, np.array(places)


class Coefficients:
    """Those of the terms as functions of the constants, for `constants_of`."""

    def __init__(self, system: PolynomialLaw, dx: float) -> None:
        import sympy as sp

        self.names, self.dx = system.constants, dx
        self.units: Float[np.ndarray, " k"] = np.ones(len(system.terms))
        self._terms = [factor for _, factor in system.terms]
        self._slopes = [
            [sp.diff(factor, sp.Symbol(name)) for name in self.names] for factor in self._terms
        ]

    def coefficients(self, constants: Float[np.ndarray, " p"]) -> Float[np.ndarray, " k"]:
        values = dict(zip(self.names, constants, strict=True))
        return np.array([evaluate(each, values) for each in self._terms], float)

    def slopes(self, constants: Float[np.ndarray, " p"]) -> Float[np.ndarray, "k p"]:
        values = dict(zip(self.names, constants, strict=True))
        found = [[evaluate(each, values) for each in row] for row in self._slopes]
        return np.array(found, float).reshape(len(found), len(self.names))
