"""A matter wave that carries a current: a complex wave function at fixed energy.

    ψ'' = (κ V - E) ψ,        ρ = scale · |ψ|²,        J = Im(ψ* ψ') ≠ 0 conserved.

Its density obeys 2ρρ'' - ρ'² - 4(κV - E)ρ² = 4J² (for scale 1), where a real ψ has J = 0. So no
vector of the three-variable law is null, and nothing folds into one real wave function. In
hydrodynamic form with velocity J/ρ: Madelung, Zeitschrift für Physik 40, 322 (1927).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Complex128, Float64

from hiddenlaw.systems._base import Array
from hiddenlaw.systems.schroedinger import Schroedinger


@dataclass(frozen=True)
class Current(Schroedinger):
    """One complex wave function at fixed energy; the law is ψ'' = (κ V - E) ψ, ρ = scale · |ψ|².

    - `kappa`: κ = 2m/ħ², in 1/(energy · length²); positive.
    - `energy`: E as it stands in the law, in 1/length².
    - `wave_number`: k of the shared preparation ψ = 1, ψ' = i k, whose current J is k; positive.
    - `scale`: particles per unit of |ψ|², in the unit of the density; positive.

    In a random preparation amplitude, current and slope of the density differ from run to run; the
    current never vanishes. States are named `re_psi`, `im_psi`, and so with primes.
    """

    name = "current"
    summary = "density of a wave that carries a current: psi'' = (kappa*V - E) psi, rho = |psi|**2"

    wave_number: float = 1.5

    def __post_init__(self):
        super().__post_init__()
        self._check(positive=("wave_number",))

    def initial_state(self) -> Complex128[Array, " 2"]:
        return np.array([1.0, 1j * self.wave_number])

    def random_states(self, rng: np.random.Generator, runs: int) -> Complex128[Array, "run 2"]:
        # The phase of ψ is left at 0: no density knows of it.
        amplitude = rng.uniform(0.7, 1.3, runs)
        slope = rng.uniform(-0.7, 0.7, runs) + 1j * rng.uniform(0.5, 1.5, runs)
        return np.stack([amplitude + 0j, amplitude * self.wave_number * slope], axis=1)

    def read(
        self, states: Complex128[Array, "run site 2"]
    ) -> tuple[Float64[Array, "run site 1"], dict[str, Array]]:
        psi, slope = states[:, :, 0], states[:, :, 1]
        named = {
            "re_psi": np.real(psi),
            "im_psi": np.imag(psi),
            "re_psi'": np.real(slope),
            "im_psi'": np.imag(slope),
        }
        return self.scale * np.abs(psi[:, :, np.newaxis]) ** 2, named
