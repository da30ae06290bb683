"""A law linear in its state whose input varies inside a cell: Magnus's fourth-order step."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells._generator import AbstractGeneratorCell, Ends, random_matrices
from hiddenlaw.cells.chebyshev import cardinal_functions, derivative_along, grid_on, widened
from hiddenlaw.cells.exponential import exponential, exponential_slopes
from hiddenlaw.cells.monomials import Monomials
from hiddenlaw.holds import Span

_NODES, _STEP_NODES = 10, 4
_TURN = math.sqrt(3) / 12


@dataclass(frozen=True, eq=False)
class MagnusCell(AbstractGeneratorCell):
    """h ← exp((G₁ + G₂)/2 + √3/12 [G₂, G₁]) h, with G₁ and G₂ at the two Gauss points of the cell.

    Fourth order in dx for an input that is smooth there: Iserles, Munthe-Kaas, Nørsett and Zanna,
    Acta Numerica 9, 215 (2000), equation (5.14) truncated. What it is shown is (V₁, V₂, moves), the
    values at the Gauss points and 1; at the site where a run begins nothing has moved yet, and
    `moves` is 0 (`hiddenlaw.holds.applied` makes these). As a function of the mean of V₁ and V₂ and
    of their difference it is interpolated at Chebyshev nodes; `step` bounds that difference.
    Channels beyond the first are constants of a run, shown behind these three.
    """

    name: ClassVar[str] = "magnus"

    matrices: Float[AnyArray, "term d d"]
    monomials: Monomials
    low: Float[np.ndarray, " channel"]
    high: Float[np.ndarray, " channel"]
    step: float
    nodes: int

    @classmethod
    def over(
        cls,
        matrices: Float[AnyArray, "term d d"],
        monomials: Monomials,
        low: Ends,
        high: Ends,
        step: float,
    ) -> MagnusCell:
        """A cell for inputs between `low` and `high` whose Gauss points differ by up to `step`."""
        low, high = widened(low, high)
        step = max(step, 1e-9 * float(high[0] - low[0]))
        return cls(matrices, monomials, low, high, step, _NODES)

    @classmethod
    def random(cls, dimension: int, span: Span, *, rng: np.random.Generator) -> MagnusCell:
        assert span.step is not None, "the generator cell serves an input that is held constant"
        monomials = Monomials.spanning(span.low, span.high, 1)
        matrices = random_matrices(monomials, dimension, rng)
        return cls.over(matrices, monomials, span.low, span.high, span.step)

    def with_range(self, low: Ends, high: Ends, step: float | None = None) -> MagnusCell:
        step = self.step if step is None else step
        cell = MagnusCell.over(self.matrices, self.monomials, low, high, step)
        return replace(cell, nodes=max(cell.nodes, *cell.nodes_needed(low, high)))

    def with_span(self, span: Span) -> MagnusCell:
        return self.with_range(span.low, span.high, span.step)

    @property
    def level(self) -> Float[np.ndarray, "shown channel"]:
        channels = len(self.low)
        level = np.zeros((2 + channels, channels))
        level[:2, 0] = 1.0
        level[3:, 1:] = np.eye(channels - 1)
        return level

    def _box(self) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
        """Mean and difference at the Gauss points, constants: where from, where to, nodes."""
        low = np.concatenate([self.low[:1], [-self.step], self.low[1:]])
        high = np.concatenate([self.high[:1], [self.step], self.high[1:]])
        return low, high, (self.nodes, _STEP_NODES, *self.counts[1:])

    def _place(self, shown: AnyArray) -> np.ndarray:
        """Mean, difference and constants, of what is shown."""
        first, second = shown[..., 0], shown[..., 1]
        inner = np.stack([(first + second) / 2, second - first], axis=-1)
        return np.concatenate([inner, shown[..., 3:]], axis=-1)

    def basis(self, input: Float[AnyArray, "*batch shown"]) -> Float[np.ndarray, "*batch n"]:
        shown = np.asarray(input)
        moves = shown[..., 2:3]
        moving = cardinal_functions(self._place(shown), *self._box()) * moves
        return np.concatenate([moving, 1 - moves], axis=-1)

    @property
    def counts(self) -> tuple[int, ...]:
        return (self.nodes, *[_STEP_NODES] * (len(self.low) - 1))

    def parts(
        self, shown: Float[np.ndarray, "site run channel"], constants: int
    ) -> tuple[Float[np.ndarray, "site run inner"], Float[np.ndarray, "run outer"] | None]:
        if not constants:
            return self.basis(shown), None
        low, high, counts = self._box()
        moves, place = shown[..., 2:3], self._place(shown)[..., :2]
        inner = cardinal_functions(place, low[:2], high[:2], counts[:2]) * moves
        return np.concatenate([inner, 1 - moves], axis=-1), self._outer(shown[0][..., 3:])

    def of_each_run(
        self, values: Float[np.ndarray, "n ..."], outer: Float[np.ndarray, "run outer"]
    ) -> Float[np.ndarray, "run inner ..."]:
        # Where nothing moves constants do not either: the sum of their functions is 1, or 0.
        moving = super().of_each_run(values[:-1], outer)
        total = outer.sum(axis=1).reshape(-1, *[1] * values.ndim)
        return np.concatenate([moving, total * values[-1][None, None]], axis=1)

    def basis_slope(
        self, input: Float[AnyArray, "*batch shown"], toward: Float[AnyArray, "*batch shown"]
    ) -> Float[np.ndarray, "*batch n"]:
        shown, box = np.asarray(input), self._box()
        moving, rate = self.basis(input)[..., :-1], self._place(np.asarray(toward))
        total = np.zeros((*shown.shape[:-1], moving.shape[-1] + 1))
        for variable in range(rate.shape[-1]):
            if np.any(along := rate[..., variable, None]):
                total[..., :-1] += derivative_along(moving, *box, variable) * along
        return total

    def _gauss_points(self) -> tuple[np.ndarray, np.ndarray]:
        """The inputs at the first and the second Gauss point, on the grid of nodes."""
        grid = grid_on(*self._box())
        half, rest = grid[:, 1:2] / 2, grid[:, 2:]
        first = np.concatenate([grid[:, :1] - half, rest], axis=-1)
        return first, np.concatenate([grid[:, :1] + half, rest], axis=-1)

    def coefficients(self) -> Float[np.ndarray, "n d d"]:
        first, second = (self.generator(points) for points in self._gauss_points())
        moved = exponential((first + second) / 2 + _TURN * (second @ first - first @ second))
        return np.concatenate([moved, np.eye(self.dimension)[None]])

    def coefficient_slopes(self) -> tuple[Float[np.ndarray, "n d d"], Float[np.ndarray, "n d d p"]]:
        d, points = self.dimension, self._gauss_points()
        first, second = (self.generator(at) for at in points)
        entries = np.eye(d * d).reshape(d * d, d, d)
        of_first, of_second = (
            (self.monomials(at)[:, :, None, None, None] * entries).reshape(len(at), -1, d, d)
            for at in points
        )
        one, two = first[:, None], second[:, None]
        turned = of_second @ one + two @ of_first - of_first @ two - one @ of_second
        values, slopes = exponential_slopes(
            (first + second) / 2 + _TURN * (second @ first - first @ second),
            (of_first + of_second) / 2 + _TURN * turned,
        )
        values = np.concatenate([values, np.eye(d)[None]])
        slopes = np.concatenate([slopes, np.zeros((1, *slopes.shape[1:]))])
        return values, np.moveaxis(slopes, 1, -1)
