"""Polynomials whose coefficients know how they depend on the constants of a law.

A coefficient is a vector: its value, then its derivatives by the constants (forward
differentiation), so that errors follow by the delta method from what is computed anyway.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

Powers = tuple[int, ...]
"""The power of every symbol in a product."""


@dataclass(frozen=True)
class Polynomial:
    """Σ coefficient · Π symbol^power; none of the coefficients is dropped for being zero."""

    terms: Mapping[Powers, Float[np.ndarray, " value_and_slopes"]]

    def __add__(self, other: Polynomial) -> Polynomial:
        return self._with(other, 1.0)

    def __sub__(self, other: Polynomial) -> Polynomial:
        return self._with(other, -1.0)

    def __mul__(self, other: Polynomial) -> Polynomial:
        total: dict[Powers, np.ndarray] = {}
        for powers, a in self.terms.items():
            for more, b in other.terms.items():
                both = tuple(p + q for p, q in zip(powers, more, strict=True))
                _put(total, both, _product(a, b))
        return Polynomial(total)

    def slope(self, after: Sequence[int | None]) -> Polynomial:
        """The derivative along x, `after` saying which symbol is each symbol's; None is nought."""
        total: dict[Powers, np.ndarray] = {}
        for powers, coefficient in self.terms.items():
            for symbol, power in enumerate(powers):
                following = after[symbol]
                if power and following is not None:
                    moved = list(powers)
                    moved[symbol] -= 1
                    moved[following] += 1
                    _put(total, tuple(moved), power * coefficient)
        return Polynomial(total)

    def without(self, powers: Powers) -> Polynomial:
        """The same but for one product."""
        return Polynomial({key: item for key, item in self.terms.items() if key != powers})

    def _with(self, other: Polynomial, factor: float) -> Polynomial:
        total = dict(self.terms)
        for powers, coefficient in other.terms.items():
            _put(total, powers, factor * coefficient)
        return Polynomial(total)


def _put(total: dict[Powers, np.ndarray], powers: Powers, coefficient: np.ndarray) -> None:
    total[powers] = total[powers] + coefficient if powers in total else coefficient


def _product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    both = a[0] * b + b[0] * a
    both[0] = a[0] * b[0]
    return both
