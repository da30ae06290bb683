"""What oscillators of one coordinate have in common: its velocity beside it, start and reading."""

from __future__ import annotations

import abc
from typing import ClassVar

import numpy as np
from jaxtyping import Float64

from hiddenlaw.systems._base import Array
from hiddenlaw.systems._dynamical import DynamicalSystem


class PushedOscillator(DynamicalSystem):
    """A coordinate q with q'' = a(q, q', u), in time t; the response is q itself.

    A system gives a. The shared preparation is q = `start`, q' = 0; others are drawn with q and q'
    from -`spread` to `spread`.
    """

    input_name: ClassVar[str] = "u"
    start: ClassVar[float] = 0.0
    spread: ClassVar[float] = 1.0

    @abc.abstractmethod
    def acceleration(
        self,
        place: Float64[Array, "*place"],
        velocity: Float64[Array, "*place"],
        input: Float64[Array, "*place"],
    ) -> Float64[Array, "*place"]:
        """a(q, q', u) at every place."""

    def rates(
        self, states: Float64[Array, "*place 2"], input: Float64[Array, "*place"]
    ) -> Float64[Array, "*place 2"]:
        place, velocity = states[..., 0], states[..., 1]
        return np.stack([velocity, self.acceleration(place, velocity, input)], axis=-1)

    def initial_state(self) -> Float64[Array, " 2"]:
        return np.array([self.start, 0.0])

    def random_states(self, rng: np.random.Generator, runs: int) -> Float64[Array, "run 2"]:
        return rng.uniform(-self.spread, self.spread, (runs, 2))

    def read(
        self, states: Float64[Array, "run site 2"]
    ) -> tuple[Float64[Array, "run site 1"], dict[str, Array]]:
        (name,) = self.response_names
        place, velocity = states[:, :, 0], states[:, :, 1]
        return place[:, :, np.newaxis].copy(), {name: place, f"{name}'": velocity}
