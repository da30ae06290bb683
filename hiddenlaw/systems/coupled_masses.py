"""Two masses on springs, one pushed, the other seen.

    x1'' = -k x1 - c x1' - κ (x1 - x2) + u,        x2'' = -k x2 - c x2' - κ (x2 - x1),

response x2: four state variables of one channel. The law is linear; its modes x1 ± x2 have the
stiffnesses k and k + 2κ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from hiddenlaw.systems._base import Array
from hiddenlaw.systems._dynamical import DynamicalSystem


@dataclass(frozen=True)
class CoupledMasses(DynamicalSystem):
    """Two unit masses in time t; a force u on the first, the position x2 of the second is seen.

    - `stiffness`: k of the spring that holds each, in 1/time²; positive.
    - `spring`: κ of that between them, in 1/time²; positive.
    - `damping`: c of each, in 1/time; any finite number.

    The force u runs from -2 to 2. The shared preparation is rest at x1 = x2 = 0.
    """

    name = "coupled_masses"
    summary = "the second of two masses on springs, the first pushed: four variables, linear"
    input_name = "u"
    response_names = ("x2",)

    stiffness: float = 1.0
    spring: float = 0.8
    damping: float = 0.1

    def __post_init__(self):
        self._check(positive=("stiffness", "spring"), finite=("damping",))

    def input_range(self) -> tuple[float, float]:
        return -2.0, 2.0

    def rates(
        self, states: Float64[Array, "*place 4"], input: Float64[Array, "*place"]
    ) -> Float64[Array, "*place 4"]:
        one, two, first, second = np.moveaxis(states, -1, 0)
        between = self.spring * (one - two)
        return np.stack(
            [
                first,
                second,
                input - self.stiffness * one - self.damping * first - between,
                between - self.stiffness * two - self.damping * second,
            ],
            axis=-1,
        )

    def initial_state(self) -> Float64[Array, " 4"]:
        return np.zeros(4)

    def random_states(self, rng: np.random.Generator, runs: int) -> Float64[Array, "run 4"]:
        return rng.uniform(-1.0, 1.0, (runs, 4))

    def read(
        self, states: Float64[Array, "run site 4"]
    ) -> tuple[Float64[Array, "run site 1"], dict[str, Array]]:
        names = ("x1", "x2", "x1'", "x2'")
        return states[:, :, 1:2].copy(), {name: states[:, :, i] for i, name in enumerate(names)}
