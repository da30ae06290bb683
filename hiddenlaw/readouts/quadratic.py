"""R(g) = constant + linear + quadratic form: the readout in which |ψ|² is expressible."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.readouts._base import AbstractReadout

WAVE = "psi"


@cache
def _pairs(d: int) -> tuple[np.ndarray, np.ndarray]:
    """Every j ≤ k, in the order of the products g_j g_k."""
    first, second = np.triu_indices(d)
    return first, second


@dataclass(frozen=True, eq=False)
class Quadratic(AbstractReadout):
    """R_o(g) = w_o + Σ_j l_jo g_j + Σ_{j≤k} q_jko g_j g_k; features 1, g_j, g_j g_k with j ≤ k."""

    name: ClassVar[str] = "quadratic"

    weights: Float[AnyArray, "feature output"]
    inner: Float[AnyArray, " inner"]

    @staticmethod
    def features(
        state: Float[AnyArray, "*batch d"], inner: Float[AnyArray, " inner"]
    ) -> Float[AnyArray, "*batch feature"]:
        del inner
        first, second = _pairs(state.shape[-1])
        parts = np.ones((*state.shape[:-1], 1)), state, state[..., first] * state[..., second]
        return np.concatenate(parts, axis=-1)

    @property
    def dimension(self) -> int:
        """How many variables are read: there are 1 + d + d (d + 1)/2 features."""
        return round((np.sqrt(8 * len(self.weights) + 1) - 3) / 2)

    def form(self, output: int) -> tuple[float, Float[np.ndarray, " d"], Float[np.ndarray, "d d"]]:
        """The constant w, the vector l and the symmetric matrix Q of one output."""
        d, weights = self.dimension, np.asarray(self.weights)[:, output]
        return float(weights[0]), np.array(weights[1 : 1 + d]), self._forms()[output]

    def _forms(self) -> Float[np.ndarray, "output d d"]:
        d, weights = self.dimension, np.asarray(self.weights)
        forms = np.zeros((weights.shape[1], d, d))
        forms[(slice(None), *_pairs(d))] = weights[1 + d :].T
        return (forms + np.swapaxes(forms, 1, 2)) / 2

    def state_slopes(
        self, state: Float[np.ndarray, "*batch d"]
    ) -> Float[np.ndarray, "*#batch output d"]:
        d, outputs = state.shape[-1], self.weights.shape[1]
        twice = 2 * np.concatenate(list(self._forms()), axis=1)  # d, output × d
        slopes = (state.reshape(-1, d) @ twice).reshape(*state.shape[:-1], outputs, d)
        return slopes + np.asarray(self.weights)[1 : 1 + d].T

    def carried(
        self, update: Float[np.ndarray, "*batch d d"]
    ) -> Float[np.ndarray, "*batch feature output"]:
        d, weights = update.shape[-1], np.asarray(self.weights)
        turned = np.swapaxes(update, -1, -2)
        linear = turned @ weights[1 : 1 + d]
        columns = []
        first, second = _pairs(d)
        share = np.where(first == second, 1.0, 2.0)
        for form in self._forms():
            columns.append((turned @ form @ update)[..., first, second] * share)
        constant = np.broadcast_to(weights[:1], (*update.shape[:-2], 1, weights.shape[1]))
        return np.concatenate([constant, linear, np.stack(columns, axis=-1)], axis=-2)

    def covector(self, output: int = 0) -> tuple[Float[np.ndarray, " d"], float]:
        values, vectors = np.linalg.eigh(self.form(output)[2])
        largest = int(np.argmax(np.abs(values)))
        size = np.sqrt(abs(values[largest]))
        return vectors[:, largest] * size, float(np.sign(values[largest]))

    @classmethod
    def state_unit(cls, amplitude: float) -> float:
        return float(np.sqrt(amplitude))

    def fixed(self) -> tuple[list[int], int]:
        return [1 + self.dimension], 1 + self.dimension

    @classmethod
    def names_of_features(cls, dimension: int) -> list[tuple[int, ...]]:
        pairs = zip(*_pairs(dimension), strict=True)
        return [(), *((k,) for k in range(dimension)), *((int(i), int(j)) for i, j in pairs)]

    @classmethod
    def variable(cls, response: str) -> str:
        del response
        return WAVE

    @property
    def knows_sign(self) -> bool:
        return False
