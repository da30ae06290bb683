"""Odd powers of the response that are the beginning of a sine's series, as a pendulum's are."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import PolynomialCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.report.values import compact
from hiddenlaw.theory.theory import Theory

_CLOSE = 0.01  # of the sum of the powers, where the response was: how close a sine has to come
_BENT = 5.0  # times that: how far off the best straight line has to be
_LEAST = 0.5  # of a radian: a sine that went no farther is any curve that bends a little
_RADIAN = 0.02  # of 1: angles in radians


def as_sine(theory: Theory, data: Dataset) -> str | None:
    """What sine the powers of the response in the law's last equation are the beginning of.

    None where they are none, or where the response, in `data`, did not go far enough to tell.
    """
    powers = _powers(theory)
    if len(powers) < 2 or not all(power % 2 for power in powers):
        return None
    seen = data.response[np.isfinite(data.response)]
    low, high = np.percentile(seen, [0.5, 99.5])
    place = np.linspace(low, high, 201)
    force = np.sum([value * place**power for power, value in powers.items()], axis=0)
    size, slope = np.sqrt(np.mean(force**2)), powers.get(1, 0.0)
    cubic = powers.get(3, 0.0)
    if not size > 0 or not slope * cubic < 0:
        return None
    strength, wave = _fitted(place, force, np.sqrt(-6 * cubic / slope))
    left = np.sqrt(np.mean((force - strength * np.sin(wave * place)) ** 2)) / size
    line = np.sqrt(np.mean((force - place * (place @ force) / (place @ place)) ** 2)) / size
    farthest = wave * max(abs(low), abs(high))
    if left > _CLOSE or line < _BENT * left or not _LEAST < farthest < np.pi:
        return None
    (name,) = data.response_names
    turned = name if abs(wave - 1) < _RADIAN else f"{compact(wave, 3)} {name}"
    unit = f" ({name} is an angle in radians)" if turned == name else ""
    return (
        f"Where {name} went, its powers in the law are those of {compact(strength, 4)} "
        f"sin({turned}) within {compact(100 * left, 1)} %: the beginning of its series, such as a "
        f"pendulum's{unit}. Farther out the series ends too early."
    )


def _powers(theory: Theory) -> dict[int, float]:
    """The powers of the response alone in the last equation, with their coefficients."""
    cell = theory.law.cell
    if not isinstance(cell, PolynomialCell) or theory.statement.readout != "linear":
        return {}
    d, units = theory.dimension, theory.state_units
    return {
        len(term.state): float(term.value * units[term.row] / units[0] ** len(term.state))
        for term in cell.terms(theory.dx)
        if term.row == d - 1 and term.state and not any(term.input) and not any(term.state)
    }


def _fitted(
    place: Float[np.ndarray, " point"], force: Float[np.ndarray, " point"], wave: float
) -> tuple[float, float]:
    """Strength and wave number of the sine that comes closest, from about that wave number."""
    from scipy.optimize import least_squares

    def strength(k: float) -> float:
        sine = np.sin(k * place)
        return float(sine @ force / max(sine @ sine, 1e-300))

    def off(numbers: np.ndarray) -> np.ndarray:
        return force - strength(numbers[0]) * np.sin(numbers[0] * place)

    k = float(least_squares(off, [wave]).x[0])
    return strength(k), k
