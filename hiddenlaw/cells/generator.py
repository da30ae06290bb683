"""The differential law itself as a cell: the exponential of a generator, itself of the input."""

import abc
import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells._base import AbstractLinearCell
from hiddenlaw.cells.chebyshev import cardinal_functions, grid_on, widened
from hiddenlaw.cells.monomials import Exponents, Monomials
from hiddenlaw.errors import SettingsError

_NODES = {1: 10, 2: 8, 3: 6}
# As many nodes as are needed, rounded up to one of these: fewer shapes, fewer compilations.
_COUNTS = (4, 6, 8, 10, 12, 16, 24, 32, 48, 64, 96, 128, 200)

Ends = Sequence[float] | Float[AnyArray, " channel"]


class AbstractGeneratorCell(AbstractLinearCell):
    """A cell that integrates dh/dx = (A + B V + …) h, with `matrices` in units of one site.

    Interpolated between `low` and `high`, one number an input channel in the data's units; not to
    be used outside.
    """

    monomials: eqx.AbstractVar[Monomials]
    low: eqx.AbstractVar[Float[AnyArray, " channel"]]
    high: eqx.AbstractVar[Float[AnyArray, " channel"]]
    nodes: eqx.AbstractVar[int]

    @property
    def shown(self) -> int:
        """How many numbers a site is shown."""
        return self.low.shape[-1]

    @property
    def level(self) -> Float[np.ndarray, " shown"]:
        """1 where what is shown rises as the first input does, else 0."""
        return np.eye(self.shown)[0]

    @abc.abstractmethod
    def with_range(self, low: Ends, high: Ends) -> "AbstractGeneratorCell":
        """The same law with Chebyshev nodes taken anew, as many as this range needs."""

    def generator(self, input: Float[AnyArray, "*batch channel"]) -> Float[Array, "*batch d d"]:
        """A + B V + … at these inputs, in units of one site."""
        return jnp.einsum("...t,tab->...ab", self.monomials(input), self.matrices)

    def generators(self, dx: float) -> tuple[Exponents, Float[np.ndarray, "term d d"]]:
        """The differential law in the data's units: dh/dx = Σ_e matrices[e] V^e h."""
        raw = np.einsum("st,tab->sab", self.monomials.to_raw(), np.asarray(self.matrices))
        return self.monomials.exponents, raw / dx

    def nodes_needed(self, low: Ends, high: Ends) -> int:
        """How many nodes a channel make the interpolation exact to rounding on this range."""
        ends = np.asarray(list(product(*zip(low, high, strict=True))))
        norm = float(np.abs(np.asarray(self.generator(jnp.asarray(ends)))).sum(-1).max())
        # |exp(z)| on a range of half width z: the interpolant's error falls as (z/2)^n / n!.
        return next(
            (
                n
                for n in _COUNTS
                if n * math.log(max(norm, 1e-3) / 2) + norm < math.lgamma(n + 1) - 37
            ),
            _COUNTS[-1],
        )


class GeneratorCell(AbstractGeneratorCell):
    """h ← exp(Σ_n G_n vⁿ) h, with G in units of one site: dh/dx = (A + B V + …) h, G = dx A, ….

    Exact at any dx for a law linear in its state whose input is held constant over a cell. As a
    function of the input the exponential is entire, so it is evaluated at a few Chebyshev nodes of
    the range `low`…`high` and interpolated (Trefethen, Approximation Theory and Approximation
    Practice, ch. 5): spectrally accurate inside the range, not to be used outside. For another
    range take new nodes with `with_range`.
    """

    matrices: Float[AnyArray, "term d d"]
    monomials: Monomials
    low: Float[AnyArray, " channel"]
    high: Float[AnyArray, " channel"]
    nodes: int = eqx.field(static=True)

    @classmethod
    def over(
        cls, matrices: Float[AnyArray, "term d d"], monomials: Monomials, low: Ends, high: Ends
    ) -> "GeneratorCell":
        """A cell for inputs between `low` and `high` (one number a channel, data's units)."""
        if len(low) not in _NODES:
            raise SettingsError(
                f"the generator cell takes up to {max(_NODES)} input channels and these data have "
                f"{len(low)}; use the taylor cell"
            )
        low, high = widened(low, high)
        nodes = _NODES[len(low)]
        return cls(matrices=matrices, monomials=monomials, low=low, high=high, nodes=nodes)

    @classmethod
    def random(
        cls,
        monomials: Monomials,
        dimension: int,
        low: Ends,
        high: Ends,
        *,
        rng: np.random.Generator,
    ) -> "GeneratorCell":
        return cls.over(random_matrices(monomials, dimension, rng), monomials, low, high)

    def with_range(self, low: Ends, high: Ends) -> "GeneratorCell":
        cell = GeneratorCell.over(self.matrices, self.monomials, low, high)
        count = max(cell.nodes, cell.nodes_needed(low, high))
        return replace(cell, nodes=count)

    def _counts(self) -> tuple[int, ...]:
        return (self.nodes,) * self.low.shape[-1]

    def basis(self, input: Float[AnyArray, "*batch channel"]) -> Float[Array, "*batch n"]:
        """Cardinal functions of the Chebyshev nodes, a tensor product over channels."""
        return cardinal_functions(input, self.low, self.high, self._counts())

    def coefficients(self) -> Float[Array, "n d d"]:
        return exponential(self.generator(grid_on(self.low, self.high, self._counts())))


def random_matrices(
    monomials: Monomials, dimension: int, rng: np.random.Generator
) -> Float[np.ndarray, "term d d"]:
    """Where the fit of a generator starts from."""
    return 0.3 * rng.normal(size=(len(monomials.exponents), dimension, dimension))


def exponential(generators: Float[Array, "n d d"]) -> Float[Array, "n d d"]:
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
