"""Which imperfections of the instrument explain what a plain law leaves.

Each is fitted together with the law: Gauss–Newton in its few numbers, the law being at its best for
every choice of these (a profile). The one that explains most is taken where it at least halves what
is left with each of its numbers; then the others are asked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.instrument import Instrument
from hiddenlaw.instrument._base import CORRECTIONS, AbstractCorrection
from hiddenlaw.instrument.alignment import Alignment
from hiddenlaw.instrument.background import Background
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import flat, layout
from hiddenlaw.readouts import Quadratic
from hiddenlaw.theory.fits.effective import independence
from hiddenlaw.theory.fits.refit import solve
from hiddenlaw.training.curriculum import ROUNDING

CORRECTIONS.extend([Alignment(), Background()])

_HALF = 0.5  # of what is left: what each number has to come down to
_RUNS = 200  # at most: more teach nothing new
_ROUNDS, _STEPS = 8, 10  # of Gauss–Newton, and of the law's own refit in between
_STANDS = 1e-3  # of the loss


class _Profile(NamedTuple):
    """A correction at its best: numbers of all corrections so far, the loss, and the law there."""

    corrections: tuple[AbstractCorrection, ...]
    numbers: Float[np.ndarray, " number"]
    covariance: Float[np.ndarray, "number number"]
    loss: float
    law: Law


@dataclass(frozen=True, eq=False)
class Asked:
    """What was found of the instrument.

    - `instrument`; `told`: by correction an entry for each channel, as in discovery.json.
    - `shares`: what of the plain law's loss is left with it.
    - `spread`: instruments one standard error away along each independent direction.
    """

    instrument: Instrument
    told: dict[str, list[dict[str, Any]]]
    share: float
    spread: tuple[Instrument, ...]

    def disturbed(self, recorded: Dataset, ideal: Dataset) -> tuple[Dataset, ...]:
        """The `ideal` data, had the instrument been one of `spread`; same runs and same gaps."""
        return tuple(other.ideal(recorded) for other in self.spread)


def asked(
    law: Law, data: Dataset, corrections: Sequence[AbstractCorrection] | None = None
) -> Asked | None:
    """What of the misfit of a plain `law` to `data` is the instrument's; None where nothing is."""
    some = data.select_runs(np.arange(min(data.runs, _RUNS)))
    law = _without_constant(law)
    law, loss, _ = solve(law, _free(law), Shown.measured(some, law.scale))
    nothing = np.zeros(0)
    best, begun = _Profile((), nothing, np.zeros((0, 0)), loss, law), loss
    left = list(CORRECTIONS if corrections is None else corrections)
    while left and best.loss > ROUNDING:
        trials = [trial for each in left if (trial := _with(best, each, some)) is not None]
        if not trials:
            break
        found = min(trials, key=lambda trial: trial.loss)
        more = len(found.numbers) - len(best.numbers)
        if not found.loss <= _HALF**more * best.loss:
            break
        left.remove(found.corrections[-1])
        best = found
    if not best.corrections:
        return None
    return _asked(best, some, begun)


def _asked(best: _Profile, data: Dataset, begun: float) -> Asked:
    told, at = {}, 0
    errors = np.sqrt(np.maximum(np.diag(best.covariance), 0.0))
    for correction in best.corrections:
        mine = slice(at, at + len(correction.steps(data)))
        told[correction.name] = correction.told(best.numbers[mine], errors[mine], data)
        at = mine.stop
    values, axes = np.linalg.eigh(best.covariance)
    away = (axes * np.sqrt(np.maximum(values, 0.0))).T
    spread = tuple(_instrument(best.corrections, best.numbers + each, data) for each in away)
    instrument = _instrument(best.corrections, best.numbers, data)
    return Asked(instrument, told, best.loss / begun, spread)


def _instrument(
    corrections: Sequence[AbstractCorrection], numbers: np.ndarray, data: Dataset
) -> Instrument:
    made, at = Instrument(), 0
    for correction in corrections:
        count = len(correction.steps(data))
        made = correction.joined(made, numbers[at : at + count])
        at += count
    return made


def _with(best: _Profile, correction: AbstractCorrection, data: Dataset) -> _Profile | None:
    """The best profile with one correction more, from whichever of its starts is better."""
    corrections = (*best.corrections, correction)
    trials = []
    for start in correction.starts(best.law, data):
        numbers = np.concatenate([best.numbers, start])
        trials.append(_profile(corrections, numbers, best.law, data))
    finite = [trial for trial in trials if np.isfinite(trial.loss)]
    return min(finite, key=lambda trial: trial.loss) if finite else None


def _profile(
    corrections: tuple[AbstractCorrection, ...],
    numbers: Float[np.ndarray, " number"],
    law: Law,
    data: Dataset,
) -> _Profile:
    """Gauss–Newton in the numbers of the corrections, the law at its best for each."""
    steps = np.concatenate([correction.steps(data) for correction in corrections])
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
        if loss > (1 - _STANDS) * before:
            break
    shown = Shown.measured(_instrument(corrections, numbers, data).ideal(data), law.scale)
    covariance = covariance * independence(law, shown).inflation
    return _Profile(corrections, numbers, covariance, loss, law)


def _left(
    corrections: Sequence[AbstractCorrection], numbers: np.ndarray, law: Law, data: Dataset
) -> tuple[Float[np.ndarray, " sample"], float, Law]:
    """What the law leaves of the data with these corrections, refitted to them."""
    shown = Shown.measured(_instrument(corrections, numbers, data).ideal(data), law.scale)
    law, loss, there = solve(law, _free(law), shown, _STEPS)
    if there is None:
        return np.zeros(shown.target.size), np.inf, law
    return there.residuals().ravel(), loss, law


def _free(law: Law) -> np.ndarray:
    """All numbers that take part, in whatever basis: those that are zero stay so."""
    free = flat(law) != 0
    free[layout(law).starts] = True
    return free


def _without_constant(law: Law) -> Law:
    """Where the readout has a constant that is the background's."""
    if not isinstance(law.readout, Quadratic):
        return law
    weights = np.array(law.readout.weights)
    weights[law.readout.constant_row] = 0.0
    return law.but(readout=law.readout.with_weights(weights))
