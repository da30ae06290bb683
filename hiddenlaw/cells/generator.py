"""The differential law itself as a cell: the exponential of a generator, itself of the input."""

import math
from itertools import product

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells._base import AbstractLinearCell
from hiddenlaw.cells.monomials import Exponents, Monomials
from hiddenlaw.errors import SettingsError

_NODES = {1: 10, 2: 8, 3: 6}


class GeneratorCell(AbstractLinearCell):
    """h ← exp(Σ_n G_n vⁿ) h, with G in units of one site: dh/dx = (A + B V + …) h, G = dx A, ….

    Exact at any dx for a law linear in its state whose input is held constant over a cell. As a
    function of the input the exponential is entire, so it is evaluated at a few Chebyshev nodes of
    the range `low`…`high` and interpolated (Trefethen, Approximation Theory and Approximation
    Practice, ch. 5): spectrally accurate inside the range, not to be used outside. For another
    range take new nodes with `with_range`.
    """

    matrices: Float[AnyArray, "term d d"]
    monomials: Monomials
    low: tuple[float, ...] = eqx.field(static=True)
    high: tuple[float, ...] = eqx.field(static=True)
    nodes: int = eqx.field(static=True)

    @classmethod
    def over(
        cls,
        matrices: Float[AnyArray, "term d d"],
        monomials: Monomials,
        low: tuple[float, ...],
        high: tuple[float, ...],
    ) -> "GeneratorCell":
        """A cell for inputs between `low` and `high` (one number a channel, data's units)."""
        if len(low) not in _NODES:
            raise SettingsError(
                f"the generator cell takes up to {max(_NODES)} input channels and these data have "
                f"{len(low)}; use the taylor cell"
            )
        wide = tuple(
            h if h > b else b + 1e-9 * max(1.0, abs(b)) for b, h in zip(low, high, strict=True)
        )
        return cls(matrices, monomials, tuple(low), wide, _NODES[len(low)])

    @classmethod
    def random(
        cls,
        monomials: Monomials,
        dimension: int,
        low: tuple[float, ...],
        high: tuple[float, ...],
        *,
        rng: np.random.Generator,
    ) -> "GeneratorCell":
        shape = (len(monomials.exponents), dimension, dimension)
        return cls.over(0.3 * rng.normal(size=shape), monomials, low, high)

    def with_range(self, low: tuple[float, ...], high: tuple[float, ...]) -> "GeneratorCell":
        """The same law with Chebyshev nodes taken anew, as many as this range needs."""
        cell = GeneratorCell.over(self.matrices, self.monomials, low, high)
        ends = np.asarray(list(product(*zip(low, high, strict=True))))
        norm = float(np.abs(np.asarray(cell._generator(jnp.asarray(ends)))).sum(-1).max())
        # |exp(z)| on a range of half width z: the interpolant's error falls as (z/2)^n / n!.
        need = next(
            (
                n
                for n in range(4, 200)
                if n * math.log(max(norm, 1e-3) / 2) + norm < math.lgamma(n + 1) - 37
            ),
            200,
        )
        return eqx.tree_at(
            lambda c: c.matrices,
            GeneratorCell(
                self.matrices, self.monomials, cell.low, cell.high, max(cell.nodes, need)
            ),
            self.matrices,
        )

    def _points(self) -> np.ndarray:
        return np.cos((2 * np.arange(self.nodes) + 1) * np.pi / (2 * self.nodes))

    def basis(self, input: Float[AnyArray, "*batch channel"]) -> Float[Array, "*batch n"]:
        """Barycentric cardinal functions of the Chebyshev nodes, a tensor product over channels."""
        points = self._points()
        signs = np.where(np.arange(self.nodes) % 2 == 0, 1.0, -1.0)
        weights = jnp.asarray(signs * np.sqrt(1 - points**2))
        low, high = jnp.asarray(self.low), jnp.asarray(self.high)
        v = (2 * input - low - high) / (high - low)
        result = jnp.ones((*v.shape[:-1], 1))
        for channel in range(v.shape[-1]):
            gap = v[..., channel, None] - jnp.asarray(points)
            quotient = weights / jnp.where(gap == 0, 1e-300, gap)
            cardinal = quotient / quotient.sum(-1, keepdims=True)
            result = (result[..., :, None] * cardinal[..., None, :]).reshape(*v.shape[:-1], -1)
        return result

    def _generator(self, input: Float[AnyArray, "*batch channel"]) -> Float[Array, "*batch d d"]:
        return jnp.einsum("...t,tab->...ab", self.monomials(input), self.matrices)

    def coefficients(self) -> Float[Array, "n d d"]:
        grid = np.stack(np.meshgrid(*[self._points()] * len(self.low), indexing="ij"), -1)
        low, high = np.asarray(self.low), np.asarray(self.high)
        inputs = (low + high + (high - low) * grid.reshape(-1, len(self.low))) / 2
        generators = self._generator(jnp.asarray(inputs))
        return _exponential(generators)

    def generators(self, dx: float) -> tuple[Exponents, Float[np.ndarray, "term d d"]]:
        """The differential law in the data's units: dh/dx = Σ_e matrices[e] V^e h."""
        raw = np.einsum("st,tab->sab", self.monomials.to_raw(), np.asarray(self.matrices))
        return self.monomials.exponents, raw / dx


def _exponential(generators: Float[Array, "n d d"]) -> Float[Array, "n d d"]:
    """exp of matrices of norm up to about 10: Taylor to order 12 at 1/16, squared four times.

    SciPy's algorithm in JAX chooses among five Padé forms; compiled with its derivative it takes
    two seconds for every width of the sweep, and this takes none.
    """
    scaled = generators / 16
    identity = jnp.broadcast_to(jnp.eye(generators.shape[-1]), generators.shape)

    def term(result, order):
        return identity + scaled @ result / order, None

    def square(result, _):
        return result @ result, None

    series, _ = jax.lax.scan(term, identity, jnp.arange(12.0, 0.0, -1.0))
    return jax.lax.scan(square, series, None, length=4)[0]
