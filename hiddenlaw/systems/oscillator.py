"""A damped oscillator whose stiffness is driven, and whose motion is measured.

    q'' = -2 γ q' - ω0² (1 + u) q,        response q itself,

a pendulum with a moving pivot, or a trap whose strength is modulated. The readout is linear: two
variables explain it in every class. For a steady sinusoidal u it is Mathieu's equation with
damping; source: Landau and Lifshitz, Mechanics, section 27, parametric resonance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from hiddenlaw.systems._base import Array
from hiddenlaw.systems._linear import LinearSystem, random_waves


@dataclass(frozen=True)
class Oscillator(LinearSystem):
    """A parametrically driven oscillator in time t; the law is q'' = -2γ q' - ω0² (1 + u) q.

    - `gamma`: γ, the rate at which the amplitude decays, in 1/time; any finite number.
    - `omega0`: ω0, the angular frequency at u = 0 without damping, in 1/time; positive.

    The drive u runs from -0.6 to 1.2, so the motion oscillates always. The shared preparation is
    q = 1, q' = 0.
    """

    name = "oscillator"
    summary = "motion of a driven, damped oscillator: q'' = -2 gamma q' - omega0**2 (1 + u) q"
    x_name = "t"
    input_name = "u"
    response_names = ("q",)

    gamma: float = 0.05
    omega0: float = 1.5

    def __post_init__(self):
        self._check(positive=("omega0",), finite=("gamma",))

    def input_range(self) -> tuple[float, float]:
        return -0.6, 1.2

    def generator(self, input: Float64[Array, "*cells"]) -> Float64[Array, "*cells 2 2"]:
        matrix = np.zeros((*input.shape, 2, 2))
        matrix[..., 0, 1] = 1.0
        matrix[..., 1, 0] = -(self.omega0**2) * (1 + input)
        matrix[..., 1, 1] = -2 * self.gamma
        return matrix

    def initial_state(self) -> Float64[Array, " 2"]:
        return np.array([1.0, 0.0])

    def random_states(self, rng: np.random.Generator, runs: int) -> Float64[Array, "run 2"]:
        return random_waves(rng, runs, self.omega0)

    def read(
        self, states: Float64[Array, "run site 2"]
    ) -> tuple[Float64[Array, "run site 1"], dict[str, Array]]:
        motion, velocity = states[:, :, 0], states[:, :, 1]
        return motion[:, :, np.newaxis].copy(), {"q": motion, "q'": velocity}
