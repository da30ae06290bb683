"""The encoder: the inverse of the decoder, E(h) = argmin_g |D(g) − h|².

A free-standing network cannot be this encoder where the decoder is even: ψ and −ψ make the same
density, so no continuous encoder exists on all hidden states, and a network trained end to end gets
stuck. An inverse has no such trouble, since either sign will do. It starts from the nearest of a
few hundred *anchors*, pairs (h, g) from the beginnings of the training runs, which also keeps it on
one branch, and descends by damped Gauss–Newton steps.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.readouts import AbstractReadout

_STEPS = 20


class Encoder(eqx.Module):
    """Hidden coordinates to latent state, by inverting `decoder` from the nearest anchor."""

    decoder: AbstractReadout
    anchor_hidden: Float[AnyArray, "anchor coordinate"]
    anchor_latent: Float[AnyArray, "anchor d"]

    def __call__(self, hidden: Float[AnyArray, " coordinate"]) -> Float[Array, " d"]:
        distance = jnp.sum((self.anchor_hidden - hidden) ** 2, axis=1)
        start = jnp.asarray(self.anchor_latent)[jnp.nanargmin(distance)]
        scale = jnp.sqrt(jnp.mean(self.anchor_latent**2, axis=0)) + 1e-300
        slope = jax.jacfwd(lambda z: self.decoder(z * scale))

        def misfit(z):
            return self.decoder(z * scale) - hidden

        def step(_, carry):
            z, r, damping = carry
            j = slope(z)
            curvature = j.T @ j
            damped = curvature + damping * jnp.trace(curvature) * jnp.eye(z.size)
            trial = z - _solve(damped, j.T @ r)
            r_trial = misfit(trial)
            better = jnp.sum(r_trial**2) < jnp.sum(r**2)
            return (
                jnp.where(better, trial, z),
                jnp.where(better, r_trial, r),
                jnp.where(
                    better, jnp.maximum(damping / 100, 1e-15), jnp.minimum(damping * 10, 1.0)
                ),
            )

        z = start / scale
        return jax.lax.fori_loop(0, _STEPS, step, (z, misfit(z), jnp.asarray(1e-2)))[0] * scale


def _solve(matrix: Float[AnyArray, "d d"], vector: Float[AnyArray, " d"]) -> Float[Array, " d"]:
    """By Cholesky; a floor on the diagonal keeps a singular matrix from giving NaN."""
    floor = 1e-15 * jnp.trace(matrix) + 1e-300
    factor = jax.scipy.linalg.cho_factor(matrix + floor * jnp.eye(vector.size))
    return jax.scipy.linalg.cho_solve(factor, vector)
