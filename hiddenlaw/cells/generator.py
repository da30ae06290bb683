"""The differential law itself as a cell: the exponential of a generator, itself of the input."""

from __future__ import annotations

import abc
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import ClassVar, Self

import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells._base import AbstractLawCell
from hiddenlaw.cells.chebyshev import cardinal_functions, derivative_along, grid_on, widened
from hiddenlaw.cells.exponential import exponential, exponential_slopes
from hiddenlaw.cells.linear import AbstractLinearCell
from hiddenlaw.cells.monomials import Exponents, Monomials
from hiddenlaw.cells.terms import Coefficient
from hiddenlaw.errors import SettingsError
from hiddenlaw.holds import Span

_NODES = {1: 10, 2: 8, 3: 6, 4: 5, 5: 4}
# As many nodes as are needed, rounded up to one of these.
_COUNTS = (4, 6, 8, 10, 12, 16, 24, 32, 48, 64, 96, 128, 200)
_DIGITS = 37  # natural logarithm of the accuracy of the interpolation: 1e-16
_START = 0.3  # of random matrices, where the fit of a generator starts from

Ends = Sequence[float] | Float[AnyArray, " channel"]


class AbstractGeneratorCell(AbstractLinearCell, AbstractLawCell):
    """A cell that integrates dh/dx = (A + B V + …) h, with `matrices` in units of one site.

    Interpolated between `low` and `high`, one number an input channel in the data's units; not to
    be used outside.
    """

    monomials: Monomials
    low: Float[np.ndarray, " channel"]
    high: Float[np.ndarray, " channel"]
    nodes: int

    @property
    @abc.abstractmethod
    def level(self) -> Float[np.ndarray, "shown channel"]:
        """How what is shown rises with each channel of the input or constant of a run."""

    @abc.abstractmethod
    def with_range(self, low: Ends, high: Ends) -> Self:
        """The same law with Chebyshev nodes taken anew, as many as this range needs."""

    def generator(
        self, input: Float[AnyArray, "*batch channel"]
    ) -> Float[np.ndarray, "*batch d d"]:
        """A + B V + … at these inputs, in units of one site."""
        return np.einsum("...t,tab->...ab", self.monomials(input), self.matrices)

    def generators(self, dx: float) -> tuple[Exponents, Float[np.ndarray, "term d d"]]:
        """The differential law in the data's units: dh/dx = Σ_e matrices[e] V^e h."""
        raw = np.einsum("st,tab->sab", self.monomials.to_raw(), np.asarray(self.matrices))
        return self.monomials.exponents, raw / dx

    def terms(self, dx: float) -> list[Coefficient]:
        exponents, raw = self.generators(dx)
        return [
            Coefficient(int(row), (int(column),), exponents[term], float(raw[term, row, column]))
            for term, row, column in np.argwhere(raw)
        ]

    @property
    @abc.abstractmethod
    def constant_nodes(self) -> int:
        """Chebyshev nodes for a constant of the runs."""

    def _outer(self, constants: Float[np.ndarray, "run c"]) -> Float[np.ndarray, "run outer"]:
        """Cardinal functions of the last channels, which stay the same along a run."""
        count = constants.shape[1]
        counts = (self.constant_nodes,) * count
        return cardinal_functions(constants, self.low[-count:], self.high[-count:], counts)

    def outer_slope(
        self, outer: Float[np.ndarray, "run outer"], constant: int
    ) -> Float[np.ndarray, "run outer"]:
        nodes = self.constant_nodes
        count = round(math.log(outer.shape[1]) / math.log(nodes))
        low, high = self.low[-count:], self.high[-count:]
        return derivative_along(outer, low, high, (nodes,) * count, constant)

    def of_each_run(
        self, values: Float[np.ndarray, "n *any"], outer: Float[np.ndarray, "run outer"]
    ) -> Float[np.ndarray, "run inner *any"]:
        parts = values.reshape(-1, outer.shape[1], int(np.prod(values.shape[1:])))
        summed = np.einsum("ro,nox->rnx", outer, parts, optimize=True)
        return summed.reshape(len(outer), -1, *values.shape[1:])

    def in_basis(self, transform: Float[np.ndarray, "d d"]) -> Self:
        turned = transform @ np.asarray(self.matrices) @ np.linalg.inv(transform)
        return replace(self, matrices=turned)

    def finer(self) -> Self:
        return replace(self, matrices=np.asarray(self.matrices) / 2)

    def with_matrices(self, matrices: Float[np.ndarray, "term d d"]) -> Self:
        """Another law on the same nodes."""
        return replace(self, matrices=matrices)

    def nodes_needed(self, low: Ends, high: Ends) -> int:
        """How many nodes a channel make the interpolation exact to rounding on this range."""
        ends = np.asarray(list(product(*zip(low, high, strict=True))))
        norm = float(np.abs(self.generator(ends)).sum(-1).max())
        if not np.isfinite(norm):
            return _COUNTS[-1]
        # |exp(z)| on a range of half width z: the interpolant's error falls as (z/2)^n / n!.
        enough = (
            n
            for n in _COUNTS
            if n * math.log(max(norm, 1e-3) / 2) + norm < math.lgamma(n + 1) - _DIGITS
        )
        return next(enough, _COUNTS[-1])


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
    nodes: int

    @classmethod
    def over(
        cls, matrices: Float[AnyArray, "term d d"], monomials: Monomials, low: Ends, high: Ends
    ) -> GeneratorCell:
        """A cell for inputs between `low` and `high` (one number a channel, data's units)."""
        if len(low) not in _NODES:
            raise SettingsError(
                f"the generator cell takes up to {max(_NODES)} input channels and these data have "
                f"{len(low)}; use the taylor cell"
            )
        low, high = widened(low, high)
        return cls(matrices, monomials, low, high, _NODES[len(low)])

    @classmethod
    def random(
        cls, dimension: int, span: Span, *, rng: np.random.Generator
    ) -> AbstractGeneratorCell:
        """Of first degree in the input; a Magnus cell where the input varies inside cells."""
        from hiddenlaw.cells.registry import generator_over

        monomials = Monomials.spanning(span.low, span.high, 1)
        return generator_over(random_matrices(monomials, dimension, rng), monomials, span)

    @property
    def level(self) -> Float[np.ndarray, "shown channel"]:
        return np.eye(len(self.low))

    def with_range(self, low: Ends, high: Ends) -> GeneratorCell:
        cell = GeneratorCell.over(self.matrices, self.monomials, low, high)
        return replace(cell, nodes=max(cell.nodes, cell.nodes_needed(low, high)))

    def with_span(self, span: Span) -> GeneratorCell:
        return self.with_range(span.low, span.high)

    @property
    def constant_nodes(self) -> int:
        return self.nodes

    def _counts(self) -> tuple[int, ...]:
        return (self.nodes,) * len(self.low)

    def basis(self, input: Float[AnyArray, "*batch channel"]) -> Float[np.ndarray, "*batch n"]:
        """Cardinal functions of the Chebyshev nodes, a tensor product over channels."""
        return cardinal_functions(input, self.low, self.high, self._counts())

    def parts(
        self, shown: Float[np.ndarray, "site run channel"], constants: int
    ) -> tuple[Float[np.ndarray, "site run inner"], Float[np.ndarray, "run outer"] | None]:
        if not constants:
            return self.basis(shown), None
        counts, last = self._counts(), slice(-constants, None)
        first = slice(None, -constants)
        inner = cardinal_functions(
            shown[..., first], self.low[first], self.high[first], counts[first]
        )
        return inner, self._outer(shown[0][..., last])

    def basis_slope(
        self, input: Float[AnyArray, "*batch channel"], toward: Float[AnyArray, "*batch channel"]
    ) -> Float[np.ndarray, "*batch n"]:
        cardinal, counts = self.basis(input), self._counts()
        total = np.zeros_like(cardinal)
        for channel in range(len(self.low)):
            if np.any(rate := np.asarray(toward)[..., channel, None]):
                total += derivative_along(cardinal, self.low, self.high, counts, channel) * rate
        return total

    def coefficients(self) -> Float[np.ndarray, "n d d"]:
        return exponential(self.generator(grid_on(self.low, self.high, self._counts())))

    def coefficient_slopes(self) -> tuple[Float[np.ndarray, "n d d"], Float[np.ndarray, "n d d p"]]:
        d, grid = self.dimension, grid_on(self.low, self.high, self._counts())
        entries = np.eye(d * d).reshape(1, d * d, d, d)
        values, slopes = exponential_slopes(self.generator(grid), entries)
        slopes = np.moveaxis(slopes, 1, -1)  # n d d entry
        by_term = slopes[..., None, :] * self.monomials(grid)[:, None, None, :, None]
        return values, by_term.reshape(*slopes.shape[:-1], -1)


def random_matrices(
    monomials: Monomials, dimension: int, rng: np.random.Generator
) -> Float[np.ndarray, "term d d"]:
    """Where the fit of a generator starts from."""
    return _START * rng.normal(size=(len(monomials.exponents), dimension, dimension))
