"""Condensates of atoms that repel one another, in traps: ground-state densities.

In every trap another number of atoms settles in the ground state,

    ψ'' = κ (V - E_r) ψ + g ψ³,        ρ = ψ²,        ∫ρ dx = N_r,

where E_r, the chemical potential of run r, follows from trap and atom number. Both are no part of
the data; the truth holds them as the states `E` and `N`, the same at all sites. For few atoms or
weak repulsion it is the ideal ground state; for many κV + gρ is level where there are atoms, the
Thomas–Fermi limit. Source: Pitaevskii and Stringari, Bose–Einstein Condensation (2003), chapter 11.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from hiddenlaw.systems._ground_states import Ground, ground_states
from hiddenlaw.systems.trap import Array, Trap
from hiddenlaw.systems.trap_shapes import TrapPotential

_FEWEST, _MOST = 0.3, 1.7  # of the mean number of atoms


@dataclass(frozen=True)
class InteractingTrap(Trap):
    """A repulsive condensate in a random trap; ψ'' = κ (V - E_r) ψ + g ψ³, ρ = ψ², ∫ρ dx = N_r.

    - `kappa`: κ = 2m/ħ², in 1/(energy · length²); positive.
    - `atoms`: the mean of N_r, which is between 0.3 and 1.7 of it; positive.
    - `g`: the interaction, in 1/(length² · density); positive.

    Up to about `g` · `atoms` = 9 every cloud finds room on the default grid; see `Trap`.
    """

    name = "interacting_trap"
    summary = "ground-state density of repelling atoms: psi'' = kappa*(V - E) psi + g psi**3"

    g: float = 0.006

    def __post_init__(self):
        self._check(positive=("kappa", "atoms", "g"))

    def ground(
        self, trap: TrapPotential, x: Float64[Array, " site"], rng: np.random.Generator
    ) -> tuple[Float64[Array, " run"], Ground]:
        runs = len(trap(x[:1]))
        atoms = self.atoms * rng.uniform(_FEWEST, _MOST, runs)
        return atoms, ground_states(trap, x, interaction=self.g * atoms)
