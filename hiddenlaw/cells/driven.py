"""A law that the input drives without multiplying the state: dz/dx = A z + B u + c.

Over a cell of the grid it is solved exactly. With F = (B, c) one exponential of a block matrix

    exp [[A, F, 0], [0, 0, 1], [0, 0, 0]] = [[Φ, Γ₁, Γ₂], …]

holds Φ = e^A, Γ₁ = ∫ e^{A(1-s)} F ds and Γ₂ = ∫ e^{A(1-s)} F s ds (Van Loan, IEEE Trans. Autom.
Control 23, 395 (1978)), in units of one site: what the input does over a cell by its mean and by
its slope. So an input that is constant or linear over a cell costs nothing in accuracy, and no
interpolation between nodes is needed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells._base import AbstractLawCell
from hiddenlaw.cells._driven_steps import DrivenInputs, DrivenSteps
from hiddenlaw.cells.exponential import exponential, exponential_slopes
from hiddenlaw.cells.terms import Coefficient
from hiddenlaw.holds import Span

_SMALL = 0.2  # of random rates a site


@dataclass(frozen=True, eq=False)
class DrivenCell(AbstractLawCell):
    """z ← Φ z + Γ₁ (v, 1) for the scaled input v = (u − `offset`)/`scale`.

    - `rates` (d, d + m + 1): A, B and c, times dx.
    - `varies`: whether what it is shown are the values at the two Gauss points of a cell and
      whether anything moves there (a smooth hold), or the input itself.
    """

    name: ClassVar[str] = "driven"
    trained: ClassVar[tuple[str, ...]] = ("rates",)
    narrowest: ClassVar[int] = 1
    presumes_linear: ClassVar[bool] = True

    rates: Float[AnyArray, "d columns"]
    offset: Float[np.ndarray, " channel"]
    scale: Float[np.ndarray, " channel"]
    varies: bool = False

    @classmethod
    def random(cls, dimension: int, span: Span, *, rng: np.random.Generator) -> DrivenCell:
        """Slow and gentle, for inputs scaled to about 1."""
        low, high = np.asarray(span.low), np.asarray(span.high)
        rates = _SMALL * rng.normal(size=(dimension, dimension + len(low) + 1))
        half = (high - low) / 2
        return cls(rates, (low + high) / 2, np.where(half > 0, half, 1.0), span.step is not None)

    @property
    def dimension(self) -> int:
        return len(self.rates)

    @property
    def channels(self) -> int:
        return len(self.offset)

    def prepared(
        self,
        input: Float[np.ndarray, "run site shown"],
        constants: int = 0,
        like: DrivenInputs | None = None,
    ) -> DrivenInputs:
        del like
        assert not constants, "a driven law has no constants of runs"
        shown = np.ascontiguousarray(np.swapaxes(input, 0, 1))
        return DrivenInputs(shown, *self._parts(shown))

    def steps(self, prepared: DrivenInputs) -> DrivenSteps:
        with np.errstate(over="ignore", invalid="ignore"):
            update = self.update()
        return DrivenSteps(prepared, update, lambda: self.update_slopes()[1])

    def advance(
        self, state: Float[AnyArray, "run d"], shown: Float[AnyArray, "run shown"]
    ) -> Float[np.ndarray, "run d"]:
        pushes, moves = self._parts(np.asarray(shown)[None])
        after = np.concatenate([np.asarray(state), pushes[0]], axis=-1) @ self.update().T
        return np.where(moves[0, :, None] > 0, after, state)

    def transition(self, input: Float[AnyArray, "*batch shown"]) -> Float[np.ndarray, "*batch d d"]:
        """∂z_i/∂z_{i-1}: the same whatever the input, but where nothing moves."""
        d, shown = self.dimension, np.asarray(input)
        moving = self.update()[:, :d]
        found = np.broadcast_to(moving, (*shown.shape[:-1], d, d))
        if not self.varies:
            return found
        return np.where(shown[..., 2, None, None] > 0, found, np.eye(d))

    def update(self) -> Float[np.ndarray, "d columns"]:
        """(Φ, Γ₁) and, for an input that varies inside a cell, what its slope does."""
        return self._cut(exponential(self._block()[None])[0])

    def update_slopes(self) -> tuple[Float[np.ndarray, "d columns"], np.ndarray]:
        """`update`, and its derivative (d, columns, p) by every number of `rates`."""
        d, columns = np.shape(self.rates)
        size = len(self._block())
        directions = np.zeros((d * columns, size, size))
        each = np.arange(d * columns)
        directions[each, each // columns, each % columns] = 1.0
        values, slopes = exponential_slopes(self._block()[None], directions[None])
        return self._cut(values[0]), np.moveaxis(self._cut(slopes[0]), 0, -1)

    def _block(self) -> Float[np.ndarray, "n n"]:
        d, columns = np.shape(self.rates)
        pushes = columns - d
        block = np.zeros((columns + pushes * self.varies,) * 2)
        block[:d, :columns] = self.rates
        if self.varies:
            block[d:columns, columns:] = np.eye(pushes)
        return block

    def _cut(self, values: Float[np.ndarray, "*batch n n"]) -> Float[np.ndarray, "*batch d k"]:
        """The rows of the state; the slope's columns about the middle of the cell."""
        d, columns = np.shape(self.rates)
        rows = values[..., :d, :]
        if not self.varies:
            return rows
        level, moment = rows[..., d:columns], rows[..., columns:]
        return np.concatenate([rows[..., :columns], moment - level / 2], axis=-1)

    def _parts(
        self, shown: Float[np.ndarray, "site run shown"]
    ) -> tuple[Float[np.ndarray, "site run pushes"], Float[np.ndarray, "site run"]]:
        """What the columns of `update` behind Φ are multiplied by, and whether a site moves."""
        ones = np.ones((*shown.shape[:-1], 1))
        if not self.varies:
            return np.concatenate([(shown - self.offset) / self.scale, ones], -1), ones[..., 0]
        first, second, moves = (shown[..., k : k + 1] for k in range(3))
        mean = ((first + second) / 2 - self.offset) / self.scale
        # Linear through both Gauss points, which are 1/√3 of a cell apart.
        slope = math.sqrt(3) * (second - first) / self.scale
        return np.concatenate([mean, ones, slope, 0 * ones], axis=-1), moves[..., 0]

    def terms(self, dx: float) -> list[Coefficient]:
        d, m = self.dimension, self.channels
        raw = np.array(self.rates, float)
        raw[:, d : d + m] /= self.scale
        raw[:, -1] -= raw[:, d : d + m] @ self.offset
        nothing, inputs = (0,) * m, np.eye(m, dtype=int)
        columns = [((k,), nothing) for k in range(d)]
        columns += [((), tuple(map(int, row))) for row in inputs]
        columns.append(((), nothing))
        return [
            Coefficient(int(row), state, exponents, float(raw[row, column] / dx))
            for row, column in np.argwhere(raw)
            for state, exponents in [columns[column]]
        ]

    def in_basis(self, transform: Float[np.ndarray, "d d"]) -> DrivenCell:
        d, rates = self.dimension, np.asarray(transform) @ np.asarray(self.rates)
        rates[:, :d] = rates[:, :d] @ np.linalg.inv(transform)
        return replace(self, rates=rates)

    def finer(self) -> DrivenCell:
        return replace(self, rates=np.asarray(self.rates) / 2)

    def with_span(self, span: Span) -> DrivenCell:
        """The same law for inputs scaled but not moved, so that one number is one coefficient."""
        d, m = self.dimension, self.channels
        size = np.maximum(np.abs(span.low), np.abs(span.high))
        size = np.where(size > 0, size, 1.0)
        rates = np.array(self.rates, float)
        rates[:, -1] -= rates[:, d : d + m] @ (self.offset / self.scale)
        rates[:, d : d + m] *= size / self.scale
        return DrivenCell(rates, np.zeros(m), size, span.step is not None)
