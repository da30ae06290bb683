"""A condensate, or any one particle, at fixed energy in a potential: the density it makes.

With κ = 2m/ħ²,

    ψ'' = (κ V - E) ψ,        ρ = scale · ψ².

By default every run is prepared alike, ψ = 1, ψ' = 0; else each has an amplitude between 0.7 and
1.3 and a phase of its own. Source: Wang, Zhai and You, Science Bulletin 64, 1228 (2019),
arXiv:1901.11103, where V and ρ are all that the network is shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from hiddenlaw.systems._base import Array
from hiddenlaw.systems._linear import LinearSystem, random_waves, second_order

# That of the middle of the range of κV - E, from -6 to -0.5.
WAVE_NUMBER = 1.8


@dataclass(frozen=True)
class Schroedinger(LinearSystem):
    """One real wave function at fixed energy; the law is ψ'' = (κ V - E) ψ, ρ = scale · ψ².

    - `kappa`: κ = 2m/ħ², in 1/(energy · length²); positive.
    - `energy`: E as it stands in the law, that is 2m/ħ² times the energy, in 1/length².
    - `scale`: particles per unit of ψ², in the unit of the density; positive.

    The potentials keep κV - E between -6 and -0.5, where ψ oscillates: behind barriers it grows
    exponentially, and a few runs would outweigh all others.
    """

    name = "schroedinger"
    summary = "density of one particle at fixed energy: psi'' = (kappa*V - E) psi, rho = psi**2"
    input_name = "V"
    response_names = ("rho",)

    kappa: float = 1.0
    energy: float = 0.37
    scale: float = 1.0

    def __post_init__(self):
        self._check(positive=("kappa", "scale"), finite=("energy",))

    def input_range(self) -> tuple[float, float]:
        return (self.energy - 6.0) / self.kappa, (self.energy - 0.5) / self.kappa

    def generator(self, input: Float64[Array, "*cells"]) -> Float64[Array, "*cells 2 2"]:
        return second_order(self.kappa * input - self.energy)

    def transfer(self, input: Float64[Array, "*cells"], dx: float) -> Float64[Array, "*cells 2 2"]:
        return transfer_matrix(self.kappa * input - self.energy, dx)

    def initial_state(self) -> Float64[Array, " 2"]:
        return np.array([1.0, 0.0])

    def random_states(self, rng: np.random.Generator, runs: int) -> Float64[Array, "run 2"]:
        return random_waves(rng, runs, WAVE_NUMBER)

    def read(
        self, states: Float64[Array, "run site 2"]
    ) -> tuple[Float64[Array, "run site 1"], dict[str, Array]]:
        psi, slope = states[:, :, 0], states[:, :, 1]
        return self.scale * psi[:, :, np.newaxis] ** 2, {"psi": psi, "psi'": slope}


def transfer_matrix(curvature: Float64[Array, "*cells"], dx: float) -> Float64[Array, "*cells 2 2"]:
    """The matrix that takes (ψ, ψ') across a cell of width dx where ψ'' = q ψ, q constant.

    With z = q dx² it is ((C, S dx), (q S dx, C)), where C = cosh √z and S = sinh √z / √z are entire
    functions of z: for z < 0 they are cos and sin. Its determinant, C² - z S², is 1: the Wronskian
    is conserved. `curvature` is q = κV - E, in 1/length².
    """
    z = np.asarray(curvature * dx**2)
    root = np.sqrt(np.abs(z))
    small = np.abs(z) < 1e-2
    safe = np.where(small, 1.0, root)
    with np.errstate(over="ignore"):
        c = np.where(z < 0, np.cos(root), np.cosh(root))
        s = np.where(z < 0, np.sin(safe), np.sinh(safe)) / safe
    # Near z = 0 the quotient is 0/0; the series to z⁴ is exact to rounding there.
    series = 1 + z / 6 * (1 + z / 20 * (1 + z / 42 * (1 + z / 72)))
    s = np.where(small, series, s)
    matrix = np.empty((*z.shape, 2, 2))
    matrix[..., 0, 0] = matrix[..., 1, 1] = c
    matrix[..., 0, 1] = s * dx
    matrix[..., 1, 0] = curvature * s * dx
    return matrix
