"""The recurrent network of the paper: an update matrix that is a polynomial of the input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells.linear import AbstractLinearCell
from hiddenlaw.cells.monomials import Monomials
from hiddenlaw.errors import SettingsError
from hiddenlaw.holds import Span

_DEGREE = 3
_SMALL = 0.3  # of random weights: over many sites a random matrix overflows


@dataclass(frozen=True, eq=False)
class TaylorCell(AbstractLinearCell):
    """h ← (Σ_n W_n Vⁿ) h.

    Wang, Zhai and You, Science Bulletin 64, 1228 (2019), equation (2). With V held constant over a
    cell of width dx the exact update is entire in V and its terms fall off as (dx² V)ⁿ/(2n)!, so a
    degree of 2 or 3 serves. For several channels Vⁿ are all monomials up to that total degree.
    """

    name: ClassVar[str] = "taylor"
    any_hold: ClassVar[bool] = False

    matrices: Float[AnyArray, "term d d"]
    monomials: Monomials

    @classmethod
    def random(cls, dimension: int, span: Span, *, rng: np.random.Generator) -> TaylorCell:
        """Close to the identity. Raises `SettingsError` where the input varies inside cells."""
        if span.step is not None:
            raise SettingsError("the taylor cell needs hold zero; take the generator cell")
        monomials = Monomials.spanning(span.low, span.high, _DEGREE)
        matrices = _SMALL * rng.normal(size=(len(monomials.exponents), dimension, dimension))
        matrices[0] += np.eye(dimension)
        return cls(matrices, monomials)

    def basis(self, input: Float[AnyArray, "*batch channel"]) -> Float[np.ndarray, "*batch n"]:
        return self.monomials(input)

    def basis_slope(
        self, input: Float[AnyArray, "*batch channel"], toward: Float[AnyArray, "*batch channel"]
    ) -> Float[np.ndarray, "*batch n"]:
        v = (np.asarray(input) - self.monomials.offset) / self.monomials.scale
        rate = np.asarray(toward) / self.monomials.scale
        total = np.zeros((*v.shape[:-1], len(self.monomials.exponents)))
        for term, exponent in enumerate(self.monomials.exponents):
            for channel, power in enumerate(exponent):
                if power:
                    lower = np.array(exponent) - np.eye(len(exponent), dtype=int)[channel]
                    total[..., term] += power * np.prod(v**lower, axis=-1) * rate[..., channel]
        return total

    def coefficients(self) -> Float[np.ndarray, "n d d"]:
        return np.asarray(self.matrices)

    def coefficient_slopes(self) -> tuple[Float[np.ndarray, "n d d"], Float[np.ndarray, "n d d p"]]:
        size = self.matrices.size
        return self.coefficients(), np.eye(size).reshape(*self.matrices.shape, size)
