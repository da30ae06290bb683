"""Experiments with a known law, by name."""

from hiddenlaw.errors import SettingsError
from hiddenlaw.systems._base import System as System
from hiddenlaw.systems._dynamical import DynamicalSystem as DynamicalSystem
from hiddenlaw.systems._experiment import Experiment as Experiment
from hiddenlaw.systems._linear import LinearSystem as LinearSystem
from hiddenlaw.systems.components import Components as Components
from hiddenlaw.systems.coupled_masses import CoupledMasses as CoupledMasses
from hiddenlaw.systems.current import Current as Current
from hiddenlaw.systems.duffing import Duffing as Duffing
from hiddenlaw.systems.gross_pitaevskii import GrossPitaevskii as GrossPitaevskii
from hiddenlaw.systems.helmholtz import Helmholtz as Helmholtz
from hiddenlaw.systems.interacting_trap import InteractingTrap as InteractingTrap
from hiddenlaw.systems.noise import Measurement as Measurement
from hiddenlaw.systems.noise import measure as measure
from hiddenlaw.systems.oscillator import Oscillator as Oscillator
from hiddenlaw.systems.pendulum import Pendulum as Pendulum
from hiddenlaw.systems.potentials import POTENTIALS as POTENTIALS
from hiddenlaw.systems.potentials import get_potential as get_potential
from hiddenlaw.systems.saturating_actuator import SaturatingActuator as SaturatingActuator
from hiddenlaw.systems.schroedinger import Schroedinger as Schroedinger
from hiddenlaw.systems.schroedinger import transfer_matrix as transfer_matrix
from hiddenlaw.systems.tanks import Tanks as Tanks
from hiddenlaw.systems.trap import Trap as Trap
from hiddenlaw.systems.trap_shapes import TRAPS as TRAPS
from hiddenlaw.systems.van_der_pol import VanDerPol as VanDerPol

SYSTEMS: dict[str, type[Experiment]] = {
    system.name: system
    for system in (
        Schroedinger,
        Current,
        Components,
        Helmholtz,
        Oscillator,
        Trap,
        GrossPitaevskii,
        InteractingTrap,
        Duffing,
        VanDerPol,
        Pendulum,
        CoupledMasses,
        Tanks,
        SaturatingActuator,
    )
}


def get_system(name: str) -> type[Experiment]:
    """The class of the system of that name. Raises `SettingsError`, with the names there are."""
    if name not in SYSTEMS:
        raise SettingsError(f"no system is called {name!r}; there are {', '.join(SYSTEMS)}")
    return SYSTEMS[name]
