"""Polynomial differential equations across cells of the grid, with their derivatives.

Dormand and Prince's method of order 5, J. Comput. Appl. Math. 6, 19 (1980), at a fixed step, for
all runs at once: z ← z + Σ_i b_i k_i with k_i = h f(z + Σ_j<i a_ij k_j). Its derivatives are
exactly those of what it computes, and are taken backwards inside a cell. With Λ_i = ∂z⁺/∂k_i and
J_i = ∂k_i/∂z at stage i

    Λ_i = b_i B + Σ_j>i a_ji Λ_j J_j,        B ← B + Σ_i Λ_i J_i,

from B = 1 at the end of a cell to B = ∂z⁺/∂z at its beginning, and a coefficient of row r that
multiplies the monomial φ moves the state by Σ_i Λ_i[:, r] h φ_i. That is done for many cells at
once, for all of their states are known by then.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from hiddenlaw.cells._products import Filling, Products

NODES = np.array([0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1])
OUTER = np.array([35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84])
INNER = np.zeros((6, 6))
INNER[1, :1] = [1 / 5]
INNER[2, :2] = [3 / 40, 9 / 40]
INNER[3, :3] = [44 / 45, -56 / 15, 32 / 9]
INNER[4, :4] = [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729]
INNER[5, :5] = [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656]
STAGES = len(NODES)
# Of a state and the rates behind it: where each stage is, and at last the end of the step.
_SUMS = [np.concatenate([[1.0], INNER[i, :i]]) for i in range(STAGES)]
_SUMS.append(np.concatenate([[1.0], OUTER]))


class Pushed(NamedTuple):
    """The input of cells, about their middles: v(s) = `level` + (s − ½) `slope`, 0 < s < 1.

    Without `slope` it is constant inside a cell.
    """

    level: Float[np.ndarray, "channel place"]
    slope: Float[np.ndarray, "channel place"] | None = None


class Moved(NamedTuple):
    """How states behind cells move.

    - `by_state`: with the state before, B.
    - `by_rate`: with the k_i of every stage, Λ_i, and `rows`: the monomials there.
    - `by_input`: with the rates' own input at every stage, Λ_i ∂k_i/∂v, where that was asked for.
    """

    by_state: Float[np.ndarray, "d d place"]
    by_rate: Float[np.ndarray, "stage d d place"]
    rows: Float[np.ndarray, "stage row place"]
    by_input: Float[np.ndarray, "stage d channel place"] | None


class Bench:
    """Where the states and the monomials of a stage stand: views, made once for many cells."""

    def __init__(
        self,
        integrator: Integrator,
        rows: Float[np.ndarray, "row place"],
        scratch: Float[np.ndarray, "factor place"],
    ) -> None:
        d = integrator.dimension
        self.rows, self.here = rows, rows[1 : 1 + d]
        self.flat = self.here.reshape(-1)
        self.input = rows[1 + d : 1 + integrator.plan.variables]
        self.filling: list[Filling] = integrator.plan.filling(rows, scratch)


class Workspace:
    """Where an integrator writes to: a bench for each stage, and the states and rates of a step.

    Stages share one bench, whose monomials then are those of the last, unless they are `apart`.
    """

    def __init__(self, integrator: Integrator, count: int, *, apart: bool = False) -> None:
        d, plan, scratch = integrator.dimension, integrator.plan, integrator.plan.scratch(count)
        self.rooms = plan.room(integrator.stages if apart else 1, count)
        benches = [Bench(integrator, rows, scratch) for rows in self.rooms]
        self.benches = benches if apart else benches * integrator.stages
        self.count = count
        self.along = np.empty((1 + STAGES, d, count))
        flat = self.along.reshape(1 + STAGES, -1)
        self.sums = [(weights, flat[: len(weights)]) for weights in _SUMS]
        self.limits = integrator.limits(count)


class Integrator:
    """The rates `matrix` (d, row) times monomials, over one cell in `substeps` steps.

    `slopes` (d, d + channel, row) are the rates' derivatives by all variables. With `limits` (d,
    2), a state variable is taken to be at its limit where it is beyond.

    - `places`: where in a cell each stage is, from −½ at its beginning to ½.
    """

    def __init__(
        self,
        plan: Products,
        matrix: Float[np.ndarray, "d row"],
        slopes: Float[np.ndarray, "d variable row"],
        limits: Float[np.ndarray, "d 2"] | None,
        substeps: int,
    ) -> None:
        self.plan, self.substeps = plan, substeps
        self.dimension = len(matrix)
        self.places = ((np.arange(substeps)[:, None] + NODES) / substeps).ravel() - 0.5
        self._rates, self._slopes = matrix / substeps, slopes / substeps
        self._limits = limits

    @property
    def stages(self) -> int:
        """Of all steps of a cell."""
        return STAGES * self.substeps

    def limits(self, count: int) -> tuple[np.ndarray, np.ndarray] | None:
        """The least and the greatest of every state at so many places; None without limits."""
        if self._limits is None:
            return None
        # As wide as what they limit, these take a third of the time.
        low, high = (np.repeat(end, count).reshape(-1, count) for end in self._limits.T)
        return low, high

    def across(
        self,
        state: Float[np.ndarray, "d place"],
        given: Pushed,
        space: Workspace,
        beyond: list[Bool[np.ndarray, "d place"] | None] | None = None,
    ) -> Float[np.ndarray, "d place"]:
        """The states behind the cells. The monomials of every stage are left in the workspace.

        Into `beyond` goes, for every stage, where variables are at their limits, None for nowhere.
        """
        before, limits = None, space.limits
        space.along[0] = state
        for stage, (place, bench) in enumerate(zip(self.places, space.benches, strict=True)):
            i = stage % STAGES
            np.dot(*space.sums[i], out=bench.flat)
            if beyond is not None:
                beyond.append(_outside(bench.here, limits))
            if limits is not None:
                np.maximum(bench.here, limits[0], out=bench.here)
                np.minimum(bench.here, limits[1], out=bench.here)
            if given.slope is not None:
                np.multiply(given.slope, place, out=bench.input)
                np.add(bench.input, given.level, out=bench.input)
            elif bench is not before:
                bench.input[...] = given.level
            before = bench
            for each in bench.filling:
                each.fill(bench.rows)
            np.dot(self._rates, bench.rows, out=space.along[1 + i])
            if i == STAGES - 1:
                space.along[0] = np.dot(*space.sums[-1]).reshape(state.shape)
        return space.along[0].copy()

    def moved(
        self,
        state: Float[np.ndarray, "d place"],
        given: Pushed,
        space: Workspace,
        *,
        by_input: bool = False,
    ) -> Moved:
        """The derivatives of `across`, in a workspace of stages apart, where monomials are left."""
        (d, count), rooms = state.shape, space.rooms
        beyond: list[Bool[np.ndarray, "d place"] | None] = []
        self.across(state, given, space, beyond)
        asked = self.plan.variables if by_input else d
        slopes = self._slopes[:, :asked].reshape(d * asked, -1) @ rooms
        slopes = slopes.reshape(self.stages, d, asked, count)
        for stage, outside in enumerate(beyond):
            if outside is not None:
                slopes[stage, :, :d] *= ~outside
        by_rate = np.empty((self.stages, d, d, count))
        back = np.broadcast_to(np.eye(d)[..., None], (d, d, count))
        for step in range(self.substeps - 1, -1, -1):
            stages = slice(STAGES * step, STAGES * (step + 1))
            back = _step_back(back, slopes[stages, :, :d], by_rate[stages])
        pushed = _after(by_rate, slopes[:, :, d:]) if by_input else None
        return Moved(back, by_rate, rooms, pushed)


def _outside(
    here: Float[np.ndarray, "d place"], limits: tuple[np.ndarray, np.ndarray] | None
) -> Bool[np.ndarray, "d place"] | None:
    """Where variables are at their limits; None for nowhere."""
    if limits is None:
        return None
    outside = (here < limits[0]) | (here > limits[1])
    return outside if outside.any() else None


def _step_back(
    back: Float[np.ndarray, "d d place"],
    slopes: Float[np.ndarray, "6 d d place"],
    by_rate: Float[np.ndarray, "6 d d place"],
) -> Float[np.ndarray, "d d place"]:
    """B before one step from that behind it; `by_rate` is filled."""
    later = np.empty(by_rate.shape)
    flat = later.reshape(STAGES, -1)
    for i in range(STAGES - 1, -1, -1):
        here = by_rate[i]
        np.multiply(OUTER[i], back, out=here)
        if i < STAGES - 1:
            here += (INNER[i + 1 :, i] @ flat[i + 1 :]).reshape(here.shape)
        later[i] = _after(here, slopes[i])
    return back + later.sum(axis=0)


def _after(
    left: Float[np.ndarray, "*batch d e place"], right: Float[np.ndarray, "*batch e k place"]
) -> Float[np.ndarray, "*batch d k place"]:
    """Products of small matrices, place by place."""
    return np.einsum("...rn,...rkn->...kn", left, right[..., None, :, :, :])


def by_coefficient(
    moved: Moved,
    row: Int[np.ndarray, " pair"],
    place: Int[np.ndarray, " pair"],
    step: float,
) -> Float[np.ndarray, "d pair place"]:
    """How states behind cells move with coefficients: of this row, times this monomial."""
    d, _, count = moved.by_state.shape
    found = np.empty((d, len(row), count))
    for r in np.unique(row):
        mine = np.flatnonzero(row == r)
        found[:, mine] = np.einsum(
            "son,stn->otn", step * moved.by_rate[:, :, r], moved.rows[:, place[mine]]
        )
    return found
