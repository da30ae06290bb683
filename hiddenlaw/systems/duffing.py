"""An oscillator whose spring stiffens or softens, pushed by a force: Duffing's oscillator.

    y'' = -δ y' - α y - β y³ + u,        response y itself.

With α < 0 it has two wells. Source: Guckenheimer and Holmes, Nonlinear Oscillations, Dynamical
Systems, and Bifurcations of Vector Fields (1983), section 2.2.
"""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float64

from hiddenlaw.systems._base import Array
from hiddenlaw.systems._oscillators import PushedOscillator


@dataclass(frozen=True)
class Duffing(PushedOscillator):
    """A driven oscillator in time t; the law is y'' = -δ y' - α y - β y³ + u.

    - `delta`: δ, the damping, in 1/time; any finite number.
    - `alpha`: α, the stiffness at rest, in 1/time²; negative for two wells.
    - `beta`: β, how it grows, in 1/(time² · length²); positive, so that the motion stays bounded.

    The force u runs from -2 to 2. The shared preparation is rest at y = 0.
    """

    name = "duffing"
    summary = "a pushed oscillator that stiffens: y'' = -delta y' - alpha y - beta y**3 + u"
    response_names = ("y",)

    delta: float = 0.2
    alpha: float = 1.0
    beta: float = 1.0

    def __post_init__(self):
        self._check(positive=("beta",), finite=("delta", "alpha"))

    def input_range(self) -> tuple[float, float]:
        return -2.0, 2.0

    def acceleration(
        self,
        place: Float64[Array, "*place"],
        velocity: Float64[Array, "*place"],
        input: Float64[Array, "*place"],
    ) -> Float64[Array, "*place"]:
        return input - self.delta * velocity - (self.alpha + self.beta * place**2) * place
