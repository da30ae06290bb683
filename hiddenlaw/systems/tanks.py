"""Two tanks, one above the other: a pump fills the upper, which drains into the lower.

    x1' = -a1 √x1 + b u,        x2' = a1 √x1 - a2 √x2,        response x2,

the level of the lower: by Torricelli's law water flows out as the root of the level. Source:
Schoukens, Mattson, Wigren and Noël, Workshop on Nonlinear System Identification Benchmarks (2016),
without their overflow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float64

from hiddenlaw.systems._base import Array
from hiddenlaw.systems._dynamical import DynamicalSystem


@dataclass(frozen=True)
class Tanks(DynamicalSystem):
    """Cascaded tanks in time t; the law is x1' = -a1 √x1 + b u, x2' = a1 √x1 - a2 √x2.

    - `a1`, `a2`: the outlets, in length^(1/2)/time; positive.
    - `b`: what the pump brings, in length/(time · unit of u); positive.

    The pump u runs from 0.5 to 2, so no tank runs dry. The shared preparation is the steady state
    of u = 1, x1 = (b/a1)² and x2 = (b/a2)².
    """

    name = "tanks"
    summary = "level of the lower of two tanks, which drain as the root of their levels"
    input_name = "u"
    response_names = ("x2",)
    default_dx: ClassVar[float] = 0.5

    a1: float = 0.5
    a2: float = 0.4
    b: float = 0.5

    def __post_init__(self):
        self._check(positive=("a1", "a2", "b"))

    def input_range(self) -> tuple[float, float]:
        return 0.5, 2.0

    def rates(
        self, states: Float64[Array, "*place 2"], input: Float64[Array, "*place"]
    ) -> Float64[Array, "*place 2"]:
        upper, lower = np.sqrt(states[..., 0]), np.sqrt(states[..., 1])
        return np.stack(
            [self.b * input - self.a1 * upper, self.a1 * upper - self.a2 * lower], axis=-1
        )

    def _steady(self, input: Float64[Array, "*place"]) -> Float64[Array, "*place 2"]:
        """The levels at which as much runs out as the pump brings."""
        return np.stack([(self.b * input / self.a1) ** 2, (self.b * input / self.a2) ** 2], axis=-1)

    def initial_state(self) -> Float64[Array, " 2"]:
        return self._steady(np.array(1.0))

    def random_states(self, rng: np.random.Generator, runs: int) -> Float64[Array, "run 2"]:
        return self._steady(rng.uniform(0.7, 1.5, (2, runs)))[[0, 1], :, [0, 1]].T

    def read(
        self, states: Float64[Array, "run site 2"]
    ) -> tuple[Float64[Array, "run site 1"], dict[str, Array]]:
        return states[:, :, 1:].copy(), {"x1": states[:, :, 0], "x2": states[:, :, 1]}
