"""Two coupled components of a condensate, or two spin states of one particle, in one potential.

    ψ1'' = (κ V + δ/2 - E) ψ1 + (Ω/2) ψ2
    ψ2'' = (κ V - δ/2 - E) ψ2 + (Ω/2) ψ1

with a detuning δ and a Rabi coupling Ω: for example two hyperfine states that a radio wave couples,
in the frame that turns with it (rotating-wave approximation). Four real state variables.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from hiddenlaw.errors import SettingsError
from hiddenlaw.systems._base import Array
from hiddenlaw.systems._linear import LinearSystem, random_waves
from hiddenlaw.systems.schroedinger import WAVE_NUMBER

OBSERVE = ("total", "one", "both")


@dataclass(frozen=True)
class Components(LinearSystem):
    """Two real wave functions at fixed energy: ψ'' = (κ V + C - E) ψ, C = ((δ, Ω), (Ω, -δ))/2.

    - `kappa`: κ = 2m/ħ², in 1/(energy · length²); positive.
    - `energy`: E as it stands in the law, in 1/length².
    - `detuning`: δ, and `coupling`: Ω, in 1/length².
    - `observe`: what is measured: "total" (ρ = ψ1² + ψ2²), "one" (ρ1 = ψ1²) or "both" (ρ1 and ρ2).

    The shared preparation is ψ1 = 1 and all else 0. The potentials keep both eigenvalues of
    κV + C - E between -6 and -0.5, where all waves oscillate. Raises `SettingsError` where detuning
    and coupling leave no room for that.
    """

    name = "components"
    summary = "densities of two coupled components: psi'' = (kappa*V + C - E) psi, C 2 x 2"
    input_name = "V"
    response_names = ("rho",)

    kappa: float = 1.0
    energy: float = 0.37
    detuning: float = 1.0
    coupling: float = 1.2
    observe: str = "total"

    def __post_init__(self):
        self._check(positive=("kappa",), finite=("energy", "detuning", "coupling"))
        if self.observe not in OBSERVE:
            raise SettingsError(f"observe is {self.observe!r}; it can be {', '.join(OBSERVE)}")
        if self._splitting > 4.5:
            raise SettingsError(
                f"detuning {self.detuning:g} and coupling {self.coupling:g} split the energies by "
                f"{self._splitting:g}; only up to 4.5 do all waves oscillate"
            )

    @property
    def _splitting(self) -> float:
        return float(np.hypot(self.detuning, self.coupling))

    @property
    def channels(self) -> tuple[str, ...]:
        return {"total": ("rho",), "one": ("rho1",), "both": ("rho1", "rho2")}[self.observe]

    def input_range(self) -> tuple[float, float]:
        low, high = -6.0 + self._splitting / 2, -0.5 - self._splitting / 2
        return (self.energy + low) / self.kappa, (self.energy + high) / self.kappa

    def generator(self, input: Float64[Array, "*cells"]) -> Float64[Array, "*cells 4 4"]:
        """For the state (ψ1, ψ2, ψ1', ψ2')."""
        matrix = np.zeros((*input.shape, 4, 4))
        matrix[..., 0, 2] = matrix[..., 1, 3] = 1.0
        curvature = self.kappa * input - self.energy
        matrix[..., 2, 0] = curvature + self.detuning / 2
        matrix[..., 3, 1] = curvature - self.detuning / 2
        matrix[..., 2, 1] = matrix[..., 3, 0] = self.coupling / 2
        return matrix

    def initial_state(self) -> Float64[Array, " 4"]:
        return np.array([1.0, 0.0, 0.0, 0.0])

    def random_states(self, rng: np.random.Generator, runs: int) -> Float64[Array, "run 4"]:
        share = rng.uniform(0, np.pi / 2, runs)[:, np.newaxis]
        one, two = (random_waves(rng, runs, WAVE_NUMBER) for _ in range(2))
        waves = np.cos(share) * one, np.sin(share) * two
        return np.stack([waves[0], waves[1]], axis=2).reshape(runs, 4)

    def read(
        self, states: Float64[Array, "run site 4"]
    ) -> tuple[Float64[Array, "run site channel"], dict[str, Array]]:
        densities = states[:, :, :2] ** 2
        if self.observe == "total":
            densities = densities.sum(axis=2, keepdims=True)
        elif self.observe == "one":
            densities = densities[:, :, :1]
        names = ("psi1", "psi2", "psi1'", "psi2'")
        return densities, {name: states[:, :, i] for i, name in enumerate(names)}
