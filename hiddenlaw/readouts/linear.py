"""R(g) = C g."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.readouts._base import AbstractReadout


@dataclass(frozen=True, eq=False)
class Linear(AbstractReadout):
    """R_o(g) = Σ_j W_jo g_j: no constant, so that a state variable is never a disguised offset."""

    name: ClassVar[str] = "linear"
    many_starts: ClassVar[tuple[int, int]] = (1, 20)

    weights: Float[AnyArray, "feature output"]
    inner: Float[AnyArray, " inner"]

    @staticmethod
    def features(
        state: Float[AnyArray, "*batch d"], inner: Float[AnyArray, " inner"]
    ) -> Float[AnyArray, "*batch feature"]:
        del inner
        return state

    def state_slopes(
        self, state: Float[np.ndarray, "*batch d"]
    ) -> Float[np.ndarray, "*#batch output d"]:
        return np.asarray(self.weights).T.reshape(
            *[1] * (state.ndim - 1), *self.weights.shape[::-1]
        )

    def carried(
        self, update: Float[np.ndarray, "*batch d d"]
    ) -> Float[np.ndarray, "*batch feature output"]:
        return np.swapaxes(update, -1, -2) @ self.weights

    def covector(self, output: int = 0) -> tuple[Float[np.ndarray, " d"], float]:
        return np.asarray(self.weights)[:, output], 1.0

    @classmethod
    def state_unit(cls, amplitude: float) -> float:
        return amplitude

    def fixed(self) -> tuple[list[int], int]:
        return list(range(len(self.weights))), 0

    @classmethod
    def names_of_features(cls, dimension: int) -> list[tuple[int, ...]]:
        return [(k,) for k in range(dimension)]

    @classmethod
    def variable(cls, response: str) -> str:
        return response
