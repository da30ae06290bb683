"""The contract of a readout.

Every readout here is linear in its last layer, R(g) = Wᵀ φ(g): features of the state times
weights. Training uses that: for given features the best weights are a linear least-squares
problem, so they are eliminated (variable projection, Golub and Pereyra, SIAM J. Numer. Anal. 10,
413 (1973)) and only what is inside φ has to be searched.

A state may have any leading axes; its variables come last.
"""

from __future__ import annotations

import abc
from dataclasses import replace
from typing import ClassVar, Self

import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.data.described import Described


class AbstractReadout(Described, abc.ABC):
    """R(g) = weightsᵀ φ(g; inner). Subclasses are frozen dataclasses of these two."""

    name: ClassVar[str] = ""

    dependent: ClassVar[float] = 1e-14
    """Singular values of the scaled features below the root of this are zero: their features are
    taken for dependent. Features that are nearly dependent by nature need more, lest weights as
    large as their inverse drown the fit in rounding."""

    many_starts: ClassVar[tuple[int, int]] = (8, 40)
    """Random starts a seed, and steps of each, where four variables and more are sought."""

    weights: Float[AnyArray, "feature output"]
    inner: Float[AnyArray, " inner"]

    @classmethod
    def blank(cls, dimension: int, outputs: int, *, rng: np.random.Generator) -> Self:
        """A readout of that size whose weights are zero, its inner parameters random."""
        inner = cls.initial_inner(dimension, rng=rng)
        features = cls.features(np.zeros(dimension), inner).shape[-1]
        return cls(np.zeros((features, outputs)), inner)  # type: ignore[call-arg]  # a dataclass

    @classmethod
    def of_theory(cls) -> type[AbstractReadout]:
        """The class in which a theory found with this decoder reads its state."""
        return cls

    @staticmethod
    def initial_inner(dimension: int, *, rng: np.random.Generator) -> Float[np.ndarray, " inner"]:
        """Random parameters inside the features; empty where there are none."""
        del dimension, rng
        return np.zeros(0)

    @staticmethod
    @abc.abstractmethod
    def features(
        state: Float[AnyArray, "*batch d"], inner: Float[AnyArray, " inner"]
    ) -> Float[AnyArray, "*batch feature"]:
        """φ(g; inner)."""

    @abc.abstractmethod
    def state_slopes(
        self, state: Float[np.ndarray, "*batch d"]
    ) -> Float[np.ndarray, "*#batch output d"]:
        """∂R/∂g."""

    def inner_slopes(
        self, state: Float[np.ndarray, "*batch d"]
    ) -> Float[np.ndarray, "*batch output inner"]:
        """∂R/∂(inner parameters)."""
        return np.zeros((*state.shape[:-1], self.weights.shape[1], 0))

    def __call__(self, state: Float[AnyArray, "*batch d"]) -> Float[AnyArray, "*batch output"]:
        return self.features(state, self.inner) @ self.weights

    def with_weights(self, weights: Float[AnyArray, "feature output"]) -> Self:
        return replace(self, weights=weights)  # type: ignore[type-var]  # a dataclass

    def carried(
        self, update: Float[np.ndarray, "*batch d d"]
    ) -> Float[np.ndarray, "*batch feature output"]:
        """Weights that read from g what these read from `update` g.

        There are such where the features of g span those of any linear map of it. Raises
        `NotImplementedError` for other readouts.
        """
        del update
        raise NotImplementedError(f"a {type(self).__name__} readout cannot be carried back")

    def turned(self, transform: Float[np.ndarray, "d d"]) -> Self:
        """The readout that reads from `transform` g what this one reads from g."""
        return self.with_weights(self.carried(np.linalg.inv(transform)))

    @abc.abstractmethod
    def covector(self, output: int = 0) -> tuple[Float[np.ndarray, " d"], float]:
        """The direction c along which an output reads the state, and the sign with which.

        The response is c·g, or ±(c·g)² as far as a form of rank one is its largest part.
        """

    @classmethod
    @abc.abstractmethod
    def state_unit(cls, amplitude: float) -> float:
        """The unit of a state variable whose response has the unit `amplitude`."""

    @abc.abstractmethod
    def fixed(self) -> tuple[list[int], int]:
        """In the basis whose first variable is c·g: the first response's weights that this fixes.

        And which one of them is 1 (or −1); the others are 0.
        """

    @classmethod
    @abc.abstractmethod
    def names_of_features(cls, dimension: int) -> list[tuple[int, ...]]:
        """Every feature as the state variables it is a product of."""

    @classmethod
    @abc.abstractmethod
    def variable(cls, response: str) -> str:
        """What the first state variable is called, where the first response is called so."""

    @property
    def knows_sign(self) -> bool:
        """Whether the response tells a state from its negative."""
        return True
