"""What an engineer reads off a driven law: its gain at rest, its poles as times and frequencies.

For dz/dx = A z + B u + c, y = r·z, the gain is −r A⁻¹ B: by how much the response rests higher for
an input higher by one. A pole λ of A that is real is a time constant −1/λ; a pair that is not is a
frequency |λ| with a damping −Re λ / |λ|. Errors are those of the delta method: how each reading
moves with the numbers of the law, and their covariance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import DrivenCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.law import Law
from hiddenlaw.parameters import filled, flat
from hiddenlaw.theory.equations import plain
from hiddenlaw.theory.equations.intervals import NORMAL
from hiddenlaw.theory.fits.refit import Fitted

_STEP = 1e-6  # of a number: how far it is moved to see what a reading does
_REAL = 1e-9  # of a pole: an imaginary part that is rounding


@dataclass(frozen=True)
class Reading:
    """A number read off a law, with its standard error and 95 % interval, in `unit` if it has one.

    Of an integrator the gain is not finite: there is no such reading.
    """

    name: str
    value: float
    stderr: float
    ci95: tuple[float, float]
    unit: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"ci95": list(self.ci95)}

    @classmethod
    def from_json(cls, entry: Any) -> Reading:
        """From plain data. Raises `KeyError`, `TypeError` or `ValueError` for others."""
        entry = plain.mapping(entry)
        low, high = plain.several(plain.number, entry["ci95"])
        value, stderr = plain.number(entry["value"]), plain.number(entry["stderr"])
        unit = plain.text(entry.get("unit", ""))
        return cls(plain.text(entry["name"]), value, stderr, (low, high), unit)


def readings(fit: Fitted, train: Dataset) -> tuple[Reading, ...]:
    """Those of a driven law; none of another."""
    if not isinstance(fit.law.cell, DrivenCell):
        return ()
    named = list(_read(fit.law, train))
    values = np.array([value for _, value, _ in named])
    slopes = np.zeros((len(values), len(fit.dense)))
    numbers = flat(fit.law)
    for column, place in enumerate(fit.dense):
        step = _STEP * max(abs(numbers[place]), 1e-3)
        moved = [numbers.copy(), numbers.copy()]
        for side, sign in zip(moved, (1, -1), strict=True):
            side[place] += sign * step
        there, back = ([v for _, v, _ in _read(filled(fit.law, n), train)] for n in moved)
        if len(there) == len(back) == len(values):
            with np.errstate(invalid="ignore"):  # the gain of an integrator
                slopes[:, column] = (np.array(there) - np.array(back)) / (2 * step)
    with np.errstate(invalid="ignore"):
        squares = np.einsum("rp,pq,rq->r", slopes, fit.covariance, slopes)
    errors = np.sqrt(np.maximum(squares, 0.0))
    return tuple(
        _with_interval(name, value, float(error), unit)
        for (name, value, unit), error in zip(named, errors, strict=True)
        if np.isfinite(value) and np.isfinite(error)
    )


def _with_interval(name: str, value: float, error: float, unit: str) -> Reading:
    return Reading(name, value, error, (value - NORMAL * error, value + NORMAL * error), unit)


def _read(law: Law, train: Dataset) -> Iterator[tuple[str, float, str]]:
    """Names, values and units, in an order that depends on the kinds of the poles alone."""
    x = train.units.get(train.x_name, "")
    matrix, _ = _parts(law)
    for response, name in enumerate(train.response_names):
        for channel, pushed in enumerate(train.input_names):
            gain = _gains(law)[response, channel]
            unit = _ratio(train.units.get(name, ""), train.units.get(pushed, ""))
            yield f"gain of {name} for {pushed}", float(gain), unit
    poles = np.linalg.eigvals(matrix) / train.dx
    real = np.abs(poles.imag) <= _REAL * np.abs(poles)
    for number, pole in enumerate(sorted(poles[real].real, key=abs)):
        yield f"time constant {number + 1}", float(-1 / pole) if pole else np.inf, x
    pairs = sorted(poles[~real & (poles.imag > 0)], key=abs)
    for number, pole in enumerate(pairs):
        yield f"frequency {number + 1}", float(abs(pole)), f"rad/{x}" if x else ""
        yield f"damping {number + 1}", float(-pole.real / abs(pole)), ""


def _ratio(over: str, under: str) -> str:
    if not under:
        return over
    return f"{over or '1'}/{under}"


def _parts(law: Law) -> tuple[np.ndarray, np.ndarray]:
    """A and B, a site, for the input in its own unit."""
    assert isinstance(law.cell, DrivenCell)
    d, rates = law.dimension, np.asarray(law.cell.rates)
    return rates[:, :d], rates[:, d:-1] / np.asarray(law.cell.scale)


def _gains(law: Law) -> Float[np.ndarray, "response channel"]:
    """−r A⁻¹ B in the data's units; infinite where A is singular."""
    matrix, push = _parts(law)
    weights = np.asarray(law.readout.weights) * np.asarray(law.scale)
    try:
        rest = np.linalg.solve(matrix, push)
    except np.linalg.LinAlgError:
        return np.full((weights.shape[1], push.shape[1]), np.inf)
    return -weights.T @ rest
