"""A law that is a polynomial of the state and the input, over x: nonlinear oscillators, waves."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells._base import AbstractLawCell
from hiddenlaw.cells._polynomial import AbstractPolynomialCell
from hiddenlaw.cells._polynomial_steps import PolynomialInputs, PolynomialSteps
from hiddenlaw.cells._runge_kutta import Integrator
from hiddenlaw.cells.terms import Coefficient
from hiddenlaw.holds import Span

_SMALL = 0.2  # of random linear rates a site, and a quarter of it for every further degree


@dataclass(frozen=True, eq=False)
class PolynomialCell(AbstractPolynomialCell, AbstractLawCell):
    """dz_row/dx is Σ coefficient · Π z_k^p_k · Π v_c^q_c, the coefficients in units of one site.

    - `substeps`: steps of Dormand and Prince's method a cell.
    - `varies`: whether it is shown the input at the two Gauss points of a cell and whether anything
      moves there (a smooth hold). The input is then taken to be linear through these, right to
      fourth order. Channels beyond the first are constants of a run.
    """

    name: ClassVar[str] = "polynomial"
    exact: ClassVar[bool] = False

    substeps: int = 2
    varies: bool = False

    @classmethod
    def empty(cls, dimension: int, span: Span) -> Self:
        return replace(super().empty(dimension, span), varies=span.step is not None)

    @classmethod
    def random(cls, dimension: int, span: Span, *, rng: np.random.Generator) -> PolynomialCell:
        """Slow and gentle, all terms up to third degree, at most linear in the input."""
        cell = cls.over(dimension, span)
        sizes = _SMALL / 4.0 ** np.maximum(cell.powers.sum(axis=1) - 1, 0)
        return replace(cell, coefficients=sizes * rng.normal(size=len(sizes)))

    @property
    def level(self) -> Float[np.ndarray, "shown channel"]:
        """How what is shown rises with each channel of the input or constant of a run."""
        if not self.varies:
            return np.eye(self.channels)
        rises = np.zeros((self.channels + 2, self.channels))
        rises[:2, 0] = 1.0
        rises[3:, 1:] = np.eye(self.channels - 1)
        return rises

    def with_span(self, span: Span) -> Self:
        return replace(super().with_span(span), varies=span.step is not None)

    def terms(self, dx: float) -> list[Coefficient]:
        d, raw = self.dimension, np.asarray(self.coefficients) / self.units / dx
        return [
            Coefficient(
                int(self.row[pair]),
                tuple(k for k in range(d) for _ in range(self.powers[pair, k])),
                tuple(map(int, self.powers[pair, d:])),
                float(raw[pair]),
            )
            for pair in np.flatnonzero(self.coefficients)
        ]

    def finer(self) -> Self:
        return replace(self, coefficients=np.asarray(self.coefficients) / 2)

    def in_steps(self, substeps: int) -> Self:
        """The same law with so many steps a cell."""
        return replace(self, substeps=substeps)

    def advance(
        self, state: Float[AnyArray, "run d"], shown: Float[AnyArray, "run shown"]
    ) -> Float[np.ndarray, "run d"]:
        return self._one(shown).states(np.asarray(state, float))[0]

    def advance_with_sensitivities(self, state, sensitivities, shown, toward):
        """See `AbstractCell.advance_with_sensitivities`."""
        along, p, c = self._one(shown), len(self.coefficients), toward.shape[-1]
        after = along.states(state)
        found = along.sensitivities(state, after, sensitivities, np.arange(p), toward[None])[0]
        moved = found[..., p : found.shape[-1] - c]
        moved[..., :p] += found[..., :p]
        moved[..., moved.shape[-1] - c :] += found[..., found.shape[-1] - c :]
        return after[0], moved

    def _one(self, shown: AnyArray) -> PolynomialSteps:
        return self.steps(self.prepared(np.asarray(shown, float)[:, None]))

    def steps(self, prepared: PolynomialInputs) -> PolynomialSteps:
        return PolynomialSteps(self, prepared)

    def integrator(self) -> Integrator:
        """How states move across a cell."""
        limits = self.limits
        limits = None if limits is None else limits[: self.dimension]
        return Integrator(self.plan, *self.rates(), limits, self.substeps)

    def prepared(
        self,
        input: Float[np.ndarray, "run site shown"],
        constants: int = 0,
        like: PolynomialInputs | None = None,
    ) -> PolynomialInputs:
        del constants, like
        shown = np.ascontiguousarray(np.swapaxes(input, 0, 1))
        level_of, slope_of = self._seen_of()
        seen, inside, limits = shown, None, self.limits
        if limits is not None:
            of = np.zeros(shown.shape[2], int) if self.varies else np.arange(self.channels)
            of[3:] = np.arange(1, self.channels) if self.varies else of[3:]
            low, high = limits[self.dimension + of].T
            if self.varies:
                low[2], high[2] = 0.0, 1.0
            outside = (shown < low) | (shown > high)
            if outside.any():
                seen, inside = np.clip(shown, low, high), ~outside
        flat = np.ascontiguousarray(np.swapaxes(seen @ level_of.T, 1, 2))
        slope = None if slope_of is None else np.swapaxes(seen @ slope_of.T, 1, 2)
        moves = shown[..., 2] > 0 if self.varies else None
        return PolynomialInputs(shown, flat, slope, level_of, slope_of, inside, moves)

    def _seen_of(
        self,
    ) -> tuple[Float[np.ndarray, "channel shown"], Float[np.ndarray, "channel shown"] | None]:
        """How the scaled input in the middle of a cell and its slope follow from what is shown."""
        m = self.channels
        if not self.varies:
            return np.eye(m) / self.scale[:, None], None
        level, slope = np.zeros((2, m, m + 2))
        level[0, :2] = 0.5
        level[1:, 3:] = np.eye(m - 1)
        slope[0, :2] = -math.sqrt(3), math.sqrt(3)  # Gauss points are 1/√3 of a cell apart
        return level / self.scale[:, None], slope / self.scale[:, None]
