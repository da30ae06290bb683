"""Families of random traps κV(x), as functions of x, smooth enough for a cubic spline at dx = 0.15.

Every family takes (rng, runs) and gives a function from points (points,) to κV (runs, points), in
1/length². Sizes are such that a ground state fits into ±4.7, its density above a thousandth of its
maximum sees differences of κV of about 1 to 20, and no curvature is too sharp for the spline.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float64

from hiddenlaw.errors import SettingsError

Array = np.ndarray
TrapPotential = Callable[[Float64[Array, " point"]], Float64[Array, "run point"]]
MIXED = "mixed"


def harmonic(rng: np.random.Generator, runs: int) -> TrapPotential:
    """Parabolas a (x - c)²: the ground state is a Gaussian, with E = √a."""
    a, c = _draw(rng, runs, (0.3, 1.2), (-0.4, 0.4))
    return lambda x: a * (x - c) ** 2


def quartic(rng: np.random.Generator, runs: int) -> TrapPotential:
    """Fourth powers b (x - c)⁴: a flat bottom and steep walls, E = 1.0604 b^(1/3)."""
    b, c = _draw(rng, runs, (0.03, 0.08), (-0.25, 0.25))
    return lambda x: b * (x - c) ** 4


def double_well(rng: np.random.Generator, runs: int) -> TrapPotential:
    """Parabolas with a Gaussian barrier anywhere near the middle, as a sheet of light makes it."""
    a, height, c, w = _draw(rng, runs, (0.5, 1.2), (2.0, 6.0), (-0.3, 0.3), (0.6, 1.0))
    return lambda x: a * x**2 + height * np.exp(-((x - c) ** 2) / (2 * w**2))


def tilted(rng: np.random.Generator, runs: int) -> TrapPotential:
    """Parabolas in a uniform force, a x² + f x: E = √a - f²/4a."""
    a, shift = _draw(rng, runs, (0.4, 1.2), (-0.8, 0.8))
    return lambda x: a * x**2 - 2 * a * shift * x


def box(rng: np.random.Generator, runs: int) -> TrapPotential:
    """Boxes with soft walls of finite height, two steps of the form of tanh."""
    height, half, w, c = _draw(rng, runs, (6.0, 14.0), (1.4, 2.4), (0.5, 0.8), (-0.3, 0.3))
    return lambda x: (
        height * (1 + 0.5 * np.tanh((x - c - half) / w) - 0.5 * np.tanh((x - c + half) / w))
    )


TRAPS: dict[str, Callable[[np.random.Generator, int], TrapPotential]] = {
    "harmonic": harmonic,
    "quartic": quartic,
    "double_well": double_well,
    "tilted": tilted,
    "box": box,
}


def draw_traps(shape: str, rng: np.random.Generator, runs: int) -> TrapPotential:
    """Random traps of that shape, or of all shapes in equal parts for "mixed".

    Raises `SettingsError`, with the names there are, for an unknown shape.
    """
    if shape in TRAPS:
        return TRAPS[shape](rng, runs)
    if shape != MIXED:
        raise SettingsError(
            f"no shape of trap is called {shape!r}; there are {MIXED}, {', '.join(TRAPS)}"
        )
    which = rng.permutation(np.arange(runs) % len(TRAPS))
    families = [family(rng, runs) for family in TRAPS.values()]

    def mixed(x: Float64[Array, " point"]) -> Float64[Array, "run point"]:
        return np.stack([family(x) for family in families])[which, np.arange(runs)]

    return mixed


def _draw(rng: np.random.Generator, runs: int, *ranges: tuple[float, float]) -> list[Array]:
    """One number a run, of shape (runs, 1), for every range."""
    return [rng.uniform(low, high, (runs, 1)) for low, high in ranges]
