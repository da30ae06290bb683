"""The recurrent network of the paper: an update matrix that is a polynomial of the input."""

import numpy as np
from jaxtyping import Array, Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells._base import AbstractLinearCell
from hiddenlaw.cells.monomials import Monomials


class TaylorCell(AbstractLinearCell):
    """h ← (Σ_n W_n Vⁿ) h.

    Wang, Zhai and You, Science Bulletin 64, 1228 (2019), equation (2). With V held constant over a
    cell of width dx the exact update is entire in V and its terms fall off as (dx² V)ⁿ/(2n)!, so a
    degree of 2 or 3 serves. For several channels Vⁿ are all monomials up to that total degree.
    """

    matrices: Float[AnyArray, "term d d"]
    monomials: Monomials

    @classmethod
    def random(
        cls, monomials: Monomials, dimension: int, *, rng: np.random.Generator
    ) -> "TaylorCell":
        """Close to the identity: over many sites a random matrix overflows."""
        shape = (len(monomials.exponents), dimension, dimension)
        matrices = 0.3 * rng.normal(size=shape)
        matrices[0] += np.eye(dimension)
        return cls(matrices, monomials)

    def basis(self, input: Float[AnyArray, "*batch channel"]) -> Float[Array, "*batch n"]:
        return self.monomials(input)

    def coefficients(self) -> Float[AnyArray, "n d d"]:
        return self.matrices
