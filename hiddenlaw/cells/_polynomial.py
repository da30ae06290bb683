"""What cells share whose law is a polynomial of the state and the input."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np
from jaxtyping import Bool, Float, Int

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells._base import AbstractCell
from hiddenlaw.cells._products import Products, products
from hiddenlaw.cells.monomials import exponents_up_to
from hiddenlaw.cells.substitution import Key, substituted
from hiddenlaw.cells.terms import Coefficient
from hiddenlaw.errors import SettingsError
from hiddenlaw.holds import Span

_USUAL = 2.0  # how far the variables of a translator go, whose scale is free


@dataclass(frozen=True, eq=False)
class AbstractPolynomialCell(AbstractCell):
    """Rows of Σ coefficient · Π z_k^p_k · Π v_c^q_c, one coefficient a pair of row and monomial.

    - `coefficients` (pair,): for the input over its scale, v = u / `scale`.
    - `row` (pair,) and `powers` (pair, d + channel): what each is a coefficient of, (p, q). What is
      not among the pairs is no part of the law; none stands there twice.
    - `low`, `high` (d + channel,): the observed range of the state and of the input, and `clip`:
      how far from its middle, in half-widths, the polynomials' arguments go. Beyond, a variable
      counts as if it were at that limit, and no polynomial runs away. None for no limit.

    Where a run grows beyond all numbers its states are not finite, and nothing is raised.
    """

    trained: ClassVar[tuple[str, ...]] = ("coefficients",)
    hidden: ClassVar[int] = 3
    narrowest: ClassVar[int] = 1

    coefficients: Float[AnyArray, " pair"]
    row: Int[np.ndarray, " pair"]
    powers: Int[np.ndarray, "pair variable"]
    scale: Float[np.ndarray, " channel"]
    low: Float[np.ndarray, " variable"]
    high: Float[np.ndarray, " variable"]
    clip: float | None = 1.5

    @classmethod
    def empty(cls, dimension: int, span: Span) -> Self:
        """No terms at all: nothing moves."""
        reach, variables = np.full(dimension, _USUAL), dimension + len(span.low)
        low, high = np.concatenate([-reach, span.low]), np.concatenate([reach, span.high])
        none = np.zeros(0), np.zeros(0, int), np.zeros((0, variables), int)
        return cls(*none, _size(span), low, high)

    @classmethod
    def over(
        cls,
        dimension: int,
        span: Span,
        *,
        degree: int = 3,
        state_degree: int | None = None,
        input_degree: int = 1,
    ) -> Self:
        """All terms up to that total degree, and these degrees in state and inputs, at zero."""
        every = pairs_up_to(degree, dimension, len(span.low), state_degree, input_degree)
        return cls.empty(dimension, span).offering(*every)

    @classmethod
    def of(cls, terms: Iterable[Coefficient], dimension: int, span: Span, dx: float = 1.0) -> Self:
        """The law of these terms, over x in the data's unit where it is one over x, and no others.

        Raises `SettingsError` for a term that stands there twice, or for other variables.
        """
        terms, channels = list(terms), len(span.low)
        for term in terms:
            places = (term.row, *term.state)
            if not all(0 <= k < dimension for k in places) or len(term.input) != channels:
                raise SettingsError(
                    f"{term} is no term of {dimension} state variables and {channels} inputs"
                )
        row = np.array([term.row for term in terms], int)
        powers = [[t.state.count(k) for k in range(dimension)] + [*t.input] for t in terms]
        powers = np.array(powers, int).reshape(-1, dimension + channels)
        cell = cls.empty(dimension, span).offering(row, powers)
        if len(cell.row) < len(terms):
            raise SettingsError("a term stands twice in this law; add their values up")
        values = np.array([term.value for term in terms], float)
        return replace(cell, coefficients=values * cell.units * dx)

    @property
    def dimension(self) -> int:
        return len(self.low) - len(self.scale)

    @property
    def channels(self) -> int:
        return len(self.scale)

    @property
    def units(self) -> Float[np.ndarray, " pair"]:
        """What the coefficient of each pair is where that of the input itself is 1."""
        return np.prod(self.scale ** self.powers[:, self.dimension :], axis=1)

    @property
    def limits(self) -> Float[np.ndarray, "variable 2"] | None:
        """Where arguments of the polynomials end; None for nowhere."""
        if self.clip is None:
            return None
        middle, half = (self.low + self.high) / 2, (self.high - self.low) / 2
        return np.stack([middle - self.clip * half, middle + self.clip * half], axis=1)

    def offering(self, row: Int[np.ndarray, " k"], powers: Int[np.ndarray, "k variable"]) -> Self:
        """The same law with these pairs beside its own, at zero, where it has not got them.

        What the misfit's slopes and curvatures are then says what each of them would gain.
        """
        there, new = set(_keys(self.row, self.powers)), []
        for i, key in enumerate(_keys(row, powers)):
            if key not in there:
                there.add(key)
                new.append(i)
        return replace(
            self,
            coefficients=np.concatenate([self.coefficients, np.zeros(len(new))]),
            row=np.concatenate([self.row, row[new]]),
            powers=np.concatenate([self.powers, powers[new]]),
        )

    def keeping(self, kept: Bool[np.ndarray, " pair"]) -> Self:
        """These pairs alone."""
        parts = {name: getattr(self, name)[kept] for name in ("coefficients", "row", "powers")}
        return replace(self, **parts)

    def reaching(self, low: Float[np.ndarray, " d"], high: Float[np.ndarray, " d"]) -> Self:
        """The same law where the state was observed between these."""
        d = self.dimension
        low, high = np.concatenate([low, self.low[d:]]), np.concatenate([high, self.high[d:]])
        return replace(self, low=low, high=high)

    def with_span(self, span: Span) -> Self:
        """The same law for inputs of `span`."""
        d, scale = self.dimension, _size(span)
        rise = np.prod((scale / self.scale) ** self.powers[:, d:], axis=1)
        return replace(
            self,
            coefficients=self.coefficients * rise,
            scale=scale,
            low=np.concatenate([self.low[:d], span.low]),
            high=np.concatenate([self.high[:d], span.high]),
        )

    def in_basis(self, transform: Float[np.ndarray, "d d"]) -> Self:
        """The same law for the state z = `transform` h; limits are those of a box that holds the
        former, so that it is the same exactly where nothing is clipped.
        """
        d, size = self.dimension, np.abs(transform)
        middle, half = (self.low + self.high)[:d] / 2, (self.high - self.low)[:d] / 2
        middle, half = transform @ middle, size @ half
        turned = self.reaching(middle - half, middle + half)
        found = substituted(transform, _keys(self.row, self.powers), self.coefficients)
        return replace(
            turned,
            coefficients=np.array(list(found.values()), float),
            row=np.array([key[0] for key in found], int),
            powers=np.array([key[1:] for key in found], int).reshape(-1, len(self.low)),
        )

    @property
    def plan(self) -> Products:
        return products(self.powers)

    def rates(self) -> tuple[Float[np.ndarray, "d row"], Float[np.ndarray, "d variable row"]]:
        """What multiplies the monomials of `plan`: in every row, and in its slopes by all."""
        plan, d = self.plan, self.dimension
        matrix = np.zeros((d, plan.count))
        matrix[self.row, plan.place] = self.coefficients
        slopes = np.zeros((d, len(self.low), plan.count))
        variable, pair, at, factor = plan.slopes.T
        np.add.at(slopes, (self.row[pair], variable, at), factor * self.coefficients[pair])
        return matrix, slopes


def pairs_up_to(
    degree: int,
    dimension: int,
    channels: int,
    state_degree: int | None = None,
    input_degree: int = 1,
) -> tuple[Int[np.ndarray, " pair"], Int[np.ndarray, "pair variable"]]:
    """Rows and powers of all terms up to that total degree, and these in state and inputs."""
    every = np.array(exponents_up_to(degree, dimension + channels), int)
    most = degree if state_degree is None else state_degree
    kept = every[:, :dimension].sum(axis=1) <= most
    kept &= every[:, dimension:].sum(axis=1) <= input_degree
    return np.repeat(np.arange(dimension), kept.sum()), np.tile(every[kept], (dimension, 1))


def _size(span: Span) -> Float[np.ndarray, " channel"]:
    """The largest input of every channel, 1 where there is none."""
    size = np.maximum(np.abs(span.low), np.abs(span.high))
    return np.where(size > 0, size, 1.0)


def _keys(row: Int[np.ndarray, " k"], powers: Int[np.ndarray, "k variable"]) -> list[Key]:
    return [(int(r), *map(int, p)) for r, p in zip(row, powers, strict=True)]
