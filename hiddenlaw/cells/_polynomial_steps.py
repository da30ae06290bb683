"""A polynomial law along given inputs: all states, and their sensitivities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from hiddenlaw.cells._runge_kutta import Integrator, Pushed, Workspace, by_coefficient
from hiddenlaw.cells._steps import AbstractSteps

_TOGETHER = 1024  # cells whose derivatives are taken at once: their monomials stay in the cache


class PolynomialInputs(NamedTuple):
    """What polynomial cells are shown, sites first, and what of it their polynomials see.

    - `level` and, where the input varies inside cells, `slope` (site, channel, run), scaled and
      clipped; see `Pushed`.
    - `level_of`, `slope_of` (channel, shown): how they follow from what is shown; `inside`: which
      of that is not clipped, None where nothing is.
    - `moves`: whether a site moves; None where all do.
    """

    shown: Float[np.ndarray, "site run shown"]
    level: Float[np.ndarray, "site channel run"]
    slope: Float[np.ndarray, "site channel run"] | None
    level_of: Float[np.ndarray, "channel shown"]
    slope_of: Float[np.ndarray, "channel shown"] | None
    inside: Bool[np.ndarray, "site run shown"] | None
    moves: Bool[np.ndarray, "site run"] | None


class PolynomialSteps(AbstractSteps):
    """A `PolynomialCell` along given inputs."""

    def __init__(self, cell: Any, inputs: PolynomialInputs) -> None:
        self.cell, self.inputs, self.shown = cell, inputs, inputs.shown
        self.integrator: Integrator = cell.integrator()
        moves = inputs.moves
        self._still = {} if moves is None else {i: ~m for i, m in enumerate(moves) if not m.all()}

    def states(self, start: Float[np.ndarray, "run d"]) -> Float[np.ndarray, "site run d"]:
        """Non-finite from where a run grows beyond all numbers."""
        sites, runs, _ = self.shown.shape
        found = np.empty((sites, *start.shape))
        space = Workspace(self.integrator, runs)
        state = np.ascontiguousarray(start.T)
        with np.errstate(over="ignore", invalid="ignore"):
            for site in range(sites):
                after = self.integrator.across(state, self._given(site), space)
                if site in self._still:
                    after = np.where(self._still[site], state, after)
                state = after
                found[site] = state.T
        return found

    def clipped(
        self, start: Float[np.ndarray, "run d"], states: Float[np.ndarray, "site run d"]
    ) -> Bool[np.ndarray, " run"]:
        """Which runs reach beyond the limits of the polynomials, in their state or their input."""
        found, inside = np.zeros(len(start), bool), self.inputs.inside
        if inside is not None:
            found |= ~inside.all(axis=(0, 2))
        if (limits := self.cell.limits) is not None:
            low, high = limits[: start.shape[1]].T
            every = np.concatenate([start[None], states])
            found |= ~((every >= low) & (every <= high)).all(axis=(0, 2))
        return found

    def sensitivities(self, start, states, initial, columns, toward=None):
        """See `AbstractSteps.sensitivities`."""
        sites, runs, d = states.shape
        count, k = len(columns), initial.shape[2]
        c = 0 if toward is None else toward.shape[-1]
        before = np.concatenate([start[None], states[:-1]])
        found = np.zeros((sites, runs, d, count + k + c))
        turns = np.empty((sites, runs, d, d))
        s = np.zeros((runs, d, count + k + c))
        s[..., count : count + k] = initial
        space: Workspace | None = None
        with np.errstate(over="ignore", invalid="ignore"):
            for few in self._together(sites, runs):
                places = runs * len(before[few])
                if space is None or space.count != places:
                    space = Workspace(self.integrator, places, apart=True)
                rates = None if toward is None else toward[few]
                self._pushed(few, before[few], columns, rates, turns[few], found[few], space)
            for site, turn in enumerate(turns):
                found[site] += turn @ s
                s = found[site]
        return found

    def _together(self, sites: int, runs: int) -> Iterator[slice]:
        each = max(1, _TOGETHER // max(runs, 1))
        return (slice(first, first + each) for first in range(0, sites, each))

    def _pushed(self, few, before, columns, toward, turns, found, space):
        """Into `turns` ∂z⁺/∂z and into `found` ∂z⁺/∂θ of these sites."""
        cell, (sites, runs, d) = self.cell, before.shape
        places, count = sites * runs, len(columns)
        moved = self.integrator.moved(
            before.reshape(places, d).T, self._given_all(few), space, by_input=toward is not None
        )
        turns[...] = moved.by_state.transpose(2, 0, 1).reshape(turns.shape)
        pushed = by_coefficient(
            moved, cell.row[columns], self.integrator.plan.place[columns], 1 / cell.substeps
        )
        found[..., :count] = pushed.transpose(2, 0, 1).reshape(sites, runs, d, count)
        if toward is not None and moved.by_input is not None:
            pushed = self._by_input(few, moved.by_input, toward)
            found[..., found.shape[-1] - toward.shape[-1] :] = pushed
        for site in range(few.start, few.start + sites):
            if site in self._still:
                still = self._still[site]
                turns[site - few.start, still] = np.eye(d)
                found[site - few.start, still] = 0.0

    def _by_input(self, few, by_input, toward):
        """How states move with numbers that move what is shown at the rates `toward`."""
        inputs, (sites, runs) = self.inputs, toward.shape[:2]
        total = np.einsum("sdmn,mv->ndv", by_input, inputs.level_of)
        if inputs.slope_of is not None:
            places = self.integrator.places
            total += np.einsum("s,sdmn,mv->ndv", places, by_input, inputs.slope_of)
        if inputs.inside is not None:
            toward = toward * inputs.inside[few, ..., None]
        return total.reshape(sites, runs, *total.shape[1:]) @ toward

    def _given(self, site: int) -> Pushed:
        slope = self.inputs.slope
        return Pushed(self.inputs.level[site], None if slope is None else slope[site])

    def _given_all(self, few: slice) -> Pushed:
        """Of all cells at these sites, site by site."""

        def flat(values: np.ndarray) -> np.ndarray:
            channels = values.shape[1]
            return np.ascontiguousarray(values[few].transpose(1, 0, 2).reshape(channels, -1))

        slope = self.inputs.slope
        return Pushed(flat(self.inputs.level), None if slope is None else flat(slope))
