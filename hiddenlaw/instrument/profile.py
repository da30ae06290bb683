"""Corrections of an instrument at their best, the law being at its best for each choice of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.instrument import Instrument
from hiddenlaw.instrument._base import AbstractCorrection, Left
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import flat, layout
from hiddenlaw.theory.fits.refit import solve
from hiddenlaw.theory.friction import against

_ROUNDS, _STEPS = 8, 10  # of Gauss–Newton, and of the law's own refit in between
_BLURS, _RUBS = 3, 2  # how often what hangs on the law's own answers is taken off anew


class Profile(NamedTuple):
    """Corrections at their best: the numbers of all so far, the law there, and what it leaves."""

    corrections: tuple[AbstractCorrection, ...]
    numbers: Float[np.ndarray, " number"]
    covariance: Float[np.ndarray, "number number"]
    law: Law
    left: Left

    @property
    def loss(self) -> float:
        return self.left.loss


def instrument_of(
    corrections: Sequence[AbstractCorrection], numbers: np.ndarray, data: Dataset
) -> Instrument:
    made, at = Instrument(), 0
    for correction in corrections:
        count = len(correction.steps(data))
        made = correction.joined(made, numbers[at : at + count])
        at += count
    return made


def profile_of(
    corrections: tuple[AbstractCorrection, ...],
    numbers: Float[np.ndarray, " number"],
    law: Law,
    data: Dataset,
) -> Profile:
    """Gauss–Newton in the numbers of the corrections, the law at its best for each."""
    steps = np.concatenate([correction.steps(data) for correction in corrections])
    settled = min(correction.settled for correction in corrections)
    here, loss, law = _left(corrections, numbers, law, data)
    covariance = np.full((len(numbers), len(numbers)), np.nan)
    for _ in range(_ROUNDS):
        if not np.isfinite(loss):
            break
        slopes = np.stack(
            [
                (_left(corrections, numbers + step, law, data)[0] - here) / np.abs(step).max()
                for step in np.diag(steps)
            ],
            axis=1,
        )
        size = np.linalg.norm(slopes, axis=0) + 1e-300
        move = np.linalg.lstsq(slopes / size, -here, rcond=1e-9)[0] / size
        inverse = np.linalg.pinv((slopes / size).T @ (slopes / size), rcond=1e-12)
        of_numbers = inverse / size[:, None] / size
        covariance = of_numbers * (here @ here) / max(len(here) - len(numbers), 1)
        before = loss
        for share in (1.0, 0.5, 0.2, 0.05):
            trial, lower, refitted = _left(corrections, numbers + share * move, law, data)
            if lower < loss:
                numbers, here, loss, law = numbers + share * move, trial, lower, refitted
                break
        if loss > (1 - settled) * before:
            break
    instrument = instrument_of(corrections, numbers, data)
    shown = Shown.measured(ideal_by(law, instrument, data), law.scale)
    left = Left.by(law, loss, shown)
    return Profile(corrections, numbers, covariance * left.inflation, law, left)


def _left(
    corrections: Sequence[AbstractCorrection], numbers: np.ndarray, law: Law, data: Dataset
) -> tuple[Float[np.ndarray, " sample"], float, Law]:
    """What the law leaves of the data with these corrections, refitted to them.

    A blur is taken off by what it does to the law's own answers, and friction by the law's own
    motion, so the refit is repeated.
    """
    instrument = instrument_of(corrections, numbers, data)
    for _ in range(_BLURS if instrument.blur else _RUBS if instrument.friction else 1):
        ideal = ideal_by(law, instrument, data)
        law, loss, there = solve(law, free_of(law), Shown.measured(ideal, law.scale), _STEPS)
        if there is None:
            return np.zeros(data.response.size), np.inf, law
    return there.residuals().ravel(), loss, law  # type: ignore[possibly-undefined]


def ideal_by(law: Law, instrument: Instrument, data: Dataset) -> Dataset:
    """The data as a perfect instrument would have recorded them, as far as `law` knows."""
    in_step, way, answer = replace(data, input=instrument.input(data.input)), None, None
    if instrument.friction is not None:
        way = against(law, Shown.measured(in_step, law.scale), instrument.friction)
    if instrument.blur:
        pushed = replace(data, input=instrument.ideal(data, None, way).input)
        outputs = law.outputs(Shown.measured(pushed, law.scale))
        answer = np.swapaxes(outputs, 0, 1) * law.scale
    return instrument.ideal(data, answer, way)


def free_of(law: Law) -> np.ndarray:
    """All numbers that take part, in whatever basis: those that are zero stay so."""
    free = flat(law) != 0
    free[layout(law).starts] = True
    return free
