"""The contract of a gauge: a basis in which the numbers of a law mean something, and what they say.

The optimiser finds a law in some basis, z → S z away from any other. A gauge turns it into one that
is fixed by what can be seen; then says which numbers are left free, which of them may turn out to
be zero, and how the law is written.
"""

from __future__ import annotations

import abc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import AbstractLawCell, Coefficient
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import Mask
from hiddenlaw.theory.equations.eliminate import Scalar, eliminate
from hiddenlaw.theory.equations.system import FirstOrderSystem, first_order
from hiddenlaw.theory.equations.term import Equations
from hiddenlaw.theory.fits.refit import Fitted
from hiddenlaw.theory.invariants import Invariant

SINGULAR = 1e-8
"""Smallest singular value of a basis whose vectors have length one: below, it is none."""


@dataclass(frozen=True, eq=False)
class Gauged:
    """A law in a gauge.

    - `free`: numbers that the gauge leaves free; `prunable`: those that may turn out to be zero.
    - `orders`: how often each state variable counts as differentiated.
    - `waves`: how many variables stand before the first derivative.
    - `constant`: whether the last variable is 1 and does not move.
    - `kind`: of several waves, "components" or "modes".
    - `basis`: how many of the free numbers say nothing but which basis this is.
    """

    law: Law
    free: Mask
    prunable: Mask
    orders: tuple[int, ...]
    waves: int = 1
    constant: bool = False
    kind: str | None = None
    basis: int = 0


class AbstractGauge(abc.ABC):
    """A way to fix the basis.

    - `canonical`: whether single numbers can be judged in it.
    - `thrifty`: whether a misfit could be soaked up by its terms, so that each must be worth it.
    """

    name: ClassVar[str]
    canonical: ClassVar[bool] = True
    thrifty: ClassVar[bool] = True

    @abc.abstractmethod
    def fix(self, law: Law, shown: Shown) -> Iterator[Gauged]:
        """The law in this gauge, in every way there is; nothing where it has no such form."""

    def again(self, gauged: Gauged, fit: Fitted, shown: Shown) -> Gauged | None:
        """The gauge taken anew from a fit that knows it better; None where that is idle."""
        del gauged, fit, shown
        return None

    def system(
        self,
        gauged: Gauged,
        found: list[Coefficient],
        errors: Float[np.ndarray, " p"],
        variable: str,
        channels: tuple[str, ...],
    ) -> FirstOrderSystem:
        """The law as first-order equations."""
        moving = len(gauged.orders) - gauged.constant
        return first_order(found, errors, moving, variable, channels, constant=gauged.constant)

    def scalar(
        self,
        gauged: Gauged,
        found: list[Coefficient],
        covariance: Float[np.ndarray, "p p"],
        variable: str,
        channels: tuple[str, ...],
        varying: int,
    ) -> Scalar | None:
        """One equation for the first variable, if there is one."""
        moving = len(gauged.orders) - gauged.constant
        return eliminate(found, covariance, moving, variable, channels, varying=varying)

    def law_of(self, system: FirstOrderSystem, scalar: Scalar | None) -> Equations:
        """The equations that make the law, by their left sides; empty where the system is all."""
        del system
        return {scalar.left: scalar.terms} if scalar else {}

    def unknowable(self, gauged: Gauged, response: str, variable: str) -> list[str]:
        """What of the law is convention beyond the scale of the state."""
        del gauged, response, variable
        return []

    def invariants(
        self, gauged: Gauged, raw: Float[np.ndarray, "term d d"]
    ) -> Sequence[Invariant] | None:
        """What is said of the law beside its equations; None for what any law of its size says."""
        del gauged, raw
        return None


def basis_of(rows: Float[np.ndarray, "d d"]) -> Float[np.ndarray, "d d"] | None:
    """These rows as a change of basis; None where they do not span the space."""
    scaled = rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-300)
    if not np.isfinite(scaled).all() or np.linalg.svd(scaled)[1][-1] < SINGULAR:
        return None
    return rows


def has_terms(law: Law) -> bool:
    """Whether the numbers of the cell are coefficients of a law."""
    return isinstance(law.cell, AbstractLawCell)
