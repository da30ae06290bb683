"""What cells share that integrate a differential law: the generator, its terms, its range."""

from __future__ import annotations

import abc
import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Self

import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells._base import AbstractLawCell
from hiddenlaw.cells.chebyshev import cardinal_functions, derivative_along
from hiddenlaw.cells.linear import AbstractLinearCell
from hiddenlaw.cells.monomials import Exponents, Monomials
from hiddenlaw.cells.terms import Coefficient

# As many nodes as are needed, rounded up to one of these.
_COUNTS = (4, 6, 8, 10, 12, 16, 24, 32, 48, 64, 96, 128, 200)
_ALONG = 5  # inputs between two ends, at which the change of a generator is looked at
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
    def counts(self) -> tuple[int, ...]:
        """Chebyshev nodes of every channel; what else the cell interpolates in stands apart."""

    def _outer(self, constants: Float[np.ndarray, "run c"]) -> Float[np.ndarray, "run outer"]:
        """Cardinal functions of the last channels, which stay the same along a run."""
        last = slice(-constants.shape[1], None)
        return cardinal_functions(constants, self.low[last], self.high[last], self.counts[last])

    def outer_slope(
        self, outer: Float[np.ndarray, "run outer"], constant: int
    ) -> Float[np.ndarray, "run outer"]:
        count = 1  # of the last channels, whose nodes make up the outer basis
        while math.prod(self.counts[-count:]) < outer.shape[1]:
            count += 1
        last = slice(-count, None)
        return derivative_along(outer, self.low[last], self.high[last], self.counts[last], constant)

    def of_each_run(
        self, values: Float[np.ndarray, "n ..."], outer: Float[np.ndarray, "run outer"]
    ) -> Float[np.ndarray, "run inner ..."]:
        parts = values.reshape(-1, outer.shape[1], int(np.prod(values.shape[1:])))
        summed = np.einsum("ro,nox->rnx", outer, parts, optimize=True)
        return summed.reshape(len(outer), -1, *values.shape[1:])

    def in_basis(self, transform: Float[np.ndarray, "d d"]) -> Self:
        turned = transform @ np.asarray(self.matrices) @ np.linalg.inv(transform)
        return replace(self, matrices=turned)  # type: ignore[type-var]  # a dataclass

    def finer(self) -> Self:
        return replace(self, matrices=np.asarray(self.matrices) / 2)  # type: ignore[type-var]  # a dataclass

    def with_matrices(self, matrices: Float[np.ndarray, "term d d"]) -> Self:
        """Another law on the same nodes."""
        return replace(self, matrices=matrices)  # type: ignore[type-var]  # a dataclass

    def nodes_needed(self, low: Ends, high: Ends) -> tuple[int, ...]:
        """How many nodes of each channel make the interpolation exact to rounding on this range.

        Of one channel by the norm of the generator; of several by what each one changes of it.
        """
        ends = np.asarray(list(product(*zip(low, high, strict=True))))
        norm = float(np.abs(self.generator(ends)).sum(-1).max())
        if not np.isfinite(norm):
            return (_COUNTS[-1],) * len(low)
        if len(low) == 1:
            return (_nodes_for(norm, norm),)
        found = []
        for channel in range(len(low)):
            ways = [
                np.linspace(a, b, _ALONG) if k == channel else (a, b)
                for k, (a, b) in enumerate(zip(low, high, strict=True))
            ]
            shape = tuple(len(way) for way in ways)
            values = self.generator(np.asarray(list(product(*ways)))).reshape(*shape, -1)
            values = np.moveaxis(values, channel, 0).reshape(_ALONG, -1, *self.matrices.shape[1:])
            change = float(np.abs(values - values[:1]).sum(-1).max())
            found.append(_nodes_for(change, norm))
        return tuple(found)


def _nodes_for(change: float, norm: float) -> int:
    """Nodes for an exponential of this norm that changes by so much over the range."""
    # |exp(z)| on a range of half width z: the interpolant's error falls as (z/2)^n / n!.
    enough = (
        n
        for n in _COUNTS
        if n * math.log(max(change, 1e-3) / 2) + norm < math.lgamma(n + 1) - _DIGITS
    )
    return next(enough, _COUNTS[-1])


def random_matrices(
    monomials: Monomials, dimension: int, rng: np.random.Generator
) -> Float[np.ndarray, "term d d"]:
    """Where the fit of a generator starts from."""
    return _START * rng.normal(size=(len(monomials.exponents), dimension, dimension))
