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

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from hiddenlaw.cells._products import Products

NODES = np.array([0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1])
OUTER = np.array([35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84])
INNER = np.zeros((6, 6))
INNER[1, :1] = [1 / 5]
INNER[2, :2] = [3 / 40, 9 / 40]
INNER[3, :3] = [44 / 45, -56 / 15, 32 / 9]
INNER[4, :4] = [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729]
INNER[5, :5] = [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656]
STAGES = len(NODES)


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
        self._wide: tuple[np.ndarray, np.ndarray] | None = None
        self._state = slice(1, 1 + self.dimension)
        self._input = slice(1 + self.dimension, 1 + plan.variables)

    @property
    def stages(self) -> int:
        """Of all steps of a cell."""
        return STAGES * self.substeps

    def across(
        self,
        state: Float[np.ndarray, "d place"],
        given: Pushed,
        rooms: Sequence[Float[np.ndarray, "row place"]],
        beyond: list[Bool[np.ndarray, "d place"] | None] | None = None,
    ) -> Float[np.ndarray, "d place"]:
        """The states behind the cells. The monomials of stage i are left in `rooms[i]`.

        Into `beyond` goes, for every stage, where variables are at their limits, None for nowhere.
        """
        d, count = state.shape
        rates = np.empty((STAGES, d, count))
        flat, change = rates.reshape(STAGES, -1), np.empty(d * count)
        for stage, place in enumerate(self.places):
            rows, i = rooms[stage], stage % STAGES
            here = rows[self._state]
            if i:
                np.dot(INNER[i, :i], flat[:i], out=change)
                np.add(state, change.reshape(d, count), out=here)
            else:
                here[...] = state
            self._limited(here, beyond)
            if given.slope is None:
                if not stage or rows is not rooms[stage - 1]:
                    rows[self._input] = given.level
            else:
                np.multiply(given.slope, place, out=rows[self._input])
                rows[self._input] += given.level
            self.plan.fill(rows)
            np.dot(self._rates, rows, out=rates[i])
            if i == STAGES - 1:
                state = state + (OUTER @ flat).reshape(d, count)
        return state

    def _limited(self, here: np.ndarray, beyond: list | None) -> None:
        if self._limits is None:
            if beyond is not None:
                beyond.append(None)
            return
        if self._wide is None or self._wide[0].shape != here.shape:
            # As wide as what they limit, these take a third of the time.
            low, high = (
                np.repeat(end, here.shape[1]).reshape(here.shape) for end in self._limits.T
            )
            self._wide = low, high
        low, high = self._wide
        if beyond is not None:
            outside = (here < low) | (here > high)
            beyond.append(outside if outside.any() else None)
        np.maximum(here, low, out=here)
        np.minimum(here, high, out=here)

    def moved(
        self, state: Float[np.ndarray, "d place"], given: Pushed, *, by_input: bool = False
    ) -> Moved:
        """The derivatives of `across`."""
        d, count = state.shape
        rooms = self.plan.room(self.stages, count)
        beyond: list[Bool[np.ndarray, "d place"] | None] = []
        self.across(state, given, list(rooms), beyond)
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
