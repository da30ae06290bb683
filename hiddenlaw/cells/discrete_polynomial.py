"""A map from site to site that is a polynomial of the state and the input: z ← Σ W z^p u^q."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells._base import AbstractCell
from hiddenlaw.cells._polynomial import AbstractPolynomialCell
from hiddenlaw.cells._products import Filling
from hiddenlaw.cells._steps import AbstractSteps
from hiddenlaw.cells.generator import GeneratorCell
from hiddenlaw.errors import SettingsError
from hiddenlaw.holds import Span

_SMALL = (
    0.1  # of random coefficients beside the identity, and a quarter of it for every further degree
)


@dataclass(frozen=True, eq=False)
class DiscretePolynomialCell(AbstractPolynomialCell):
    """z_row ← Σ coefficient · Π z_k^p_k · Π v_c^q_c: populations from year to year, Hénon's map.

    It states no differential law: the distiller's cell below it is a generator.
    """

    name: ClassVar[str] = "discrete-polynomial"
    any_hold: ClassVar[bool] = False

    @classmethod
    def empty(cls, dimension: int, span: Span) -> DiscretePolynomialCell:
        """Raises `SettingsError` where the input varies inside cells."""
        if span.step is not None:
            raise SettingsError(
                "the discrete-polynomial cell needs hold zero; take the polynomial cell"
            )
        return super().empty(dimension, span)

    @classmethod
    def random(
        cls, dimension: int, span: Span, *, rng: np.random.Generator
    ) -> DiscretePolynomialCell:
        """Close to the identity."""
        cell = cls.over(dimension, span)
        degree = cell.powers.sum(axis=1)
        coefficients = rng.normal(size=len(degree)) * _SMALL / 4.0 ** np.maximum(degree - 1, 0)
        coefficients += (degree == 1) & (cell.powers[np.arange(len(degree)), cell.row] == 1)
        return replace(cell, coefficients=coefficients)

    @classmethod
    def latent(cls) -> type[AbstractCell]:
        return GeneratorCell

    def advance(
        self, state: Float[AnyArray, "run d"], shown: Float[AnyArray, "run channel"]
    ) -> Float[np.ndarray, "run d"]:
        shown = np.asarray(shown, float)[:, None]
        return self.steps(self.prepared(shown)).states(np.asarray(state, float))[0]

    def prepared(
        self,
        input: Float[np.ndarray, "run site channel"],
        constants: int = 0,
        like: DiscreteInputs | None = None,
    ) -> DiscreteInputs:
        del constants, like
        shown = np.ascontiguousarray(np.swapaxes(input, 0, 1))
        seen, inside = shown, None
        if (limits := self.limits) is not None:
            low, high = limits[self.dimension :].T
            seen, inside = np.clip(shown, low, high), (shown >= low) & (shown <= high)
        seen = np.ascontiguousarray(np.swapaxes(seen / self.scale, 1, 2))
        return DiscreteInputs(shown, seen, inside)

    def steps(self, prepared: DiscreteInputs) -> DiscreteSteps:
        return DiscreteSteps(self, prepared)


class DiscreteInputs(NamedTuple):
    """What is shown, sites first, that over its scale and clipped, and where it is not clipped."""

    shown: Float[np.ndarray, "site run channel"]
    seen: Float[np.ndarray, "site channel run"]
    inside: Bool[np.ndarray, "site run channel"] | None


class DiscreteSteps(AbstractSteps):
    """A polynomial map along given inputs."""

    def __init__(self, cell: DiscretePolynomialCell, inputs: DiscreteInputs) -> None:
        self.cell, self.inputs, self.shown = cell, inputs, inputs.shown
        self._matrix, self._slopes = cell.rates()

    def states(self, start: Float[np.ndarray, "run d"]) -> Float[np.ndarray, "site run d"]:
        """Non-finite from where a run grows beyond all numbers."""
        found, state = np.empty((len(self.shown), *start.shape)), start
        rows = self.cell.plan.room(len(start))
        filling = self.cell.plan.filling(rows, self.cell.plan.scratch(len(start)))
        with np.errstate(over="ignore", invalid="ignore"):
            for site, seen in enumerate(self.inputs.seen):
                self._fill(rows, filling, state.T, seen)
                state = (self._matrix @ rows).T
                found[site] = state
        return found

    def sensitivities(self, start, states, initial, columns, toward=None):
        """See `AbstractSteps.sensitivities`."""
        cell, (sites, runs, d) = self.cell, states.shape
        count, k, c = len(columns), initial.shape[2], 0 if toward is None else toward.shape[-1]
        place, row = cell.plan.place[columns], cell.row[columns]
        s, found = np.zeros((runs, d, count + k + c)), np.empty((sites, runs, d, count + k + c))
        s[..., count : count + k] = initial
        rows = cell.plan.room(runs)
        filling = cell.plan.filling(rows, cell.plan.scratch(runs))
        with np.errstate(over="ignore", invalid="ignore"):
            for site, before in enumerate([start, *states[:-1]]):
                inside = self._fill(rows, filling, before.T, self.inputs.seen[site])
                slopes = np.moveaxis(self._slopes @ rows, 2, 0)
                s = (slopes[..., :d] * inside.T[:, None]) @ s
                s[:, row, np.arange(count)] += rows[place].T
                if toward is not None:
                    s[..., count + k :] += slopes[..., d:] / cell.scale @ self._rates(site, toward)
                found[site] = s
        return found

    def _fill(
        self, rows: Any, filling: list[Filling], state: Any, seen: Any
    ) -> Bool[np.ndarray, "d run"]:
        """The monomials at these states, and which of those are within their limits."""
        d, limits = self.cell.dimension, self.cell.limits
        inside = np.ones(state.shape, bool)
        if limits is not None:
            low, high = limits[:d, :1], limits[:d, 1:]
            inside = (state >= low) & (state <= high)
            state = np.clip(state, low, high)
        rows[1 : 1 + d], rows[1 + d : 1 + d + len(seen)] = state, seen
        for each in filling:
            each.fill(rows)
        return inside

    def _rates(self, site: int, toward: np.ndarray) -> np.ndarray:
        inside = self.inputs.inside
        return toward[site] if inside is None else toward[site] * inside[site, ..., None]
