"""Condensates in traps: ground-state densities in confining potentials of several shapes.

In every trap the atoms, taken not to interact, settle in the ground state,

    ψ'' = κ (V - E_r) ψ,        ρ = ψ²,        ∫ρ dx = N,

where E_r, the chemical potential of run r, follows from the trap. It differs from run
to run and is no part of the data; the truth holds it as the state `E`, the same at all sites.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float64

from hiddenlaw.data.dataset import Dataset, Truth
from hiddenlaw.errors import SettingsError
from hiddenlaw.systems._experiment import Experiment
from hiddenlaw.systems._ground_states import Ground, ground_states
from hiddenlaw.systems.trap_shapes import MIXED, TrapPotential, draw_traps

Array = np.ndarray
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
        atoms, (energy, psi, slope) = self.ground(trap, x, np.random.default_rng([seed, 2]))
        cut = np.maximum(psi[:, 0], psi[:, -1]) ** 2 > _VISIBLE * (psi**2).max(axis=1)
        if cut.any():
            raise SettingsError(
                f"a grid of {sites} sites of {dx:g} cuts off the density in {cut.sum()} of {runs} "
                f"traps; it should be some 9 wide: take more sites or a larger dx"
            )
        amplitude = np.sqrt(atoms)[:, np.newaxis]
        states = {
            "psi": amplitude * psi,
            "psi'": amplitude * slope,
            "E": np.tile(energy[:, np.newaxis] / self.kappa, (1, sites)),
        }
        if np.ptp(atoms):
            states["N"] = np.tile(atoms[:, np.newaxis], (1, sites))
        return Dataset.from_arrays(
            trap(x) / self.kappa,
            (amplitude * psi) ** 2,
            x=x,
            input_names=self.input_name,
            response_names=self.response_names,
            hold=hold,
            source=f"simulation of {self.name}, {shape} traps, seed {seed}",
            truth=Truth(self.name, states, self.parameters) if with_truth else None,
        )

    def ground(
        self, trap: TrapPotential, x: Float64[Array, " site"], rng: np.random.Generator
    ) -> tuple[Float64[Array, " run"], Ground]:
        """How many atoms there are in every trap, and the state they settle in."""
        del rng
        found = ground_states(trap, x)
        return np.full(len(found.energy), self.atoms), found
