"""A multilayer perceptron with one hidden layer: a readout that presumes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.readouts._base import AbstractReadout
from hiddenlaw.readouts.quadratic import Quadratic

_WIDTH = 16
_GENTLE = 0.3


@dataclass(frozen=True, eq=False)
class Neural(AbstractReadout):
    """R(g) = w + l·g + W₂ᵀ tanh(W₁ g + b), sixteen hidden units. A decoder, never a theory's."""

    name: ClassVar[str] = "neural"
    dependent: ClassVar[float] = 1e-8

    weights: Float[AnyArray, "feature output"]
    inner: Float[AnyArray, " inner"]

    @classmethod
    def of_theory(cls) -> type[AbstractReadout]:
        return Quadratic

    @staticmethod
    def initial_inner(dimension: int, *, rng: np.random.Generator) -> Float[np.ndarray, " inner"]:
        # Small weights: the features start as polynomials of low degree, not as switches.
        layer = rng.normal(size=(_WIDTH, dimension + 1))
        layer[:, :dimension] *= _GENTLE
        return layer.ravel()

    @staticmethod
    def features(
        state: Float[AnyArray, "*batch d"], inner: Float[AnyArray, " inner"]
    ) -> Float[AnyArray, "*batch feature"]:
        hidden = _hidden(state, inner)
        return np.concatenate([np.ones((*state.shape[:-1], 1)), state, hidden], axis=-1)

    def state_slopes(
        self, state: Float[np.ndarray, "*batch d"]
    ) -> Float[np.ndarray, "*#batch output d"]:
        d, weights = state.shape[-1], np.asarray(self.weights)
        layer = self.inner.reshape(_WIDTH, d + 1)[:, :-1]
        steep = 1 - _hidden(state, self.inner) ** 2
        through = (steep[..., None, :] * weights[1 + d :].T) @ layer
        return through + weights[1 : 1 + d].T

    def inner_slopes(
        self, state: Float[np.ndarray, "*batch d"]
    ) -> Float[np.ndarray, "*batch output inner"]:
        d, weights = state.shape[-1], np.asarray(self.weights)
        steep = 1 - _hidden(state, self.inner) ** 2
        factor = steep[..., None, :] * weights[1 + d :].T  # output, unit
        fed = np.concatenate([state, np.ones((*state.shape[:-1], 1))], axis=-1)
        slopes = factor[..., None] * fed[..., None, None, :]
        return slopes.reshape(*factor.shape[:-1], -1)

    def covector(self, output: int = 0) -> tuple[Float[np.ndarray, " d"], float]:
        raise NotImplementedError("a neural decoder has no direction along which it reads")

    @classmethod
    def state_unit(cls, amplitude: float) -> float:
        return Quadratic.state_unit(amplitude)

    def fixed(self) -> tuple[list[int], int]:
        raise NotImplementedError("no gauge fixes a neural decoder")

    @classmethod
    def names_of_features(cls, dimension: int) -> list[tuple[int, ...]]:
        raise NotImplementedError("the features of a neural decoder have no names")

    @classmethod
    def variable(cls, response: str) -> str:
        return Quadratic.variable(response)


def _hidden(
    state: Float[AnyArray, "*batch d"], inner: Float[AnyArray, " inner"]
) -> Float[np.ndarray, "*batch unit"]:
    layer = inner.reshape(_WIDTH, state.shape[-1] + 1)
    return np.tanh(state @ layer[:, :-1].T + layer[:, -1])
