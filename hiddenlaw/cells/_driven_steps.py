"""Driven cells along given inputs, all runs at once.

One matrix moves all states at all sites, so that all that is carried along is one product of
matrices a site: for sensitivities (d, d) by (d, run · q). States alone are so few numbers that it
is the number of products that costs; they go block by block.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells._steps import AbstractSteps


class DrivenInputs(NamedTuple):
    """What driven cells are shown, sites first, and what of it pushes the state."""

    shown: Float[np.ndarray, "site run shown"]
    pushes: Float[np.ndarray, "site run pushes"]
    moves: Float[np.ndarray, "site run"]


class DrivenSteps(AbstractSteps):
    """A driven cell along given inputs: z_i = Φ z_{i-1} + Γ (what pushes at i).

    `update` (d, columns) is (Φ, Γ), and `slopes` gives its derivative by every number of the cell.
    """

    def __init__(
        self,
        inputs: DrivenInputs,
        update: Float[np.ndarray, "d columns"],
        slopes: Callable[[], Float[np.ndarray, "d columns p"]],
    ) -> None:
        self.inputs, self.shown = inputs, inputs.shown
        self._update, self._slopes = update, slopes
        self._still = (inputs.moves == 0).any(axis=1).tolist()

    def states(self, start: Float[np.ndarray, "run d"]) -> Float[np.ndarray, "site run d"]:
        matrix, rest = np.split(self._update, [len(self._update)], axis=1)
        with np.errstate(over="ignore", invalid="ignore"):
            pushed = self.inputs.pushes @ rest.T
            if not any(self._still):
                return chained(matrix, pushed, start)
            along = np.moveaxis(pushed, 2, 0)[..., None].copy()
            return np.moveaxis(self._run(along, start.T[..., None])[..., 0], 0, 2)

    def sensitivities(self, start, states, initial, columns, toward=None):
        """See `AbstractSteps.sensitivities`."""
        assert toward is None, "a driven law has no constants of runs"
        found = self._sensitivities(start, states, initial, columns)
        return np.ascontiguousarray(np.moveaxis(found, 0, 2))

    def seen(self, start, states, initial, columns, slopes, toward=None):
        """See `AbstractSteps.seen`: what is the same at all sites is read of all at once."""
        if slopes.shape[:2] != (1, 1):
            return super().seen(start, states, initial, columns, slopes, toward)
        assert toward is None, "a driven law has no constants of runs"
        found = self._sensitivities(start, states, initial, columns)
        read = (slopes[0, 0] @ found.reshape(len(found), -1)).reshape(-1, *found.shape[1:])
        return np.ascontiguousarray(np.moveaxis(read, 0, 2))

    def _sensitivities(
        self,
        start: Float[np.ndarray, "run d"],
        states: Float[np.ndarray, "site run d"],
        initial: Float[np.ndarray, "run d k"],
        columns: np.ndarray,
    ) -> Float[np.ndarray, "d site run q"]:
        runs, d, k = initial.shape
        before = np.concatenate([start[None], states[:-1]])
        slopes = self._slopes()[..., columns]
        found = np.zeros((d, *before.shape[:2], len(columns) + k))
        begun = np.zeros((d, runs, len(columns) + k))
        begun[..., len(columns) :] = np.swapaxes(initial, 0, 1)
        with np.errstate(over="ignore", invalid="ignore"):
            moved = np.concatenate([before, self.inputs.pushes], axis=-1)
            found[..., : len(columns)] = moved @ slopes[:, None]
            return self._run(found, begun)

    def _run(
        self, pushed: Float[np.ndarray, "d site run q"], begun: Float[np.ndarray, "d run q"]
    ) -> Float[np.ndarray, "d site run q"]:
        """s ← Φ s + what pushes it, in place, from `begun` on; nothing where nothing moves."""
        matrix, d = np.ascontiguousarray(self._update[:, : len(pushed)]), len(pushed)
        flat = pushed.reshape(d, pushed.shape[1], -1)
        s = np.ascontiguousarray(begun).reshape(d, -1)
        for site, stands in enumerate(self._still):
            flat[:, site] += matrix @ s
            if stands:
                still = self.inputs.moves[site] == 0
                pushed[:, site, still] = s.reshape(begun.shape)[:, still]
            s = flat[:, site]
        return pushed


def chained(
    matrix: Float[np.ndarray, "d d"],
    pushed: Float[np.ndarray, "site run d"],
    start: Float[np.ndarray, "run d"],
) -> Float[np.ndarray, "site run d"]:
    """z_i = Φ z_{i-1} + p_i from `start` on: blocks of sites at once, then from block to block."""
    sites, (runs, d) = len(pushed), start.shape
    length = max(1, math.isqrt(sites))
    blocks = -(-sites // length)
    within = np.zeros((blocks * length, runs, d))
    within[:sites] = pushed
    within = within.reshape(blocks, length, runs, d)
    for site in range(1, length):
        within[:, site] += within[:, site - 1] @ matrix.T
    powers = np.empty((length, d, d))  # Φ, Φ², …
    powers[0] = matrix
    for site in range(1, length):
        powers[site] = matrix @ powers[site - 1]
    begun = np.empty((blocks, runs, d))
    begun[0] = start
    for block in range(1, blocks):
        begun[block] = begun[block - 1] @ powers[-1].T + within[block - 1, -1]
    carried = begun @ powers.reshape(-1, d).T  # block run length·d
    within += carried.reshape(blocks, runs, length, d).swapaxes(1, 2)
    return within.reshape(-1, runs, d)[:sites]
