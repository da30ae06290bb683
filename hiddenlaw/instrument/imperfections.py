"""Which imperfections of the instrument explain what a plain law leaves.

Each is fitted together with the law: Gauss–Newton in its few numbers, the law being at its best for
every choice of these (a profile). The one that explains most is taken where it at least halves what
is left with each of its numbers; then the others are asked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.instrument import Instrument
from hiddenlaw.instrument._base import CORRECTIONS, AbstractCorrection
from hiddenlaw.instrument.alignment import Alignment
from hiddenlaw.instrument.background import Background
from hiddenlaw.instrument.blur import Blur
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import flat, layout
from hiddenlaw.theory.fits.effective import independence
from hiddenlaw.theory.fits.refit import solve
from hiddenlaw.training.curriculum import ROUNDING

CORRECTIONS.extend([Alignment(), Blur(), Background()])

_HALF = 0.5  # of what is left: what each number has to come down to
_RUNS = 200  # at most: more teach nothing new
_AS_GOOD = 1.05  # times the least loss
_ROUNDS, _STEPS = 8, 10  # of Gauss–Newton, and of the law's own refit in between
_AGAIN = 3  # how often a blur is taken off anew
_STANDS = 1e-3  # of the loss


class _Profile(NamedTuple):
    """A correction at its best: numbers of all corrections so far, the loss, and the law there."""

    corrections: tuple[AbstractCorrection, ...]
    numbers: Float[np.ndarray, " number"]
    covariance: Float[np.ndarray, "number number"]
    loss: float
    law: Law


@dataclass(frozen=True, eq=False)
class Imperfections:
    """What was found of the instrument.

    - `instrument`; `told`: by correction an entry for each channel, as in discovery.json.
    - `share`: what of the plain law's loss is left with it.
    - `law`: the plain law, refitted with the instrument.
    - `spread`: instruments one standard error away along each independent direction.
    """

    instrument: Instrument
    told: dict[str, list[dict[str, Any]]]
    share: float
    law: Law
    spread: tuple[Instrument, ...]

    def ideal(self, data: Dataset) -> Dataset:
        """The data as a perfect instrument would have recorded them."""
        return self._by(self.instrument, data)

    def disturbed(self, data: Dataset) -> tuple[Dataset, ...]:
        """The ideal data, had the instrument been one of `spread`."""
        return tuple(self._by(other, data) for other in self.spread)

    def _by(self, instrument: Instrument, data: Dataset) -> Dataset:
        return instrument.ideal(data, answer_of(self.law, instrument, data))


def imperfections_of(
    law: Law, data: Dataset, corrections: Sequence[AbstractCorrection] | None = None
) -> Imperfections | None:
    """What of the misfit of a plain `law` to `data` is the instrument's; None where nothing is."""
    some = data.select_runs(np.arange(min(data.runs, _RUNS)))
    corrections = CORRECTIONS if corrections is None else corrections
    begun = solve(law, _free(law), Shown.measured(some, law.scale))[1]
    found = [_chosen(plain, some, corrections) for plain in _plainer(law)]
    found = [profile for profile in found if profile.corrections]
    if not found:
        return None
    least = min(profile.loss for profile in found)
    # The plainest first: a readout with more terms may only hide what the instrument does.
    best = next(profile for profile in found if profile.loss <= _AS_GOOD * least)
    return _found(best, some, begun) if best.loss < begun else None


def _chosen(law: Law, some: Dataset, corrections: Sequence[AbstractCorrection]) -> _Profile:
    """The corrections that are worth their numbers, one after another; maybe none."""
    law, loss, _ = solve(law, _free(law), Shown.measured(some, law.scale))
    best, left = _Profile((), np.zeros(0), np.zeros((0, 0)), loss, law), list(corrections)
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
    return best


def _found(best: _Profile, data: Dataset, begun: float) -> Imperfections:
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
    return Imperfections(instrument, told, best.loss / begun, best.law, spread)


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
    instrument = _instrument(corrections, numbers, data)
    shown = Shown.measured(instrument.ideal(data, answer_of(law, instrument, data)), law.scale)
    covariance = covariance * independence(law, shown).inflation
    return _Profile(corrections, numbers, covariance, loss, law)


def _left(
    corrections: Sequence[AbstractCorrection], numbers: np.ndarray, law: Law, data: Dataset
) -> tuple[Float[np.ndarray, " sample"], float, Law]:
    """What the law leaves of the data with these corrections, refitted to them.

    A blur is taken off by what it does to the law's own answers, so the refit is repeated.
    """
    instrument = _instrument(corrections, numbers, data)
    for _ in range(_AGAIN if instrument.blur else 1):
        ideal = instrument.ideal(data, answer_of(law, instrument, data))
        law, loss, there = solve(law, _free(law), Shown.measured(ideal, law.scale), _STEPS)
        if there is None:
            return np.zeros(data.response.size), np.inf, law
    return there.residuals().ravel(), loss, law  # type: ignore[possibly-undefined]


def answer_of(
    law: Law, instrument: Instrument, data: Dataset
) -> Float[np.ndarray, "run site response"] | None:
    """What the law answers to the data in step; None where nobody needs it."""
    if not instrument.blur:
        return None
    in_step = replace(data, input=instrument.input(data.input))
    return np.swapaxes(law.outputs(Shown.measured(in_step, law.scale)), 0, 1) * law.scale


def _free(law: Law) -> np.ndarray:
    """All numbers that take part, in whatever basis: those that are zero stay so."""
    free = flat(law) != 0
    free[layout(law).starts] = True
    return free


def _plainer(law: Law) -> list[Law]:
    """The law read by its first variable alone, where squares are read, then as it is.

    A constant of the readout is the background's in any case.
    """
    names = law.readout.names_of_features(law.dimension)
    if () not in names:
        return [law]
    weights = np.array(law.readout.weights)
    weights[names.index(())] = 0.0
    as_it_is = law.but(readout=law.readout.with_weights(weights))
    if weights.shape[1] > 1:
        return [as_it_is]
    alone = np.zeros_like(weights)
    unit = law.readout.fixed()[1]
    alone[unit] = weights[unit]
    return [law.but(readout=law.readout.with_weights(alone)), as_it_is]
