"""Traps of which the levels are known in closed form, to try a discovered law on.

Each takes ψ'' = κ (V - E) ψ, with the κ that was discovered, and lies on a grid that holds its
levels. Sources: Landau and Lifshitz, Quantum Mechanics, § 23; Pöschl and Teller, Z. Phys. 83, 143
(1933); Morse, Phys. Rev. 34, 57 (1929).
"""

from __future__ import annotations

import abc
from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw.errors import SettingsError

_SITES = 4001
_DECAY = 20.0  # decay lengths of the highest level between its well and the ends of x
_THRESHOLD = 1e-9  # a decay slower than this, over the width of the well, binds nothing
_FARTHEST = 60.0  # ... but no farther than so many widths of the well


@dataclass(frozen=True)
class Trap(abc.ABC):
    """A potential with constants of its own, its levels and a place for them."""

    formula: ClassVar[str]

    @abc.abstractmethod
    def potential(self, x: Float[np.ndarray, " site"]) -> Float[np.ndarray, " site"]:
        """V(x)."""

    @abc.abstractmethod
    def levels(self, kappa: float, count: int) -> Float[np.ndarray, " level"]:
        """The lowest `count` levels of ψ'' = κ (V - E) ψ, or as many as there are."""

    @abc.abstractmethod
    def interval(self, kappa: float, count: int) -> tuple[float, float]:
        """Ends of an x that is wide enough for these levels."""

    def grid(self, kappa: float, count: int) -> Float[np.ndarray, " site"]:
        """A uniform x on which these levels settle."""
        return np.linspace(*self.interval(kappa, count), _SITES)


@dataclass(frozen=True)
class Harmonic(Trap):
    """V = ½ω²x². With κ = 2m/ħ² = 2 these are the levels of textbooks, E = ω (n + ½)."""

    formula = "V = omega**2*x**2/2, E = sqrt(2/kappa)*omega*(n + 1/2)"
    omega: float = 1.0

    def potential(self, x):
        return 0.5 * (self.omega * x) ** 2

    def levels(self, kappa, count):
        return np.sqrt(2 / kappa) * self.omega * (np.arange(count) + 0.5)

    def interval(self, kappa, count):
        width = (kappa * self.omega**2 / 2) ** -0.25
        half = width * (np.sqrt(2 * count + 1) + 6)
        return -half, half


@dataclass(frozen=True)
class PoschlTeller(Trap):
    """V = -a²λ(λ+1)/cosh²(ax), which for κ = 1 reflects nothing when λ is whole."""

    formula = (
        "V = -a**2*lambda*(lambda + 1)/cosh(a*x)**2, E = -a**2*(mu - n)**2/kappa, "
        "mu*(mu + 1) = kappa*lambda*(lambda + 1)"
    )
    lambda_: float = 4.0
    a: float = 1.0

    def potential(self, x):
        return -(self.a**2) * self.lambda_ * (self.lambda_ + 1) / np.cosh(self.a * x) ** 2

    def _decays(self, kappa: float, count: int) -> np.ndarray:
        """√(-κE)/a by level: whole numbers apart, all positive."""
        mu = -0.5 + np.sqrt(0.25 + kappa * self.lambda_ * (self.lambda_ + 1))
        return mu - np.arange(min(count, int(np.ceil(mu - _THRESHOLD))))

    def levels(self, kappa, count):
        return -((self.a * self._decays(kappa, count)) ** 2) / kappa

    def interval(self, kappa, count):
        half = min(_DECAY / self._decays(kappa, count)[-1] + 5, _FARTHEST) / self.a
        return -half, half


@dataclass(frozen=True)
class Morse(Trap):
    """V = D (exp(-2ax) - 2 exp(-ax)): the bond of a molecule, of depth D at x = 0."""

    formula = (
        "V = depth*(exp(-2*a*x) - 2*exp(-a*x)), "
        "E = -a**2*(s - n - 1/2)**2/kappa, s = sqrt(kappa*depth)/a"
    )
    depth: float = 10.0
    a: float = 1.0

    def potential(self, x):
        return self.depth * (np.exp(-2 * self.a * x) - 2 * np.exp(-self.a * x))

    def _decays(self, kappa: float, count: int) -> np.ndarray:
        decay = np.sqrt(kappa * self.depth) / self.a - 0.5
        return decay - np.arange(min(count, max(int(np.ceil(decay - _THRESHOLD)), 0)))

    def levels(self, kappa, count):
        return -((self.a * self._decays(kappa, count)) ** 2) / kappa

    def interval(self, kappa, count):
        decays = self._decays(kappa, count)
        shallowest = decays[-1] if len(decays) else 1.0
        steep = np.log(2 + 25 * self.a / np.sqrt(kappa * self.depth))
        return -steep / self.a, min(_DECAY / shallowest + 5, _FARTHEST) / self.a


TRAPS: dict[str, type[Trap]] = {
    "harmonic": Harmonic,
    "poschl_teller": PoschlTeller,
    "morse": Morse,
}


def parse_trap(text: str) -> Trap | None:
    """The trap that `name:constant=value,…` names; None where no trap goes by that name.

    Raises `SettingsError` for constants that it does not have or that are not positive.
    """
    name, _, rest = text.partition(":")
    if name not in TRAPS:
        return None
    known = {item.name.rstrip("_"): item.name for item in fields(TRAPS[name])}
    given: dict[str, float] = {}
    for part in filter(None, rest.split(",")):
        constant, equals, value = (piece.strip() for piece in part.partition("="))
        if constant not in known or not equals:
            raise SettingsError(
                f"{text!r}: {name} has no constant {constant!r}; write "
                f"{name}:{','.join(f'{item}=1' for item in known)}"
            )
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not (np.isfinite(number) and number > 0):
            raise SettingsError(f"{text!r}: {constant} is {value!r}; it must be a positive number")
        given[known[constant]] = number
    return TRAPS[name](**given)
