"""Kinds that a stranger might add: they prove what the contracts ask for, and that it is enough."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells import AbstractCell, AbstractLinearCell
from hiddenlaw.readouts import AbstractReadout


@dataclass(frozen=True, eq=False)
class SineCell(AbstractLinearCell):
    """M(V) = K₀ + sin(V) K₁."""

    name: ClassVar[str] = "sine"

    matrices: Float[AnyArray, "term d d"]

    @classmethod
    def random(cls, dimension, span, *, rng):
        matrices = 0.2 * rng.normal(size=(2, dimension, dimension))
        matrices[0] += np.eye(dimension)
        return cls(matrices)

    def basis(self, input):
        return np.stack([np.ones(input.shape[:-1]), np.sin(input[..., 0])], axis=-1)

    def basis_slope(self, input, toward):
        rate = np.cos(input[..., 0]) * toward[..., 0]
        return np.stack([np.zeros(input.shape[:-1]), rate], axis=-1)

    def coefficients(self):
        return np.asarray(self.matrices)

    def coefficient_slopes(self):
        size = self.matrices.size
        return self.coefficients(), np.eye(size).reshape(*self.matrices.shape, size)


@dataclass(frozen=True, eq=False)
class LeakyCell(AbstractCell):
    """h ← tanh(W h + w v): no derivative is written out, so it runs on NumPy's arrays and JAX's."""

    name: ClassVar[str] = "leaky"
    trained: ClassVar[tuple[str, ...]] = ("inner", "outer")

    inner: Float[AnyArray, "d d"]
    outer: Float[AnyArray, " d"]

    @classmethod
    def random(cls, dimension, span, *, rng):
        return cls(rng.normal(size=(dimension, dimension)) / 2, rng.normal(size=dimension))

    @property
    def dimension(self):
        return self.outer.shape[0]

    def advance(self, state, shown):
        xp = self.inner.__array_namespace__()
        return xp.tanh(state @ self.inner.T + shown[:, :1] * self.outer)


@dataclass(frozen=True, eq=False)
class Waves(AbstractReadout):
    """1, sin(w · g), cos(w · g): features with something inside to search."""

    name: ClassVar[str] = "waves"

    weights: Float[AnyArray, "feature output"]
    inner: Float[AnyArray, " inner"]

    @staticmethod
    def initial_inner(dimension, *, rng):
        return rng.normal(size=dimension)

    @staticmethod
    def features(state, inner):
        phase = state @ inner
        return np.stack([np.ones_like(phase), np.sin(phase), np.cos(phase)], axis=-1)

    def _by_phase(self, state):
        """∂R/∂(w · g), output by output."""
        phase = (state @ self.inner)[..., None]
        return np.cos(phase) * self.weights[1] - np.sin(phase) * self.weights[2]

    def state_slopes(self, state):
        return self._by_phase(state)[..., None] * self.inner

    def inner_slopes(self, state):
        return self._by_phase(state)[..., None] * state[..., None, :]

    def covector(self, output=0):
        raise NotImplementedError

    def fixed(self):
        raise NotImplementedError

    @classmethod
    def state_unit(cls, amplitude):
        return amplitude

    @classmethod
    def names_of_features(cls, dimension):
        raise NotImplementedError

    @classmethod
    def variable(cls, response):
        return response
