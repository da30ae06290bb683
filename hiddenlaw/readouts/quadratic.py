"""R(g) = constant + linear + quadratic form: the readout in which |ψ|² is expressible."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.readouts._base import AbstractReadout


class Quadratic(AbstractReadout):
    """R_o(g) = w_o + Σ_j l_jo g_j + Σ_{j≤k} q_jko g_j g_k; features 1, g_j, g_j g_k with j ≤ k."""

    weights: Float[AnyArray, "feature output"]
    inner: Float[AnyArray, " inner"]

    @staticmethod
    def initial_inner(dimension: int, *, rng: np.random.Generator) -> Float[np.ndarray, " inner"]:
        del dimension, rng
        return np.zeros(0)

    @staticmethod
    def features(
        state: Float[AnyArray, " d"], inner: Float[AnyArray, " inner"]
    ) -> Float[AnyArray, " feature"]:
        del inner
        first, second = np.triu_indices(state.shape[0])
        return jnp.concatenate([jnp.ones(1), state, state[first] * state[second]])

    def carried(self, update: Float[AnyArray, "d d"]) -> Float[AnyArray, "feature output"]:
        d = update.shape[0]
        first, second = np.triu_indices(d)
        constant, linear, upper = jnp.split(jnp.asarray(self.weights), [1, 1 + d])
        halves = jnp.zeros((d, d, upper.shape[1])).at[first, second].set(upper)
        form = jnp.einsum("ja,jko,kb->abo", update, halves, update)
        twice = form + form.swapaxes(0, 1)
        share = jnp.where(first == second, 0.5, 1.0)[:, None]
        return jnp.concatenate([constant, update.T @ linear, twice[first, second] * share])


def quadratic_form(
    weights: Float[np.ndarray, " feature"], dimension: int
) -> tuple[float, Float[np.ndarray, " d"], Float[np.ndarray, "d d"]]:
    """The constant w, the vector l and the symmetric matrix Q of one output's weights."""
    form = np.zeros((dimension, dimension))
    form[np.triu_indices(dimension)] = weights[1 + dimension :]
    return float(weights[0]), np.array(weights[1 : 1 + dimension]), (form + form.T) / 2
