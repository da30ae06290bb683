"""R(g) = C g."""

import numpy as np
from jaxtyping import Array, Float

from hiddenlaw.readouts._base import AbstractReadout


class Linear(AbstractReadout):
    """R_o(g) = Σ_j W_jo g_j: no constant, so that a state variable is never a disguised offset."""

    weights: Float[Array, "feature output"]
    inner: Float[Array, " inner"]

    @staticmethod
    def initial_inner(dimension: int, *, rng: np.random.Generator) -> Float[Array, " inner"]:
        del dimension, rng
        return np.zeros(0)

    @staticmethod
    def features(
        state: Float[Array, " d"], inner: Float[Array, " inner"]
    ) -> Float[Array, " feature"]:
        del inner
        return state
