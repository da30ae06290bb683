"""An oscillator that feeds itself where it is small, pushed by a signal: van der Pol's valve.

    y'' = μ (1 - y²) y' - y + u,        response y itself.

Undriven it ends on a limit cycle of amplitude about 2, whatever its start. Source: van der Pol,
Philosophical Magazine 2, 978 (1926).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from hiddenlaw.systems._base import Array
from hiddenlaw.systems._dynamical import DynamicalSystem


@dataclass(frozen=True)
class VanDerPol(DynamicalSystem):
    """A driven oscillator in time t; the law is y'' = μ (1 - y²) y' - y + u.

    - `mu`: μ, how strongly it feeds and brakes itself, in units of its angular frequency; positive.

    The signal u runs from -1.5 to 1.5. The shared preparation is y = 1, y' = 0, inside the limit
    cycle.
    """

    name = "van_der_pol"
    summary = "a pushed oscillator with a limit cycle: y'' = mu (1 - y**2) y' - y + u"
    input_name = "u"
    response_names = ("y",)

    mu: float = 1.0

    def __post_init__(self):
        self._check(positive=("mu",))

    def input_range(self) -> tuple[float, float]:
        return -1.5, 1.5

    def rates(
        self, states: Float64[Array, "*place 2"], input: Float64[Array, "*place"]
    ) -> Float64[Array, "*place 2"]:
        y, velocity = states[..., 0], states[..., 1]
        return np.stack([velocity, self.mu * (1 - y**2) * velocity - y + input], axis=-1)

    def initial_state(self) -> Float64[Array, " 2"]:
        return np.array([1.0, 0.0])

    def random_states(self, rng: np.random.Generator, runs: int) -> Float64[Array, "run 2"]:
        return rng.uniform(-2.0, 2.0, (runs, 2))

    def read(
        self, states: Float64[Array, "run site 2"]
    ) -> tuple[Float64[Array, "run site 1"], dict[str, Array]]:
        return states[:, :, :1].copy(), {"y": states[:, :, 0], "y'": states[:, :, 1]}
