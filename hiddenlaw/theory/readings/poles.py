"""Poles as engineers tell them: a real one is a time constant, a pair a frequency and a damping.

λ is the time constant −1/λ; a pair is the frequency |λ| with the damping −Re λ / |λ|.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Complex, Float

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.theory.readings._base import Read, rate_unit, unit_of_x
from hiddenlaw.theory.readings.state_space import STILL, StateSpace

_REAL = 1e-9  # of a root: an imaginary part that is rounding


def poles(space: StateSpace, data: Dataset) -> Iterator[Read]:
    """All of them but integrators (λ = 0), real ones first, the slowest first."""
    real, pairs = sorted_roots(*space.poles(), space.dx)
    finite = [(pole, slopes) for pole, slopes in real if abs(pole) * space.dx > STILL]
    for number, (pole, slopes) in enumerate(finite, start=1):
        constant = -1 / pole.real
        moved = np.real(slopes) * constant**2
        yield Read(f"time constant {number}", constant, moved, unit_of_x(data))
    for number, (pole, slopes) in enumerate(pairs, start=1):
        size, damping = in_polar_form(pole, slopes)
        yield Read(f"frequency {number}", *size, rate_unit(data))
        yield Read(f"damping {number}", *damping)


Root = tuple[complex, Complex[np.ndarray, " p"]]
Moving = tuple[float, Float[np.ndarray, " p"]]


def sorted_roots(
    values: Complex[np.ndarray, " root"], slopes: Complex[np.ndarray, "p root"], dx: float
) -> tuple[list[Root], list[Root]]:
    """Real roots, and of each pair the upper one, the smallest first; per unit of x."""
    each = sorted(zip(values / dx, slopes.T / dx, strict=True), key=lambda root: abs(root[0]))
    real = [root for root in each if abs(root[0].imag) <= _REAL * abs(root[0])]
    pairs = [root for root in each if root[0].imag > _REAL * abs(root[0])]
    return real, pairs


def in_polar_form(root: complex, slopes: Complex[np.ndarray, " p"]) -> tuple[Moving, Moving]:
    """Frequency and damping of a pair, with their slopes."""
    size = abs(root)
    longer = np.real(np.conj(root) * slopes) / size
    damping = -root.real / size
    return (size, longer), (damping, -(np.real(slopes) + damping * longer) / size)
