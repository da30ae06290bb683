"""The contract of a readout.

Every readout here is linear in its last layer, R(g) = Wᵀ φ(g): features of the state times
weights. Training uses that: for given features the best weights are a linear least-squares
problem, so they are eliminated (variable projection, Golub and Pereyra, SIAM J. Numer. Anal. 10,
413 (1973)) and only what is inside φ has to be searched.
"""

import abc
from typing import ClassVar

import equinox as eqx
import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray


class AbstractReadout(eqx.Module):
    """R(g) = weightsᵀ φ(g; inner)."""

    dependent: ClassVar[float] = 1e-14
    """Eigenvalues of the features' Gram matrix below this share of the largest are zero: their
    features are taken for dependent. Rounding is 1e-16; features that are nearly dependent by
    nature need more, lest weights as large as their inverse drown the fit in rounding."""

    weights: eqx.AbstractVar[Float[AnyArray, "feature output"]]
    inner: eqx.AbstractVar[Float[AnyArray, " inner"]]

    @staticmethod
    @abc.abstractmethod
    def initial_inner(dimension: int, *, rng: np.random.Generator) -> Float[np.ndarray, " inner"]:
        """Random parameters inside the features; empty where there are none."""

    @staticmethod
    @abc.abstractmethod
    def features(
        state: Float[AnyArray, " d"], inner: Float[AnyArray, " inner"]
    ) -> Float[AnyArray, " feature"]:
        """φ(g; inner)."""

    def carried(self, update: Float[AnyArray, "d d"]) -> Float[AnyArray, "feature output"]:
        """Weights that read from g what these read from `update` g.

        There are such where the features of g span those of any linear map of it. Raises
        `NotImplementedError` for other readouts.
        """
        del update
        raise NotImplementedError(f"a {type(self).__name__} readout cannot be carried back")

    def __call__(self, state: Float[AnyArray, " d"]) -> Float[AnyArray, " output"]:
        return self.features(state, self.inner) @ self.weights
