"""An oscillator that feeds itself where it is small, pushed by a signal: van der Pol's valve.

    y'' = μ (1 - y²) y' - y + u,        response y itself.

Undriven it ends on a limit cycle of amplitude about 2, whatever its start. Source: van der Pol,
Philosophical Magazine 2, 978 (1926).
"""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float64

from hiddenlaw.systems._base import Array
from hiddenlaw.systems._oscillators import PushedOscillator


@dataclass(frozen=True)
class VanDerPol(PushedOscillator):
    """A driven oscillator in time t; the law is y'' = μ (1 - y²) y' - y + u.

    - `mu`: μ, how strongly it feeds and brakes itself, in units of its angular frequency; positive.

    The signal u runs from -1.5 to 1.5. The shared preparation is y = 1, y' = 0, inside the limit
    cycle.
    """

    name = "van_der_pol"
    summary = "a pushed oscillator with a limit cycle: y'' = mu (1 - y**2) y' - y + u"
    response_names = ("y",)
    start = 1.0
    spread = 2.0

    mu: float = 1.0

    def __post_init__(self):
        self._check(positive=("mu",))

    def input_range(self) -> tuple[float, float]:
        return -1.5, 1.5

    def acceleration(
        self,
        place: Float64[Array, "*place"],
        velocity: Float64[Array, "*place"],
        input: Float64[Array, "*place"],
    ) -> Float64[Array, "*place"]:
        return self.mu * (1 - place**2) * velocity - place + input
