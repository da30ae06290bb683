"""The recurrent network of the paper: an update matrix that is a polynomial of the input."""

import jax
from jaxtyping import Array, Float, PRNGKeyArray

from hiddenlaw.cells._base import AbstractLinearCell
from hiddenlaw.cells.monomials import Monomials


class TaylorCell(AbstractLinearCell):
    """h ← (Σ_n W_n Vⁿ) h.

    Wang, Zhai and You, Science Bulletin 64, 1228 (2019), equation (2). With V held constant over a
    cell of width dx the exact update is entire in V and its terms fall off as (dx² V)ⁿ/(2n)!, so a
    degree of 2 or 3 serves. For several channels Vⁿ are all monomials up to that total degree.
    """

    matrices: Float[Array, "term d d"]
    monomials: Monomials

    @classmethod
    def random(cls, monomials: Monomials, dimension: int, *, key: PRNGKeyArray) -> "TaylorCell":
        """Close to the identity: over many sites a random matrix overflows."""
        shape = (len(monomials.exponents), dimension, dimension)
        matrices = 0.3 * jax.random.normal(key, shape)
        return cls(matrices.at[0].add(jax.numpy.eye(dimension)), monomials)

    def basis(self, input: Float[Array, "*batch channel"]) -> Float[Array, "*batch n"]:
        return self.monomials(input)

    def coefficients(self) -> Float[Array, "n d d"]:
        return self.matrices
