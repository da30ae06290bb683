"""Ground states in traps by collocation with sinc functions, ideal and of atoms that repel.

It converges exponentially for smooth potentials. Source: Colbert and Miller, Journal of Chemical
Physics 96, 1982 (1992).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64

from hiddenlaw.errors import SettingsError

Array = np.ndarray
# Step and half-width of the collocation, which give E to 1e-11, ψ to 1e-10 and ψ' to 1e-9.
STEP = 0.1
REACH = 9.0
# By how much the interaction grows from one solution to the next, and Newton's steps for each.
_RISE = 2.0
_MOST, _CLOSE = 30, 1e-12
_NODE = 1e-6  # of the maximum: what is more negative has a node


class Ground(NamedTuple):
    """The ground state of every run: E, and ψ > 0 and ψ' at the sites, with ∫ψ² = 1."""

    energy: Float64[Array, " run"]
    psi: Float64[Array, "run site"]
    slope: Float64[Array, "run site"]


def ground_states(
    trap: Callable[[Array], Array],
    x: Float64[Array, " site"],
    step: float = STEP,
    *,
    interaction: Float64[Array, " run"] | None = None,
) -> Ground:
    """The lowest ψ'' = (q - E) ψ + `interaction` ψ³ for the q(x) of each run; ∫ψ² = 1.

    `trap` gives q, of shape (runs, points), at any points. ψ is a sum of sinc functions at points
    `step` apart over ±9, beyond which it is taken to be 0. An interaction is positive: repulsion.
    """
    from scipy.linalg import eigh

    count = round(REACH / step)
    points = step * np.arange(-count, count + 1)
    kinetic = _kinetic(points.size) / step**2
    potential = trap(points)
    energy, psi = np.empty(len(potential)), np.empty(potential.shape)
    for run, q in enumerate(potential):
        hamiltonian = kinetic + np.diag(q)
        lowest, vector = eigh(hamiltonian, subset_by_index=[0, 0])
        energy[run] = lowest[0]
        psi[run] = vector[:, 0] * np.sign(vector[:, 0].sum()) / np.sqrt(step)
        if interaction is not None:
            energy[run], psi[run] = _repelled(
                hamiltonian, energy[run], psi[run], step, interaction[run]
            )
    value, slope = _sinc((x[:, np.newaxis] - points) / step)
    return Ground(
        energy, np.einsum("xp,rp->rx", value, psi), np.einsum("xp,rp->rx", slope, psi) / step
    )


def _repelled(
    hamiltonian: Float64[Array, "point point"],
    energy: float,
    psi: Float64[Array, " point"],
    step: float,
    interaction: float,
) -> tuple[float, Float64[Array, " point"]]:
    """The same state under an interaction that is let grow: each by Newton's method from the last.

    There is one state without nodes for each strength. Raises `SettingsError` where it is lost.
    """
    least = min(interaction, 0.5)
    rises = math.ceil(math.log(interaction / least, _RISE)) if interaction > least else 0
    for strength in np.geomspace(least, interaction, rises + 1) if interaction > 0 else ():
        energy, psi = _newton(hamiltonian, energy, psi, step, float(strength))
    return energy, psi


def _newton(
    hamiltonian: Float64[Array, "point point"],
    energy: float,
    psi: Float64[Array, " point"],
    step: float,
    strength: float,
) -> tuple[float, Float64[Array, " point"]]:
    """H ψ + G ψ³ = E ψ and step · Σψ² = 1, for ψ and E at once, from a state close by."""
    n = psi.size
    matrix, left = np.zeros((n + 1, n + 1)), np.empty(n + 1)
    for _ in range(_MOST):
        left[:n] = hamiltonian @ psi + (strength * psi**2 - energy) * psi
        left[n] = step * (psi @ psi) - 1
        matrix[:n, :n] = hamiltonian + np.diag(3 * strength * psi**2 - energy)
        matrix[:n, n], matrix[n, :n] = -psi, 2 * step * psi
        change = np.linalg.solve(matrix, -left)
        psi, energy = psi + change[:n], energy + float(change[n])
        if np.abs(change).max() < _CLOSE * max(1.0, abs(energy)):
            if psi.min() < -_NODE * psi.max():
                break
            return energy, psi
    raise SettingsError(
        f"no ground state was found for an interaction of {strength:g} in one of the traps; take "
        "fewer atoms or a smaller g"
    )


def _kinetic(count: int) -> Float64[Array, "point point"]:
    """-d²/dx² between sinc functions one apart."""
    distance = np.arange(count)[:, np.newaxis] - np.arange(count)
    sign = np.where(distance % 2 == 0, 1.0, -1.0)
    apart = np.where(distance == 0, 1, distance)
    return np.where(distance == 0, np.pi**2 / 3, 2 * sign / apart**2)


def _sinc(z: Float64[Array, "site point"]) -> tuple[Array, Array]:
    """sin πz / πz and its derivative."""
    small = np.abs(z) < 1e-4
    safe = np.where(small, 1.0, z)
    value = np.sinc(z)
    # Near 0 the quotient loses its digits; the next term of the series is of order z³.
    slope = np.where(small, -(np.pi**2) * z / 3, (np.cos(np.pi * safe) - np.sinc(safe)) / safe)
    return value, slope
