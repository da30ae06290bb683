"""A condensate whose atoms interact, at a fixed chemical potential, in a potential: its density.

With κ = 2m/ħ² and an interaction g of the atoms, negative where they attract one another,

    ψ'' = (κ V - μ) ψ + g ψ³,        ρ = ψ²,

the stationary Gross–Pitaevskii equation of a real wave function. It is not linear in any finite
number of state variables. Source: Pitaevskii and Stringari, Bose–Einstein Condensation (2003),
chapter 5. Where V is constant ψ is a Jacobi elliptic function.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from hiddenlaw.errors import SettingsError
from hiddenlaw.systems._base import Array
from hiddenlaw.systems._dynamical import DynamicalSystem
from hiddenlaw.systems._linear import random_waves
from hiddenlaw.systems.schroedinger import WAVE_NUMBER

_LOWEST, _HIGHEST = -4.0, 2.0  # of g


@dataclass(frozen=True)
class GrossPitaevskii(DynamicalSystem):
    """One real wave function at fixed μ; the law is ψ'' = (κ V - μ) ψ + g ψ³, ρ = ψ².

    - `kappa`: κ = 2m/ħ², in 1/(energy · length²); positive.
    - `mu`: μ as it stands in the law, in 1/length².
    - `g`: the interaction, in 1/(length² · density), from -4 to 2; negative where atoms attract.

    The shared preparation is ψ = 1, ψ' = 0. The potentials keep κV - μ between -6 and -0.5.
    Repulsion drives ψ to infinity once g ψ² outgrows μ - κV; so for g > 0 these ends are -6 - 4 g
    and -3 - 4 g, and g ψ² stays below half of that. Raises `SettingsError` for another g.
    """

    name = "gross_pitaevskii"
    summary = "density of interacting atoms at fixed mu: psi'' = (kappa*V - mu) psi + g psi**3"
    x_name = "x"
    input_name = "V"
    response_names = ("rho",)

    kappa: float = 1.0
    mu: float = 0.37
    g: float = -0.5

    def __post_init__(self):
        self._check(positive=("kappa",), finite=("mu", "g"))
        if not _LOWEST <= self.g <= _HIGHEST:
            raise SettingsError(f"g is {self.g:g}; it must be from {_LOWEST:g} to {_HIGHEST:g}")

    def input_range(self) -> tuple[float, float]:
        low, high = (-6.0, -0.5) if self.g <= 0 else (-6.0 - 4 * self.g, -3.0 - 4 * self.g)
        return (self.mu + low) / self.kappa, (self.mu + high) / self.kappa

    def rates(
        self, states: Float64[Array, "*place 2"], input: Float64[Array, "*place"]
    ) -> Float64[Array, "*place 2"]:
        psi, slope = states[..., 0], states[..., 1]
        curvature = self.kappa * input - self.mu + self.g * psi**2
        return np.stack([slope, curvature * psi], axis=-1)

    def initial_state(self) -> Float64[Array, " 2"]:
        return np.array([1.0, 0.0])

    def random_states(self, rng: np.random.Generator, runs: int) -> Float64[Array, "run 2"]:
        return random_waves(rng, runs, WAVE_NUMBER)

    def read(
        self, states: Float64[Array, "run site 2"]
    ) -> tuple[Float64[Array, "run site 1"], dict[str, Array]]:
        psi, slope = states[:, :, 0], states[:, :, 1]
        return psi[:, :, np.newaxis] ** 2, {"psi": psi, "psi'": slope}
