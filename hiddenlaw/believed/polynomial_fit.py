"""The constants of a believed law that is not linear in its state, fitted to whole records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from hiddenlaw.believed.at_best import AtBest, beyond_starts, differ, known_loss
from hiddenlaw.believed.driven_runs import DrivenRuns
from hiddenlaw.believed.fit import ConstantsProblem, EvaluatedConstants, FittedConstants
from hiddenlaw.believed.polynomial_law import PolynomialLaw
from hiddenlaw.believed.polynomial_pieces import minimised, with_starts
from hiddenlaw.believed.polynomial_search import LOST, Found, PolynomialSearch
from hiddenlaw.cells import PolynomialCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import TrainingError
from hiddenlaw.holds import applied
from hiddenlaw.law import Shown
from hiddenlaw.preparations import Own, Shared
from hiddenlaw.training.jacobian import Part, jacobian_of
from hiddenlaw.training.levenberg_marquardt import TO_THE_END

_STEPS = 60
_STANDS, _ROUNDING = 0.05, 1e-9  # standard errors, and relative: a constant that has not moved
_HARDLY = 1e-9  # damping
_FINEST = 64  # steps a cell
_MORE = 1.25  # times as many sites, at least
_FORETOLD = 2.0  # times the loss over fewer sites


def fit_polynomial(
    system: PolynomialLaw,
    data: Dataset,
    column: int,
    seed: int,
    initial_state: str,
    error: float | None,
    begun: dict[str, float] | None = None,
) -> FittedConstants:
    """Constants and initial states, fitted to the response of that `column`.

    It is searched from `begun` on as well, if that is given.

    `initial_state` is "shared", "per-run" or "auto": then the data decide. `error` is the standard
    error of a sample, if it is known otherwise than by the data. Raises `TrainingError` where no
    start survives.
    """
    records = DrivenRuns.of(system, data, column)
    search = PolynomialSearch(system, records, applied(data.input, data.hold).span, seed)
    known_to = [] if begun is None else [search.at(begun)]
    chosen = _with_starts(_Whole(search, [*search.found(), *known_to]), initial_state)
    known = known_loss(data, column, records.scale, records.weight, error)
    chosen, best, stderr = _finer(chosen, known)
    inflation, _ = best.covariance(known)
    constants = {
        name: (float(chosen.numbers[k]), float(stderr[k]))
        for k, name in enumerate(system.constants)
    }
    return FittedConstants(constants, best.left(data, column), best.numbers, inflation, chosen.own)


@dataclass(frozen=True, eq=False)
class _Whole:
    """Fits to whole records, begun where a search over pieces ended."""

    search: PolynomialSearch
    found: list[Found]

    @property
    def shown(self) -> Shown:
        return self.search.records.shown(())

    def own(self) -> EvaluatedConstants:
        """Each run with a start of its own."""
        ended = [self._lengthened(each) for each in self.found]
        return min(ended, key=lambda each: each.loss)

    def _lengthened(self, found: Found) -> EvaluatedConstants:
        """Over as many sites as the law foretells, and again. Constants move where pieces end."""
        search, shown = self.search, self.shown
        longest, varies = search.shown.sites, search.records.varies(())
        fit = with_starts(search.expansion, shown.first(longest), found.constants, varies)
        while np.isfinite(fit.loss):
            length, fit = self._farther(longest, fit)
            if length == shown.sites:
                problem = ConstantsProblem(fit.problem.expansion, shown)
                return minimised(problem, fit.numbers, TO_THE_END, _STEPS)
            longest = length
        return fit

    def _farther(self, length: int, fit: EvaluatedConstants) -> tuple[int, EvaluatedConstants]:
        """The fit over as many more sites as are foretold about as well as those before."""
        sites, every = self.shown.sites, [round(length * _MORE**k) for k in range(1, 64)]
        longer = [each for each in every if length < each < sites] + [sites]
        problem = fit.problem
        for length in reversed(longer):
            problem = ConstantsProblem(fit.problem.expansion, self.shown.first(length))
            if problem.at(fit.numbers).loss <= _FORETOLD * fit.loss:
                break
        return length, minimised(problem, fit.numbers, TO_THE_END)

    def shared(self, own: EvaluatedConstants) -> EvaluatedConstants:
        """One start for all runs, begun at the mean of theirs and at that of each of a few."""
        expansion, count = self.search.expansion, len(self.search.system.constants)
        starts = own.numbers[count:].reshape(self.shown.runs, -1)
        problem = ConstantsProblem(expansion, self.shown)
        begun = [starts.mean(axis=0), np.median(starts, axis=0), *starts[:4]]
        every = [np.concatenate([own.numbers[:count], start]) for start in begun]
        every.sort(key=lambda numbers: problem.at(numbers).loss)
        return minimised(problem, every[0], TO_THE_END, _STEPS)


def _with_starts(whole: _Whole, initial_state: str) -> EvaluatedConstants:
    """The fit to whole records, with starts as asked for or as the data decide."""
    own = whole.own()
    if not np.isfinite(own.loss):
        raise TrainingError("the law diverges along whole runs; cut them into shorter ones")
    if initial_state == Own.name:
        return own
    shared = whole.shared(own)
    if not np.isfinite(shared.loss):
        if initial_state == Shared.name:
            raise TrainingError(LOST)
        return own
    if initial_state == Shared.name:
        return shared
    return own if differ(_at_best(own), _at_best(shared)) else shared


def _finer(
    fit: EvaluatedConstants, known: float | None
) -> tuple[EvaluatedConstants, AtBest, Float[np.ndarray, " p"]]:
    """The fit with steps so short that shorter ones do not move it, and its standard errors."""
    count = len(fit.problem.expansion.constants)
    while True:
        best = _at_best(fit)
        stderr = np.sqrt(np.maximum(np.diag(best.covariance(known)[1]), 0.0))
        stderr[best.unseen()] = np.inf
        law = fit.problem.expansion.template
        assert isinstance(law.cell, PolynomialCell)
        steps = 2 * law.cell.substeps
        if steps > _FINEST:
            return fit, best, stderr
        expansion = fit.problem.expansion.along(law.but(cell=law.cell.in_steps(steps)))
        problem = ConstantsProblem(expansion, fit.problem.shown)
        there = problem.at(fit.numbers)
        step = there.equations().step(_HARDLY, scaled=True) if np.isfinite(there.loss) else None
        near = np.maximum(_STANDS * stderr[:count], _ROUNDING * np.abs(fit.numbers[:count]))
        if step is None or np.all(np.abs(step[0][:count]) <= near):
            return fit, best, stderr
        fit = minimised(problem, fit.numbers, TO_THE_END)


def _at_best(fit: EvaluatedConstants) -> AtBest:
    assert fit.law is not None
    law, shown = fit.law.law, fit.problem.shown
    steps, starts = law.steps(shown), law.preparation.starts(shown.runs)
    states, root = steps.states(starts), np.sqrt(shown.weight)
    residual = (shown.target - law.readout(states)) * root
    columns = fit.problem.squares.columns
    dense, own, _ = jacobian_of(law, Part(steps, starts, states, root, residual), columns)
    jacobian = dense[:, :, 0] @ fit.slopes[columns.dense]
    if own is not None:
        jacobian = beyond_starts(jacobian, own[:, :, 0])
    return AtBest(law, shown, fit.loss, jacobian, residual[..., 0], own is not None)
