"""Condensates in traps: ground-state densities in confining potentials of several shapes.

In every trap the atoms, taken not to interact, settle in the ground state,

    ψ'' = κ (V - E_r) ψ,        ρ = ψ²,        ∫ρ dx = N,

where E_r, the chemical potential of run r, follows from the trap. It differs from run
to run and is no part of the data; the truth holds it as the state `E`, the same at all sites.

The ground state comes from collocation with sinc functions, which converges exponentially for
smooth potentials. Source: Colbert and Miller, Journal of Chemical Physics 96, 1982 (1992).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float64

from hiddenlaw.data.dataset import Dataset, Truth
from hiddenlaw.errors import SettingsError
from hiddenlaw.systems._experiment import Experiment
from hiddenlaw.systems.trap_shapes import MIXED, draw_traps

Array = np.ndarray
# Step and half-width of the collocation, which give E to 1e-11, ψ to 1e-10 and ψ' to 1e-9.
STEP = 0.1
REACH = 9.0
# Share of the maximum: a density that is larger at an end of the grid is cut off by it.
_VISIBLE = 1e-3


@dataclass(frozen=True)
class Trap(Experiment):
    """A condensate in a random trap; the law is ψ'' = κ (V - E_r) ψ, ρ = ψ², ∫ρ dx = N.

    - `kappa`: κ = 2m/ħ², in 1/(energy · length²); positive.
    - `atoms`: N, the atom number; positive.

    The grid is centred on 0 and must be wide enough for the density. `potentials` names one shape
    of trap or "mixed" for all; the input is smooth: its hold is cubic.
    """

    name = "trap"
    summary = "ground-state density in a random trap: psi'' = kappa*(V - E) psi, rho = psi**2"
    input_name = "V"
    response_names = ("rho",)
    holds = ("cubic",)
    preparations = ("ground",)
    default_potentials = MIXED
    default_dx: ClassVar[float] = 0.15

    kappa: float = 1.0
    atoms: float = 1000.0

    def __post_init__(self):
        self._check(positive=("kappa", "atoms"))

    def simulate(
        self,
        *,
        runs: int,
        sites: int,
        dx: float | None = None,
        seed: int,
        potentials: str | None = None,
        hold: str | None = None,
        preparation: str | None = None,
        with_truth: bool = False,
    ) -> Dataset:
        """Random traps and the densities of their ground states; see `System.simulate`.

        The sites are x[i] = (i - (sites - 1)/2) dx. The truth holds psi > 0, psi' and E. Raises
        `SettingsError` also where the grid cuts off a visible part of a density.
        """
        dx = self.default_dx if dx is None else dx
        shape, hold = potentials or self.default_potentials, hold or self.default_hold
        self.check_experiment(runs, sites, dx, seed, hold, preparation or self.preparations[0])
        x = dx * (np.arange(sites) - (sites - 1) / 2)
        trap = draw_traps(shape, np.random.default_rng(seed), runs)
        energy, psi, slope = ground_states(trap, x)
        cut = np.maximum(psi[:, 0], psi[:, -1]) ** 2 > _VISIBLE * (psi**2).max(axis=1)
        if cut.any():
            raise SettingsError(
                f"a grid of {sites} sites of {dx:g} cuts off the density in {cut.sum()} of {runs} "
                f"traps; it should be some 9 wide: take more sites or a larger dx"
            )
        amplitude = np.sqrt(self.atoms)
        states = {
            "psi": amplitude * psi,
            "psi'": amplitude * slope,
            "E": np.tile(energy[:, np.newaxis] / self.kappa, (1, sites)),
        }
        return Dataset.from_arrays(
            trap(x) / self.kappa,
            self.atoms * psi**2,
            x=x,
            input_names=self.input_name,
            response_names=self.response_names,
            hold=hold,
            source=f"simulation of {self.name}, {shape} traps, seed {seed}",
            truth=Truth(self.name, states, self.parameters) if with_truth else None,
        )


def ground_states(
    trap: Callable[[Array], Array], x: Float64[Array, " site"], step: float = STEP
) -> tuple[Float64[Array, " run"], Float64[Array, "run site"], Float64[Array, "run site"]]:
    """E of the lowest ψ'' = (q - E) ψ, and ψ and ψ' at x, ∫ψ² = 1, for the q(x) of each run.

    `trap` gives q, of shape (runs, points), at any points. ψ is a sum of sinc functions at points
    `step` apart over ±9, beyond which it is taken to be 0.
    """
    from scipy.linalg import eigh

    count = round(REACH / step)
    points = step * np.arange(-count, count + 1)
    distance = np.arange(points.size)[:, np.newaxis] - np.arange(points.size)
    sign = np.where(distance % 2 == 0, 1.0, -1.0)
    apart = np.where(distance == 0, 1, distance)
    kinetic = np.where(distance == 0, np.pi**2 / 3, 2 * sign / apart**2) / step**2
    potential = trap(points)
    energy, psi = np.empty(len(potential)), np.empty(potential.shape)
    for run, q in enumerate(potential):
        lowest, vector = eigh(kinetic + np.diag(q), subset_by_index=[0, 0])
        energy[run] = lowest[0]
        psi[run] = vector[:, 0] * np.sign(vector[:, 0].sum()) / np.sqrt(step)
    value, slope = _sinc((x[:, np.newaxis] - points) / step)
    return energy, np.einsum("xp,rp->rx", value, psi), np.einsum("xp,rp->rx", slope, psi) / step


def _sinc(z: Float64[Array, "site point"]) -> tuple[Array, Array]:
    """sin πz / πz and its derivative."""
    small = np.abs(z) < 1e-4
    safe = np.where(small, 1.0, z)
    value = np.sinc(z)
    # Near 0 the quotient loses its digits; the next term of the series is of order z³.
    slope = np.where(small, -(np.pi**2) * z / 3, (np.cos(np.pi * safe) - np.sinc(safe)) / safe)
    return value, slope
