"""A gated recurrent unit along given inputs, with the derivatives of what is read of it.

What is read at site t moves with what a unit is given at an earlier site s by λ_ts ∂h_s, where
λ_ts = (∂R/∂h_t) M_t M_{t-1} … M_{s+1} is a row of d numbers and M_s = ∂h_s/∂h_{s-1}. A weight acts
on one unit alone. So the derivatives by all weights of unit i are one product over sites, of λ_tsi
and of what its weights were multiplied by at s; no sensitivities of ~3 d² weights times d states
are carried along.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np
from jaxtyping import Float, Int

from hiddenlaw.cells._automatic import Moving, SiteBySite

_TOGETHER = 8  # runs: what is worked on at once then stays near the processor
_BLOCK = 16  # sites that are read together: later ones do not act on earlier ones


class Gated(Moving, Protocol):
    """What of a gated recurrent unit is asked for here."""

    of_input: Any
    of_state: Any
    bias: Any
    inner: Any
    offset: Any
    scale: Any

    @property
    def dimension(self) -> int: ...


class Moved(NamedTuple):
    """How the next state moves: with what every unit is given, and with the state before."""

    by_given: Float[np.ndarray, "run d feature site"]
    by_state: Float[np.ndarray, "site run d d"]


class GRUSteps(SiteBySite):
    """A GRU that is asked at every site in turn, and differentiated backwards."""

    cell: Gated

    def seen(self, start, states, initial, columns, slopes, toward=None):
        """See `AbstractSteps.seen`."""
        if toward is not None:
            return super().seen(start, states, initial, columns, slopes, toward)
        sites, runs, _ = states.shape
        count, places = len(columns), self._places()[columns]
        slopes = np.broadcast_to(slopes, (sites, runs, *slopes.shape[2:]))
        before = np.concatenate([start[None], states[:-1]])
        found = np.empty((sites, runs, slopes.shape[2], count + initial.shape[2]))
        for first in range(0, runs, _TOGETHER):
            few = slice(first, first + _TOGETHER)
            moved = self._moved(self.shown[:, few], before[:, few])
            back, at_start = _read_back(moved.by_state, slopes[:, few])
            found[:, few, :, count:] = at_start @ initial[few]
            for begin in range(0, sites, _BLOCK):
                end = min(begin + _BLOCK, sites)
                every = _by_unit(back[:, :, begin:end, :, :end], moved.by_given[..., :end])
                found[begin:end, few, :, :count] = every[..., places]
        return found

    def _moved(
        self,
        shown: Float[np.ndarray, "site run channel"],
        before: Float[np.ndarray, "site run d"],
    ) -> Moved:
        cell, d = self.cell, self.cell.dimension
        shown = (shown - cell.offset) / cell.scale
        fed, held = shown @ cell.of_input + cell.bias, before @ cell.of_state
        gates = 0.5 + 0.5 * np.tanh(0.5 * (fed[..., : 2 * d] + held[..., : 2 * d]))
        r, z = gates[..., :d], gates[..., d:]
        inside = held[..., 2 * d :] + cell.inner
        new = np.tanh(fed[..., 2 * d :] + r * inside)
        by_new = (1 - z) * (1 - new**2)
        by_reset, by_inside = by_new * inside * r * (1 - r), by_new * r
        by_update = (before - new) * z * (1 - z)
        u = np.asarray(cell.of_state).T  # gate by state
        by_state = by_reset[..., None] * u[:d] + by_update[..., None] * u[d : 2 * d]
        by_state += by_inside[..., None] * u[2 * d :]
        unit = np.arange(d)
        by_state[..., unit, unit] += z
        one = np.ones((1, *shown.shape[:2]))
        channels, state = np.moveaxis(shown, 2, 0), np.moveaxis(before, 2, 0)
        every = np.concatenate([channels, one, state])  # feature site run
        pairs = (
            (by_reset, every),
            (by_update, every),
            (by_new, every[: len(channels) + 1]),
            (by_inside, every[len(channels) :]),
        )
        parts = [np.einsum("sru,fsr->rufs", slope, given) for slope, given in pairs]
        return Moved(np.concatenate(parts, axis=2), by_state)

    def _places(self) -> Int[np.ndarray, " p"]:
        """Where each number of the cell stands among the features of all units."""
        d, channels = self.cell.dimension, self.shown.shape[2]
        every = channels + 1 + d
        unit = (3 * every + 1) * np.arange(d)
        given = (0, every, 2 * every)  # to r, z, n: channels, one and, to r and z, the state
        inner = 2 * every + channels + 1  # inside n: one and the state
        held = (channels + 1, every + channels + 1, inner + 1)
        parts = [unit + at + channel for channel in range(channels) for at in given]
        parts += [unit + at + j for j in range(d) for at in held]
        parts += [unit + at + channels for at in given]
        return np.concatenate([*parts, unit + inner])


def _read_back(
    by_state: Float[np.ndarray, "site run d d"], slopes: Float[np.ndarray, "site run row d"]
) -> tuple[Float[np.ndarray, "run d later row site"], Float[np.ndarray, "later run row d"]]:
    """λ of every site that is read and every one before it, and that of the start."""
    sites, runs, rows, d = slopes.shape
    here = np.zeros((runs, sites, rows, d))
    back = np.zeros((runs, d, sites, rows, sites))
    for site in range(sites - 1, -1, -1):
        here[:, site] = slopes[site]
        later = here[:, site:]
        back[:, :, site:, :, site] = later.transpose(0, 3, 1, 2)
        flat = later.reshape(runs, -1, d) @ by_state[site]
        here[:, site:] = flat.reshape(later.shape)
    return back, np.swapaxes(here, 0, 1)


def _by_unit(
    back: Float[np.ndarray, "run d later row site"],
    by_given: Float[np.ndarray, "run d feature site"],
) -> Float[np.ndarray, "later run row features"]:
    """The derivatives of what is read at these later sites by what each unit was given before."""
    runs, d, later, rows, sites = back.shape
    found = back.reshape(runs, d, later * rows, sites) @ np.swapaxes(by_given, 2, 3)
    found = found.reshape(runs, d, later, rows, -1).transpose(2, 0, 3, 1, 4)
    return found.reshape(later, runs, rows, -1)
