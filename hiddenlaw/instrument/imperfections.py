"""Which imperfections of the instrument explain what a plain law leaves.

Each is fitted together with the law: Gauss–Newton in its few numbers, the law being at its best for
every choice of these (a profile). Of those that explain enough for their numbers (by default each
halves what is left) the one that explains most is taken; then the others are asked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hiddenlaw.cells import AbstractGeneratorCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import measured_at
from hiddenlaw.data.instrument import Instrument
from hiddenlaw.data.records import Records
from hiddenlaw.instrument._base import CORRECTIONS, AbstractCorrection, Left
from hiddenlaw.instrument.alignment import Alignment
from hiddenlaw.instrument.background import Background
from hiddenlaw.instrument.blur import Blur
from hiddenlaw.instrument.friction import Friction
from hiddenlaw.instrument.profile import Profile, free_of, ideal_by, instrument_of, profile_of
from hiddenlaw.law import Law, Shown
from hiddenlaw.theory.fits.refit import solve
from hiddenlaw.theory.friction import started
from hiddenlaw.training.curriculum import ROUNDING

CORRECTIONS.extend([Alignment(), Blur(), Background(), Friction(0), Friction(1)])

_RUNS = 200  # at most: more teach nothing new
_AS_GOOD = 1.05  # times the least loss
_HARDLY = 1e-9  # of a law's largest number: free to be any


@dataclass(frozen=True, eq=False)
class Imperfections:
    """What was found of the instrument.

    - `instrument`; `told`: by correction an entry for each channel, as in discovery.json.
    - `share`: what of the plain law's loss is left with it.
    - `law`: the plain law, refitted with the instrument.
    - `spread`: instruments one standard error away along each independent direction.
    - `hold`, `dead_time`: how the input acts, as was known when they were found.
    - `context`: how many samples of a run are looked at to find where it starts.
    """

    instrument: Instrument
    told: dict[str, list[dict[str, Any]]]
    share: float
    law: Law
    spread: tuple[Instrument, ...]
    hold: str
    dead_time: tuple[float, ...] = ()
    context: int | None = None

    def ideal(self, data: Dataset) -> Dataset:
        """The data as a perfect instrument would have recorded them."""
        return self._by(self.instrument, data)

    def disturbed(self, data: Dataset) -> tuple[Dataset, ...]:
        """The ideal data, had the instrument been one of `spread`."""
        return tuple(self._by(other, data) for other in self.spread)

    @property
    def friction_alone(self) -> bool:
        """Whether all that was found is friction, which can be taken off whole records."""
        return set(self.told) == {Friction.name}

    def ideal_records(self, records: Records) -> Records:
        """Records without the friction, if that is all."""
        return self._records_by(self.instrument, records)

    def disturbed_records(self, records: Records) -> tuple[Records, ...]:
        """The same, had the instrument been one of `spread`."""
        return tuple(self._records_by(other, records) for other in self.spread)

    def _records_by(self, instrument: Instrument, records: Records) -> Records:
        """The motion is that along the whole records, from where their beginning says."""
        looked_at = replace(self, context=records.context)
        return records.driven_by(looked_at._by(instrument, records.whole).input)

    def _by(self, instrument: Instrument, data: Dataset) -> Dataset:
        seen = replace(data, hold=self.hold, dead_time=self.dead_time, allow_missing=True)
        ideal = ideal_by(self._along(instrument, seen), instrument, seen)
        return replace(data, input=ideal.input, response=ideal.response)

    def _along(self, instrument: Instrument, data: Dataset) -> Law:
        """The law with the starts of these runs, where their motion is asked for."""
        preparation = self.law.preparation
        if instrument.friction is None or not preparation.per_run:
            return self.law
        given = measured_at(data, preparation.given(data, self.context))
        return started(self.law, Shown.measured(given, self.law.scale), instrument.friction)


def imperfections_of(
    law: Law,
    data: Dataset,
    corrections: Sequence[AbstractCorrection] | None = None,
    context: int | None = None,
) -> Imperfections | None:
    """What of the misfit of a plain `law` to `data` is the instrument's; None where nothing is.

    `context` samples of a run are looked at to find where it starts, where they start apart.
    """
    some = data.select_runs(np.arange(min(data.runs, _RUNS)))
    corrections = CORRECTIONS if corrections is None else corrections
    begun = solve(law, free_of(law), Shown.measured(some, law.scale))[1]
    found = [_chosen(plain, some, corrections) for plain in (*_plainer(law), *_fuller(law))]
    found = [profile for profile in found if profile.corrections]
    if not found:
        return None
    least = min(profile.loss for profile in found)
    # The plainest first: what has more terms may only hide what the instrument does.
    best = next(profile for profile in found if profile.loss <= _AS_GOOD * least)
    return _found(best, some, begun, context) if best.loss < begun else None


def _chosen(law: Law, some: Dataset, corrections: Sequence[AbstractCorrection]) -> Profile:
    """The corrections that are worth their numbers, one after another; maybe none."""
    shown, left = Shown.measured(some, law.scale), list(corrections)
    law, loss, _ = solve(law, free_of(law), shown)
    best = Profile((), np.zeros(0), np.zeros((0, 0)), law, Left.by(law, loss, shown))
    while left and best.loss > ROUNDING and (best.left.inflation > 1 or not best.corrections):
        trials = [trial for each in left if (trial := _with(best, each, some)) is not None]
        worth = [trial for trial in trials if _is_worth(trial, best)]
        if not worth:
            break
        best = _finer(min(worth, key=lambda trial: trial.loss), best, some)
        left = [each for each in left if each.name != best.corrections[-1].name]
    return best


def _finer(found: Profile, before: Profile, some: Dataset) -> Profile:
    """With the last correction told more finely, where that explains more (by Akaike, IEEE Trans.
    Autom. Control 19, 716 (1974): errors of what is told count what is not).
    """
    correction = found.corrections[-1].finer()
    trial = None if correction is None else _with(before, correction, some)
    if trial is None:
        return found
    more = len(trial.numbers) - len(found.numbers)
    gained = found.left.samples * np.log(found.loss / trial.loss)
    return trial if gained > 2 * more else found


def _is_worth(trial: Profile, best: Profile) -> bool:
    """Whether the last of its corrections explains enough."""
    more = len(trial.numbers) - len(best.numbers)
    return trial.corrections[-1].worth(best.left, trial.left, more)


def _found(best: Profile, data: Dataset, begun: float, context: int | None) -> Imperfections:
    told, at = {}, 0
    errors = np.sqrt(np.maximum(np.diag(best.covariance), 0.0))
    for correction in best.corrections:
        mine = slice(at, at + len(correction.steps(data)))
        told[correction.name] = correction.told(best.numbers[mine], errors[mine], data)
        at = mine.stop
    values, axes = np.linalg.eigh(best.covariance)
    away = (axes * np.sqrt(np.maximum(values, 0.0))).T
    spread = tuple(instrument_of(best.corrections, best.numbers + each, data) for each in away)
    instrument = instrument_of(best.corrections, best.numbers, data)
    left = best.loss / begun
    kept = data.hold, data.dead_time, context
    return Imperfections(instrument, told, left, best.law, spread, *kept)


def _with(best: Profile, correction: AbstractCorrection, data: Dataset) -> Profile | None:
    """The best profile with one correction more, from whichever of its starts is better."""
    corrections = (*best.corrections, correction)
    trials = []
    for start in correction.starts(best.law, data):
        numbers = np.concatenate([best.numbers, start])
        trials.append(profile_of(corrections, numbers, best.law, data))
    finite = [trial for trial in trials if np.isfinite(trial.loss)]
    return min(finite, key=lambda trial: trial.loss) if finite else None


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


def _fuller(law: Law) -> list[Law]:
    """The plainer laws with the first variable times 1 and times each input in the last equation.

    Beside a misfit that is the instrument's no term of these may have seemed worth its number.
    """
    cell = law.cell
    if not isinstance(cell, AbstractGeneratorCell):
        return []
    matrices = np.array(cell.matrices)
    low = [k for k, exponents in enumerate(cell.monomials.exponents) if sum(exponents) <= 1]
    missing = [k for k in low if matrices[k, -1, 0] == 0]
    if not missing:
        return []
    matrices[missing, -1, 0] = _HARDLY * np.abs(matrices).max()
    return _plainer(law.but(cell=cell.with_matrices(matrices)))
