"""The differential law itself as a cell: the exponential of a generator, itself of the input."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells._generator import AbstractGeneratorCell, Ends, random_matrices
from hiddenlaw.cells.chebyshev import cardinal_functions, derivative_along, grid_on, widened
from hiddenlaw.cells.exponential import exponential, exponential_slopes
from hiddenlaw.cells.magnus import MagnusCell
from hiddenlaw.cells.monomials import Monomials
from hiddenlaw.errors import SettingsError
from hiddenlaw.holds import Span

_NODES = {1: 10, 2: 8, 3: 6, 4: 5, 5: 4}
MOST_INPUTS = max(_NODES)
"""Channels that a grid of nodes has room for."""


@dataclass(frozen=True, eq=False)
class GeneratorCell(AbstractGeneratorCell):
    """h ← exp(Σ_n G_n vⁿ) h, with G in units of one site: dh/dx = (A + B V + …) h, G = dx A, ….

    Exact at any dx for a law linear in its state whose input is held constant over a cell. As a
    function of the input the exponential is entire, so it is evaluated at a few Chebyshev nodes of
    the range `low`…`high` and interpolated (Trefethen, Approximation Theory and Approximation
    Practice, ch. 5): spectrally accurate inside the range, not to be used outside. For another
    range take new nodes with `with_range`.
    """

    name: ClassVar[str] = "generator"

    matrices: Float[AnyArray, "term d d"]
    monomials: Monomials
    low: Float[np.ndarray, " channel"]
    high: Float[np.ndarray, " channel"]
    nodes: tuple[int, ...]

    @classmethod
    def over(
        cls, matrices: Float[AnyArray, "term d d"], monomials: Monomials, low: Ends, high: Ends
    ) -> GeneratorCell:
        """A cell for inputs between `low` and `high` (one number a channel, data's units)."""
        if len(low) not in _NODES:
            raise SettingsError(
                f"the generator cell takes up to {MOST_INPUTS} input channels and these data have "
                f"{len(low)}; use the taylor cell"
            )
        low, high = widened(low, high)
        return cls(matrices, monomials, low, high, (_NODES[len(low)],) * len(low))

    @classmethod
    def random(
        cls, dimension: int, span: Span, *, rng: np.random.Generator
    ) -> AbstractGeneratorCell:
        """Of first degree in the input; a Magnus cell where the input varies inside cells."""
        monomials = Monomials.spanning(span.low, span.high, 1)
        return generator_over(random_matrices(monomials, dimension, rng), monomials, span)

    @property
    def level(self) -> Float[np.ndarray, "shown channel"]:
        return np.eye(len(self.low))

    def with_range(self, low: Ends, high: Ends) -> GeneratorCell:
        cell = GeneratorCell.over(self.matrices, self.monomials, low, high)
        needed = cell.nodes_needed(low, high)
        if len(low) == 1:
            needed = (max(*cell.nodes, *needed),)
        return replace(cell, nodes=needed)

    def with_span(self, span: Span) -> GeneratorCell:
        return self.with_range(span.low, span.high)

    @property
    def counts(self) -> tuple[int, ...]:
        return self.nodes

    def basis(self, input: Float[AnyArray, "*batch channel"]) -> Float[np.ndarray, "*batch n"]:
        """Cardinal functions of the Chebyshev nodes, a tensor product over channels."""
        return cardinal_functions(input, self.low, self.high, self.counts)

    def parts(
        self, shown: Float[np.ndarray, "site run channel"], constants: int
    ) -> tuple[Float[np.ndarray, "site run inner"], Float[np.ndarray, "run outer"] | None]:
        if not constants:
            return self.basis(shown), None
        counts, last = self.counts, slice(-constants, None)
        first = slice(None, -constants)
        inner = cardinal_functions(
            shown[..., first], self.low[first], self.high[first], counts[first]
        )
        return inner, self._outer(shown[0][..., last])

    def basis_slope(
        self, input: Float[AnyArray, "*batch channel"], toward: Float[AnyArray, "*batch channel"]
    ) -> Float[np.ndarray, "*batch n"]:
        cardinal, counts = self.basis(input), self.counts
        total = np.zeros_like(cardinal)
        for channel in range(len(self.low)):
            if np.any(rate := np.asarray(toward)[..., channel, None]):
                total += derivative_along(cardinal, self.low, self.high, counts, channel) * rate
        return total

    def coefficients(self) -> Float[np.ndarray, "n d d"]:
        return exponential(self.generator(grid_on(self.low, self.high, self.counts)))

    def coefficient_slopes(self) -> tuple[Float[np.ndarray, "n d d"], Float[np.ndarray, "n d d p"]]:
        d, grid = self.dimension, grid_on(self.low, self.high, self.counts)
        entries = np.eye(d * d).reshape(1, d * d, d, d)
        values, slopes = exponential_slopes(self.generator(grid), entries)
        slopes = np.moveaxis(slopes, 1, -1)  # n d d entry
        by_term = slopes[..., None, :] * self.monomials(grid)[:, None, None, :, None]
        return values, by_term.reshape(*slopes.shape[:-1], -1)


def generator_over(
    matrices: Float[AnyArray, "term d d"], monomials: Monomials, span: Span
) -> AbstractGeneratorCell:
    """The cell that integrates this generator for inputs of `span`, with a few nodes."""
    if span.step is None:
        return GeneratorCell.over(matrices, monomials, span.low, span.high)
    return MagnusCell.over(matrices, monomials, span.low, span.high, span.step)
