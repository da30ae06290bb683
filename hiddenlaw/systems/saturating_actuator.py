"""A linear oscillator behind an actuator that saturates: what is asked of it is not what it does.

    y'' = -2 ζ ω y' - ω² y + ω² a(u),        response y itself,

with a(u) = s tanh(u/s), or u cut off at ±s: a Hammerstein system, linear in its state but not in
its input. At rest y is a(u).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from hiddenlaw.errors import SettingsError
from hiddenlaw.holds import hold_called
from hiddenlaw.systems._base import Array
from hiddenlaw.systems._dynamical import DynamicalSystem
from hiddenlaw.systems.drive import Drive

ACTUATORS = ("tanh", "clipped")


@dataclass(frozen=True)
class SaturatingActuator(DynamicalSystem):
    """A servo in time t; the law is y'' = -2ζω y' - ω² y + ω² a(u).

    - `omega`: ω, its angular frequency, in 1/time, and `zeta`: ζ, its damping ratio; positive.
    - `limit`: s, the most that the actuator gives, in the unit of u; positive.
    - `actuator`: "tanh" (a smooth a(u) = s tanh(u/s)) or "clipped" (u cut off at ±s).

    The command u runs from -2 to 2. The shared preparation is rest at y = 0. With the clipped
    actuator the input is held constant over cells: else its kinks would lie anywhere inside them.
    """

    name = "saturating_actuator"
    summary = (
        "an oscillator behind a saturating actuator: y'' = -2 zeta omega y' - omega**2 (y - a(u))"
    )
    input_name = "u"
    response_names = ("y",)

    omega: float = 1.5
    zeta: float = 0.3
    limit: float = 1.0
    actuator: str = "tanh"

    def __post_init__(self):
        self._check(positive=("omega", "zeta", "limit"))
        if self.actuator not in ACTUATORS:
            raise SettingsError(f"actuator is {self.actuator!r}; it can be {', '.join(ACTUATORS)}")

    def input_range(self) -> tuple[float, float]:
        return -2.0, 2.0

    def given(self, input: Float64[Array, "*place"]) -> Float64[Array, "*place"]:
        """a(u): what the actuator does."""
        if self.actuator == "clipped":
            return np.clip(input, -self.limit, self.limit)
        return self.limit * np.tanh(input / self.limit)

    def rates(
        self, states: Float64[Array, "*place 2"], input: Float64[Array, "*place"]
    ) -> Float64[Array, "*place 2"]:
        y, velocity = states[..., 0], states[..., 1]
        pull = self.omega**2 * (self.given(input) - y)
        return np.stack([velocity, pull - 2 * self.zeta * self.omega * velocity], axis=-1)

    def answer(
        self, drive: Drive, rng: np.random.Generator | None
    ) -> tuple[Float64[Array, "run site 1"], dict[str, Array]]:
        if self.actuator == "clipped" and hold_called(drive.hold).varies:
            raise SettingsError(
                f"a clipped actuator takes hold zero and this is {drive.hold}; take the actuator "
                "tanh, or hold zero"
            )
        return super().answer(drive, rng)

    def initial_state(self) -> Float64[Array, " 2"]:
        return np.zeros(2)

    def random_states(self, rng: np.random.Generator, runs: int) -> Float64[Array, "run 2"]:
        return rng.uniform(-1.0, 1.0, (runs, 2)) * np.array([1.0, self.omega])

    def read(
        self, states: Float64[Array, "run site 2"]
    ) -> tuple[Float64[Array, "run site 1"], dict[str, Array]]:
        return states[:, :, :1].copy(), {"y": states[:, :, 0], "y'": states[:, :, 1]}
