"""The constants of a believed law that inputs drive, fitted to whole records, with their errors."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from hiddenlaw.believed.at_best import differ, known_loss
from hiddenlaw.believed.driven_law import DrivenLaw
from hiddenlaw.believed.driven_problem import DrivenProblem, EvaluatedLaw
from hiddenlaw.believed.driven_runs import DrivenRuns
from hiddenlaw.believed.driven_search import Found, searched
from hiddenlaw.believed.fit import FittedConstants
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import TrainingError
from hiddenlaw.preparations import Own, Shared
from hiddenlaw.training.levenberg_marquardt import levenberg_marquardt

_STEPS = 60
_FEW = 12  # beginnings
_LEAST = 4  # sites for each variable, at least
_EXPLAINS = 0.9  # of the mean square: what leaves less has not diverged


@dataclass(frozen=True)
class DrivenFit(FittedConstants):
    """Beside what any law comes to: how late each channel acts, in sites.

    - `delays`: the constants that are dead times, which are not negative.
    """

    late: tuple[float, ...] = ()
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
    return (
        own if initial_state != Shared.name and differ(own.at_best(), shared.at_best()) else shared
    )


def _minimised(problem: DrivenProblem, first: Float[np.ndarray, " q"]) -> EvaluatedLaw:
    fit = levenberg_marquardt(problem, first, max_steps=_STEPS, scaled=True)
    if not np.isfinite(fit.loss):
        raise TrainingError("the law diverges along whole runs; cut them into shorter ones")
    assert isinstance(fit.last, EvaluatedLaw)
    return fit.last


def _told(chosen: EvaluatedLaw, data: Dataset, column: int, error: float | None) -> DrivenFit:
    """The fit in the units of the data, with its errors."""
    problem, best = chosen.problem, chosen.at_best()
    records, system = problem.records, problem.system
    known = known_loss(data, column, records.scale, records.weight, error)
    inflation, matrix = best.covariance(known)
    stderr = np.sqrt(np.maximum(np.diag(matrix), 0.0))
    stderr[best.unseen()] = np.inf
    delays, count = problem.delays(chosen.numbers), len(system.constants)
    unit = np.concatenate([np.ones(count), np.full(len(delays), data.dx)])
    constants = {
        name: (float(chosen.numbers[k] * unit[k]), float(stderr[k] * unit[k]))
        for k, name in enumerate((*system.constants, *system.delays))
    }
    left, late = best.left(data, column), problem.late(delays)
    return DrivenFit(constants, left, best.numbers, inflation, problem.own, late, system.delays)
