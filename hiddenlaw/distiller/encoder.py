"""The encoder: the inverse of the decoder, E(h) = argmin_g |D(g) − h|².

A free-standing network cannot be this encoder where the decoder is even: ψ and −ψ make the same
density, so no continuous encoder exists on all hidden states, and a network trained end to end gets
stuck. An inverse has no such trouble, since either sign will do. It starts from the nearest of a
few hundred *anchors*, pairs (h, g) from the beginnings of the training runs, which also keeps it on
one branch, and descends by damped Gauss–Newton steps, all hidden states at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from hiddenlaw.readouts import AbstractReadout

_STEPS = 20
_FIRST, _LEAST, _MOST = 1e-2, 1e-15, 1.0  # damping, of the trace of the curvature
_GROW, _SHRINK = 10.0, 0.01  # of the damping, after a bad step and after a good one
_STILL = 1e-13  # relative change of the misfit: nothing is gained any more
_FLOOR = 1e-15  # of the trace: keeps a singular matrix from giving NaN


@dataclass(frozen=True, eq=False)
class Encoder:
    """Hidden coordinates to latent states, by inverting `decoder` from the nearest anchor."""

    decoder: AbstractReadout
    anchor_hidden: Float[np.ndarray, "anchor coordinate"]
    anchor_latent: Float[np.ndarray, "anchor d"]

    def __call__(
        self, hidden: Float[np.ndarray, "sample coordinate"]
    ) -> Float[np.ndarray, "sample d"]:
        good = np.isfinite(self.anchor_hidden).all(axis=1) & np.isfinite(self.anchor_latent).all(1)
        if not good.any():
            return np.full((len(hidden), self.anchor_latent.shape[1]), np.nan)
        anchors, latent = self.anchor_hidden[good], self.anchor_latent[good]
        # |h − a|² but for |h|², which is the same for all anchors.
        distance = np.sum(anchors**2, axis=1) - 2 * hidden @ anchors.T
        scale = np.sqrt(np.mean(latent**2, axis=0)) + 1e-300
        z = latent[np.argmin(distance, axis=1)]
        misfit = self.decoder(z) - hidden
        damping, size = np.full(len(z), _FIRST), np.sum(misfit**2, axis=1)
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(_STEPS):
                trial = z - self._step(z, misfit, damping, scale)
                after = self.decoder(trial) - hidden
                square = np.sum(after**2, axis=1)
                better = square < size
                if not np.any(square < (1 - _STILL) * size):
                    break
                z = np.where(better[:, None], trial, z)
                misfit = np.where(better[:, None], after, misfit)
                size = np.where(better, square, size)
                damping = np.where(better, damping * _SHRINK, damping * _GROW).clip(_LEAST, _MOST)
        return z

    def _step(self, z, misfit, damping, scale):
        slopes = self.decoder.state_slopes(z) * scale
        slopes = np.broadcast_to(slopes, (len(z), *slopes.shape[1:]))
        turned = np.swapaxes(slopes, 1, 2)
        curvature = turned @ slopes
        trace = np.trace(curvature, axis1=1, axis2=2)
        damped = (damping + _FLOOR) * trace + 1e-300
        matrix = curvature + damped[:, None, None] * np.eye(z.shape[1])
        if not np.isfinite(matrix).all():
            return np.zeros_like(z)
        return np.linalg.solve(matrix, turned @ misfit[..., None])[..., 0] * scale
