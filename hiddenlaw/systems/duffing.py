"""An oscillator whose spring stiffens or softens, pushed by a force: Duffing's oscillator.

    y'' = -δ y' - α y - β y³ + u,        response y itself.

With α < 0 it has two wells. Source: Guckenheimer and Holmes, Nonlinear Oscillations, Dynamical
Systems, and Bifurcations of Vector Fields (1983), section 2.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from hiddenlaw.systems._base import Array
from hiddenlaw.systems._dynamical import DynamicalSystem


@dataclass(frozen=True)
class Duffing(DynamicalSystem):
    """A driven oscillator in time t; the law is y'' = -δ y' - α y - β y³ + u.

    - `delta`: δ, the damping, in 1/time; any finite number.
    - `alpha`: α, the stiffness at rest, in 1/time²; negative for two wells.
    - `beta`: β, how it grows, in 1/(time² · length²); positive, so that the motion stays bounded.

    The force u runs from -2 to 2. The shared preparation is rest at y = 0.
    """

    name = "duffing"
    summary = "a pushed oscillator that stiffens: y'' = -delta y' - alpha y - beta y**3 + u"
    input_name = "u"
    response_names = ("y",)

    delta: float = 0.2
    alpha: float = 1.0
    beta: float = 1.0

    def __post_init__(self):
        self._check(positive=("beta",), finite=("delta", "alpha"))

    def input_range(self) -> tuple[float, float]:
        return -2.0, 2.0

    def rates(
        self, states: Float64[Array, "*place 2"], input: Float64[Array, "*place"]
    ) -> Float64[Array, "*place 2"]:
        y, velocity = states[..., 0], states[..., 1]
        force = input - self.delta * velocity - (self.alpha + self.beta * y**2) * y
        return np.stack([velocity, force], axis=-1)

    def initial_state(self) -> Float64[Array, " 2"]:
        return np.zeros(2)

    def random_states(self, rng: np.random.Generator, runs: int) -> Float64[Array, "run 2"]:
        return rng.uniform(-1.0, 1.0, (runs, 2))

    def read(
        self, states: Float64[Array, "run site 2"]
    ) -> tuple[Float64[Array, "run site 1"], dict[str, Array]]:
        return states[:, :, :1].copy(), {"y": states[:, :, 0], "y'": states[:, :, 1]}
