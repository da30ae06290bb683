"""Families of random inputs V(x), each filling the range low..high without leaving it.

Every family takes (rng, runs, x, low, high), x of shape (sites,), and gives V of shape
(runs, sites). Where x is finer than the sites, `fine` says how many of its points make one site.
Most draw a *shape* between 0 and 1 and lay it into a random band of the range, so that single runs
differ in mean and depth and together they fill the range.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float64

from hiddenlaw.errors import SettingsError

Array = np.ndarray


@runtime_checkable
class Potential(Protocol):
    """A family of random inputs."""

    def __call__(
        self,
        rng: np.random.Generator,
        runs: int,
        x: Float64[Array, " site"],
        low: float,
        high: float,
        fine: int = 1,
    ) -> Float64[Array, "run site"]: ...


def fourier(
    rng: np.random.Generator,
    runs: int,
    x: Float64[Array, " site"],
    low: float,
    high: float,
    fine: int = 1,
) -> Float64[Array, "run site"]:
    """Smooth: a sum of 8 cosines, wavelengths from 16 sites to twice the length of the run."""
    # Shorter waves resonate with those of ψ, and a few runs then outweigh all others.
    return _into_band(rng, _cosines(rng, runs, x, 8, 16 * fine), low, high)


def smooth(
    rng: np.random.Generator,
    runs: int,
    x: Float64[Array, " site"],
    low: float,
    high: float,
    fine: int = 1,
) -> Float64[Array, "run site"]:
    """Smoother, for the cubic hold: a sum of 6 cosines, no wavelength shorter than 25 sites."""
    return _into_band(rng, _cosines(rng, runs, x, 6, 25 * fine), low, high)


def wells(
    rng: np.random.Generator,
    runs: int,
    x: Float64[Array, " site"],
    low: float,
    high: float,
    fine: int = 1,
) -> Float64[Array, "run site"]:
    """Square wells and steps: four plateaus of random place, width and height on a level floor."""
    length = x[-1] - x[0]
    potential = np.tile(rng.uniform(low, high, (runs, 1)), (1, x.size))
    for _ in range(4):
        centre = rng.uniform(x[0], x[-1], (runs, 1))
        half_width = rng.uniform(0.03, 0.2, (runs, 1)) * length
        height = rng.uniform(low, high, (runs, 1))
        potential = np.where(np.abs(x - centre) < half_width, height, potential)
    return potential


def harmonic(
    rng: np.random.Generator,
    runs: int,
    x: Float64[Array, " site"],
    low: float,
    high: float,
    fine: int = 1,
) -> Float64[Array, "run site"]:
    """Traps: parabolas with the bottom anywhere in the run."""
    centre = rng.uniform(x[0], x[-1], (runs, 1))
    return _into_band(rng, (x - centre) ** 2, low, high)


def double_well(
    rng: np.random.Generator,
    runs: int,
    x: Float64[Array, " site"],
    low: float,
    high: float,
    fine: int = 1,
) -> Float64[Array, "run site"]:
    """Quartic double wells ((x - centre)² - a²)², with a from a tenth to four tenths of the run."""
    length = x[-1] - x[0]
    centre = x[0] + length * rng.uniform(0.35, 0.65, (runs, 1))
    half_distance = length * rng.uniform(0.1, 0.4, (runs, 1))
    return _into_band(rng, ((x - centre) ** 2 - half_distance**2) ** 2, low, high)


def ramps(
    rng: np.random.Generator,
    runs: int,
    x: Float64[Array, " site"],
    low: float,
    high: float,
    fine: int = 1,
) -> Float64[Array, "run site"]:
    """Ramps: level, then a straight slope up or down, then level again."""
    length = x[-1] - x[0]
    start = x[0] + length * rng.uniform(-0.2, 0.6, (runs, 1))
    width = length * rng.uniform(0.1, 0.8, (runs, 1))
    before, after = rng.uniform(low, high, (2, runs, 1))
    return np.clip(before + (after - before) * np.clip((x - start) / width, 0, 1), low, high)


POTENTIALS: dict[str, Potential] = {
    "fourier": fourier,
    "wells": wells,
    "harmonic": harmonic,
    "double_well": double_well,
    "ramps": ramps,
    "smooth": smooth,
}
# Those with jumps or kinks.
JAGGED = ("wells", "ramps")


def get_potential(name: str) -> Potential:
    """The family of that name. Raises `SettingsError`, with the names there are."""
    if name not in POTENTIALS:
        raise SettingsError(
            f"no family of potentials is called {name!r}; there are {', '.join(POTENTIALS)}"
        )
    return POTENTIALS[name]


def _cosines(
    rng: np.random.Generator, runs: int, x: Float64[Array, " site"], modes: int, shortest: int
) -> Float64[Array, "run site"]:
    """Sums of cosines, from 0 upward, wavelengths from `shortest` points to twice the length."""
    length = x[-1] - x[0]
    wavelength = min(shortest * (x[1] - x[0]), 2 * length)
    wave_number = 2 * np.pi * rng.uniform(0.5 / length, 1 / wavelength, (runs, modes, 1))
    phase = rng.uniform(0, 2 * np.pi, (runs, modes, 1))
    amplitude = rng.standard_normal((runs, modes, 1))
    shape = (amplitude * np.cos(wave_number * x + phase)).sum(axis=1)
    return shape - shape.min(axis=1, keepdims=True)


def _into_band(
    rng: np.random.Generator, shape: Float64[Array, "run site"], low: float, high: float
) -> Float64[Array, "run site"]:
    """Scale non-negative shapes into bands of 0.4 to 1 of the range, at random heights."""
    runs = len(shape)
    shape = shape / shape.max(axis=1, keepdims=True)
    width = rng.uniform(0.4, 1.0, (runs, 1))
    bottom = rng.uniform(0, 1, (runs, 1)) * (1 - width)
    # Rounding alone could step over the edge.
    return np.clip(low + (high - low) * (bottom + width * shape), low, high)
