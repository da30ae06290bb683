"""The constants of a believed law that inputs drive, fitted to whole records, with their errors."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int

from hiddenlaw.believed.driven_law import DrivenLaw
from hiddenlaw.believed.driven_problem import DrivenProblem, EvaluatedLaw
from hiddenlaw.believed.driven_runs import DrivenRuns
from hiddenlaw.believed.driven_search import Found, searched
from hiddenlaw.believed.fit import FittedConstants
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import TrainingError
from hiddenlaw.preparations import Own, Shared
from hiddenlaw.theory.fits.effective import grouped, independence, sandwich, stretch_of
from hiddenlaw.theory.fits.uncertainty import covariance, inverse_of
from hiddenlaw.training.curriculum import ROUNDING
from hiddenlaw.training.levenberg_marquardt import levenberg_marquardt

_STEPS = 60
_FEW = 12  # beginnings
_LEAST = 4  # sites for each variable, at least
_EXPLAINS = 0.9  # of the mean square: what leaves less has not diverged
_SELDOM = 1e-3  # the chance of luck, where runs are said to start differently
_FLAT = 1e-13  # of the largest curvature: a direction that the data do not see
_SHARE = 1e-3  # of a constant in such a direction, so that it is not known


@dataclass(frozen=True)
class DrivenFit(FittedConstants):
    """Beside what any law comes to: how late each channel acts, in sites, and where runs start.

    - `own`: whether each run has a start of its own.
    - `delays`: the constants that are dead times, which are not negative.
    """

    late: tuple[float, ...] = ()
    own: bool = False
    delays: tuple[str, ...] = ()

    def least(self, name: str) -> float:
        return 0.0 if name in self.delays else -np.inf


def fit_driven(
    system: DrivenLaw,
    data: Dataset,
    column: int,
    seed: int,
    initial_state: str,
    error: float | None,
) -> DrivenFit:
    """Constants, dead times and initial states, fitted to the response of that `column`.

    `initial_state` is "shared", "per-run" or "auto": then the data decide. `error` is the standard
    error of a sample, if it is known otherwise than by the data. Raises `TrainingError` where no
    start survives.
    """
    records = DrivenRuns.of(system, data, column)
    known = DrivenProblem(system, records, True).late((0.0,) * len(system.delays))
    records = replace(records, blind=records.unseen(known))
    if records.weight[:, records.blind + _LEAST * system.dimension :].sum() < 1:
        raise TrainingError(f"{max(known):g} sites of dead time leave too few of {data.sites}")
    begun = searched(DrivenProblem(system, records, True), seed)
    farthest = DrivenProblem(system, records, True).late(tuple(d + 1 for d in begun[0].delays))
    records = replace(records, blind=records.unseen(farthest))
    first = _best_on_whole(DrivenProblem(system, records, True), begun)
    chosen = _with_starts(system, records, first, initial_state)
    return _told(chosen, data, column, error)


def _best_on_whole(problem: DrivenProblem, begun: list[Found]) -> Float[np.ndarray, " q"]:
    """The best of what pieces told, or, where that is lost along whole records, the next."""
    every = [np.concatenate([each.constants, each.delays]) for each in begun[:_FEW]]
    losses = [problem.at(numbers).loss for numbers in every]
    return every[0] if losses[0] < _EXPLAINS else every[int(np.argmin(losses))]


def _with_starts(
    system: DrivenLaw, records: DrivenRuns, first: Float[np.ndarray, " q"], initial_state: str
) -> EvaluatedLaw:
    """The fit to whole records, with starts as asked for or as the data decide."""
    own = _minimised(DrivenProblem(system, records, True), first)
    if initial_state == Own.name:
        return own
    assert own.law is not None
    starts = own.law.preparation.starts(len(records.target))
    begun = np.concatenate([own.numbers, starts.mean(axis=0)])
    try:
        shared = _minimised(DrivenProblem(system, records, False), begun)
    except TrainingError:
        if initial_state == Shared.name:
            raise
        return own
    return own if initial_state != Shared.name and _differ(own, shared) else shared


def _minimised(problem: DrivenProblem, first: Float[np.ndarray, " q"]) -> EvaluatedLaw:
    fit = levenberg_marquardt(problem, first, max_steps=_STEPS, scaled=True)
    if not np.isfinite(fit.loss):
        raise TrainingError("the law diverges along whole runs; cut them into shorter ones")
    assert isinstance(fit.last, EvaluatedLaw)
    return fit.last


def _differ(own: EvaluatedLaw, shared: EvaluatedLaw) -> bool:
    """Whether runs start differently, beyond luck: by an F-test of effective samples."""
    from scipy.stats import f

    assert own.law is not None and own.shown is not None  # noqa: PT018
    runs, d = own.shown.runs, own.law.dimension
    more = (runs - 1) * d
    samples = own.shown.samples / independence(own.law, own.shown).inflation
    freedom = samples - len(own.numbers) - runs * d
    if not more or freedom < 1:
        return False
    left = max(own.loss, ROUNDING)
    gain = max(shared.loss - left, 0.0) / more / (left / freedom)
    return bool(f.sf(gain, more, freedom) < _SELDOM)


def _told(chosen: EvaluatedLaw, data: Dataset, column: int, error: float | None) -> DrivenFit:
    """The fit in the units of the data, with its errors."""
    problem, law, shown = chosen.problem, chosen.law, chosen.shown
    assert law is not None and shown is not None  # noqa: PT018
    inflation, matrix = _covariance(chosen, _known(data, column, problem.records, error))
    system, count = problem.system, len(problem.system.constants)
    stderr = np.sqrt(np.maximum(np.diag(matrix), 0.0))
    stderr[_unseen(chosen)] = np.inf
    delays = problem.delays(chosen.numbers)
    unit = np.concatenate([np.ones(count), np.full(len(delays), data.dx)])
    constants = {
        name: (float(chosen.numbers[k] * unit[k]), float(stderr[k] * unit[k]))
        for k, name in enumerate((*system.constants, *system.delays))
    }
    answer = law.outputs(shown)[:, :, 0].T * problem.records.scale
    counted = (shown.weight[..., 0] > 0).T
    residuals = np.where(counted, data.response[:, :, column] - answer, np.nan)
    numbers = _numbers(chosen)
    late = problem.late(delays)
    return DrivenFit(constants, residuals, numbers, inflation, late, problem.own, system.delays)


def _numbers(chosen: EvaluatedLaw) -> int:
    """How many numbers were fitted in all."""
    assert chosen.shown is not None
    starts = chosen.shown.runs * chosen.problem.system.dimension if chosen.problem.own else 0
    return len(chosen.numbers) + starts


def _covariance(
    chosen: EvaluatedLaw, known: float | None
) -> tuple[float, Float[np.ndarray, "q q"]]:
    """How many samples count as one, and the covariance of what is fitted."""
    law, shown, count = chosen.law, chosen.shown, len(chosen.numbers)
    assert law is not None and shown is not None  # noqa: PT018
    matrix, free = chosen.equations().matrix, np.ones(count, bool)
    found = covariance(matrix, chosen.loss, shown.total, 1, free, known, _numbers(chosen))
    if chosen.loss <= ROUNDING:
        return 1.0, found
    remembered = independence(law, shown)
    if remembered.plain or not count:
        return remembered.inflation, found
    each = -np.swapaxes(chosen.jacobian * chosen.residuals[..., None], 0, 1)
    firsts = np.arange(0, each.shape[1], stretch_of(shown, remembered.inflation))
    scores = grouped(np.add.reduceat(each, firsts, axis=1) / shown.total, shown)
    return remembered.inflation, sandwich(inverse_of(matrix, free), scores, found)


def _known(data: Dataset, column: int, records: DrivenRuns, error: float | None) -> float | None:
    """The loss that the errors of the samples alone would make, if they are known."""
    if error is not None:
        return (error / records.scale) ** 2
    if data.response_error is None:
        return None
    there = records.weight > 0
    square = np.where(there, data.response_error[:, :, column], 0.0) ** 2
    return float(np.sum(square * records.weight) / np.sum(records.weight)) / records.scale**2


def _unseen(chosen: EvaluatedLaw) -> Int[np.ndarray, " k"]:
    """Which numbers the data do not fix: only some sum or product of them shows."""
    matrix = chosen.equations().matrix
    if not len(matrix):
        return np.zeros(0, int)
    scale = np.sqrt(np.maximum(np.diag(matrix), 1e-300))
    values, vectors = np.linalg.eigh(matrix / scale[:, None] / scale)
    flat = vectors[:, values <= _FLAT * max(values[-1], 1e-300)]
    return np.flatnonzero((np.abs(flat) > _SHARE).any(axis=1))
