"""A multilayer perceptron with one hidden layer: a readout that presumes nothing."""

from typing import ClassVar

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.readouts._base import AbstractReadout

_WIDTH = 16
_GENTLE = 0.3


class Neural(AbstractReadout):
    """R(g) = w + l·g + W₂ᵀ tanh(W₁ g + b), sixteen hidden units."""

    dependent: ClassVar[float] = 1e-8

    weights: Float[AnyArray, "feature output"]
    inner: Float[AnyArray, " inner"]

    @staticmethod
    def initial_inner(dimension: int, *, rng: np.random.Generator) -> Float[np.ndarray, " inner"]:
        # Small weights: the features start as polynomials of low degree, not as switches.
        layer = rng.normal(size=(_WIDTH, dimension + 1))
        layer[:, :dimension] *= _GENTLE
        return layer.ravel()

    @staticmethod
    def features(
        state: Float[AnyArray, " d"], inner: Float[AnyArray, " inner"]
    ) -> Float[AnyArray, " feature"]:
        layer = inner.reshape(_WIDTH, state.shape[0] + 1)
        hidden = jnp.tanh(layer[:, :-1] @ state + layer[:, -1])
        return jnp.concatenate([jnp.ones(1), state, hidden])
