"""R(g) = C g."""

import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.readouts._base import AbstractReadout


class Linear(AbstractReadout):
    """R_o(g) = Σ_j W_jo g_j: no constant, so that a state variable is never a disguised offset."""

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
        return state

    def carried(self, update: Float[AnyArray, "d d"]) -> Float[AnyArray, "feature output"]:
        return update.T @ self.weights
