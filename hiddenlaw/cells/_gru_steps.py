"""A gated recurrent unit along given inputs, with the derivatives of what is read of it.

What is read at site t moves with what a gate is given at an earlier site s by λ_ts ∘ ∂h_s, where
λ_ts = (∂R/∂h_t) M_t M_{t-1} … M_{s+1} is a row of d numbers, and M_s = ∂h_s/∂h_{s-1}. A weight of
unit i acts on that unit alone, so all derivatives by the weights of unit i are one product of the
triangular matrix λ_tsi with what these weights were multiplied by: of a number of weights p ~ 3 d²
no p × d sensitivities are carried along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int

from hiddenlaw.cells._automatic import SiteBySite

if TYPE_CHECKING:
    from hiddenlaw.cells.gru import GRUCell


class GRUSteps(SiteBySite):
    """A GRU that is asked at every site in turn, and differentiated backwards."""

    cell: GRUCell

    def seen(self, start, states, initial, columns, slopes, toward=None):
        """See `AbstractSteps.seen`."""
        if toward is not None:
            return super().seen(start, states, initial, columns, slopes, toward)
        before = np.concatenate([start[None], states[:-1]])
        moved, slope = self._slopes(before)
        sites, runs, rows, d = *states.shape[:2], slopes.shape[2], states.shape[2]
        slopes = np.broadcast_to(slopes, (sites, runs, rows, d))
        back = np.zeros((sites, runs, sites, rows, d))  # λ of the site acted on, run, site read
        here = np.zeros((runs, sites, rows, d))
        for site in range(sites - 1, -1, -1):
            here[:, site] = slopes[site]
            back[site] = here
            later = here[:, site:].reshape(runs, -1, d)
            here[:, site:] = (later @ slope[site]).reshape(runs, -1, rows, d)
        by_number = self._by_number(back, moved, before, columns)
        by_start = here.reshape(runs, sites * rows, d) @ initial
        by_start = by_start.reshape(runs, sites, rows, -1).swapaxes(0, 1)
        return np.concatenate([by_number, by_start], axis=-1)

    def _slopes(
        self, before: Float[np.ndarray, "site run d"]
    ) -> tuple[Float[np.ndarray, "four site run d"], Float[np.ndarray, "site run d d"]]:
        """How the next state of a unit moves with what goes into r, z, n and U_n h + c, and M."""
        cell, d = self.cell, self.cell.dimension
        fed = (self.shown - cell.offset) / cell.scale @ cell.of_input + cell.bias
        held = before @ cell.of_state
        gates = 0.5 + 0.5 * np.tanh(0.5 * (fed[..., : 2 * d] + held[..., : 2 * d]))
        r, z = gates[..., :d], gates[..., d:]
        inside = held[..., 2 * d :] + cell.inner
        new = np.tanh(fed[..., 2 * d :] + r * inside)
        by_new = (1 - z) * (1 - new**2)
        by_reset = by_new * inside * r * (1 - r)
        by_update = (before - new) * z * (1 - z)
        by_inside = by_new * r
        u = np.asarray(cell.of_state).T  # gates by state
        slope = by_reset[..., None] * u[:d] + by_update[..., None] * u[d : 2 * d]
        slope += by_inside[..., None] * u[2 * d :]
        diagonal = np.arange(d)
        slope[..., diagonal, diagonal] += z
        return np.stack([by_reset, by_update, by_new, by_inside]), slope

    def _by_number(
        self,
        back: Float[np.ndarray, "site run later row d"],
        moved: Float[np.ndarray, "four site run d"],
        before: Float[np.ndarray, "site run d"],
        columns: Int[np.ndarray, " kept"],
    ) -> Float[np.ndarray, "site run row kept"]:
        """Unit by unit one product over the sites acted on."""
        cell = self.cell
        sites, runs, d = before.shape
        shown = (self.shown - cell.offset) / cell.scale
        one = np.ones((sites, runs, 1))
        state, fed = before, np.concatenate([shown, one], axis=-1)
        both = np.concatenate([fed, state], axis=-1)
        parts = [
            moved[0][..., None] * both[:, :, None],
            moved[1][..., None] * both[:, :, None],
            moved[2][..., None] * fed[:, :, None],
            moved[3][..., None] * np.concatenate([one, state], axis=-1)[:, :, None],
        ]
        acted = np.concatenate(parts, axis=-1)  # site run d feature
        rows = back.shape[3]
        left = back.transpose(1, 4, 2, 3, 0).reshape(runs, d, sites * rows, sites)
        found = left @ acted.transpose(1, 2, 0, 3)  # run d later·row feature
        found = found.reshape(runs, d, sites, rows, -1).transpose(2, 0, 3, 1, 4)
        flat = found.reshape(sites, runs, rows, -1)
        return flat[..., self._places()[columns]]

    def _places(self) -> Int[np.ndarray, " p"]:
        """Where every number of the cell stands among the features of all units."""
        d, channels = self.cell.dimension, self.shown.shape[2]
        both = channels + 1 + d
        width = 2 * both + (channels + 1) + (d + 1)
        unit = width * np.arange(d)
        first = np.array([0, both, 2 * both])  # of r, z, n: channels, then the bias
        of_channel = [
            (unit + gate + channel) for channel in range(channels) for gate in first
        ]
        inner = 2 * both + channels + 1
        of_state = [
            unit + place + j
            for j in range(d)
            for place in (channels + 1, both + channels + 1, inner + 1)
        ]
        bias = [unit + gate + channels for gate in first]
        return np.concatenate([*of_channel, *of_state, *bias, unit + inner])
