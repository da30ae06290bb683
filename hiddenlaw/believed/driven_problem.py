"""The misfit of a believed law that inputs drive, as a function of its constants.

What is fitted is one vector: the constants, then the dead times in sites, then the initial state
where all runs share it. Where each run has its own it is at its best for the others, by linear
least squares, and derivatives are projected on what no start can take back.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

from hiddenlaw.believed.at_best import AtBest, beyond_starts
from hiddenlaw.believed.driven_law import DrivenLaw
from hiddenlaw.believed.driven_runs import DrivenRuns
from hiddenlaw.believed.expansion import evaluate
from hiddenlaw.cells import DrivenCell
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import Own, Shared
from hiddenlaw.readouts import Linear
from hiddenlaw.training.best_starts import best_starts
from hiddenlaw.training.normal_equations import NormalEquations

_MOVED = 1e-3  # sites: how far a dead time is moved to see what that does
_STIFFEST = 16.0  # rates a site for which the cell's exponential is exact
_KEPT = 4  # inputs that were made late


@dataclass(eq=False)
class DrivenProblem:
    """For `levenberg_marquardt`.

    - `own`: whether each run has a start of its own.
    - `fixed`: the dead times in sites, where they are not fitted.
    """

    system: DrivenLaw
    records: DrivenRuns
    own: bool
    fixed: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        self._shown: dict[tuple[float, ...], Shown] = {}

    @property
    def size(self) -> int:
        """How many numbers are fitted."""
        delays = 0 if self.fixed is not None else len(self.system.delays)
        starts = 0 if self.own else self.system.dimension
        return len(self.system.constants) + delays + starts

    @property
    def names(self) -> tuple[str, ...]:
        """The constants."""
        return self.system.constants

    @property
    def dx(self) -> float:
        return self.records.dx

    def delays(self, numbers: Float[np.ndarray, " q"]) -> tuple[float, ...]:
        """The dead times that are constants, in sites."""
        if self.fixed is not None:
            return self.fixed
        first = len(self.system.constants)
        return tuple(map(float, numbers[first : first + len(self.system.delays)]))

    def late(self, delays: tuple[float, ...]) -> tuple[float, ...]:
        """How many sites late each channel is."""
        names, dx = self.system.delays, self.records.dx
        return tuple(
            delays[names.index(each.late)] if isinstance(each.late, str) else each.late / dx
            for each in self.system.channels
        )

    def shown(self, delays: tuple[float, ...]) -> Shown:
        if delays not in self._shown:
            while len(self._shown) >= _KEPT:
                self._shown.pop(next(iter(self._shown)))
            self._shown[delays] = self.records.shown(self.late(delays))
        return self._shown[delays]

    @property
    def units(self) -> Float[np.ndarray, " k"]:
        """Of the last row: what a coefficient is multiplied by, so that it counts by the site."""
        return self._units

    @cached_property
    def _units(self) -> Float[np.ndarray, " k"]:
        records, n = self.records, self.system.dimension
        state = records.dx ** (n - np.arange(n))
        push = records.dx**n / records.scale
        return np.concatenate([state, push * records.size, [push]])

    @cached_property
    def reads(self) -> Float[np.ndarray, " d"]:
        """The same of the weights of the readout."""
        return self.records.dx ** -np.arange(self.system.dimension, dtype=float)

    def coefficients(self, constants: Float[np.ndarray, " p"]) -> Float[np.ndarray, " k"]:
        """The last row and the weights, in units of order one."""
        if self.system.affine:
            return self._rest + self._straight @ constants
        return self._walked(constants)

    def slopes(self, constants: Float[np.ndarray, " p"]) -> Float[np.ndarray, "k p"]:
        """∂(last row and weights)/∂(constants)."""
        return self._straight if self.system.affine else self._walked_slopes(constants)

    @cached_property
    def _rest(self) -> Float[np.ndarray, " k"]:
        return self._walked(np.zeros(len(self.system.constants)))

    @cached_property
    def _straight(self) -> Float[np.ndarray, "k p"]:
        return self._walked_slopes(np.zeros(len(self.system.constants)))

    def _walked(self, constants: Float[np.ndarray, " p"]) -> Float[np.ndarray, " k"]:
        values = self._values(constants)
        every = (*self.system.row, *self.system.weights)
        found = np.array([evaluate(each, values) for each in every], float)
        return found * np.concatenate([self.units, self.reads])

    def _walked_slopes(self, constants: Float[np.ndarray, " p"]) -> Float[np.ndarray, "k p"]:
        values = self._values(constants)
        units = np.concatenate([self.units, self.reads])
        found = np.zeros((len(units), len(self.system.constants)))
        for place, index, slope in self.system.slopes:
            found[place, index] = evaluate(slope, values) * units[place]
        return found

    def _values(self, constants: Float[np.ndarray, " p"]) -> dict[str, np.float64]:
        return dict(zip(self.system.constants, constants, strict=True))

    def law(self, numbers: Float[np.ndarray, " q"], runs: int) -> Law:
        """The law of these numbers; starts of the runs' own are zero."""
        n, count = self.system.dimension, len(self.system.constants)
        every = self.coefficients(numbers[:count])
        rates = np.eye(n, len(self.units), 1)
        rates[-1] = every[: len(self.units)]
        varies = self.records.varies(self.late(self.delays(numbers)))
        cell = DrivenCell(rates, np.zeros(len(self.records.size)), self.records.size, varies)
        readout = Linear(every[len(self.units) :, None], np.zeros(0))
        start = Own(np.zeros((runs, n))) if self.own else Shared(numbers[self.size - n : self.size])
        return Law(start, cell, readout, np.array([self.records.scale]))

    def at(self, numbers: Float[np.ndarray, " q"]) -> EvaluatedLaw:
        delays, most = self.delays(numbers), self.records.most
        if not all(0 <= each <= most for each in delays):
            return EvaluatedLaw(self, numbers, np.inf)
        shown = self.shown(delays)
        law = self.law(numbers, shown.runs)
        rates, weights = np.asarray(law.cell.parameters), np.asarray(law.readout.weights)
        if not (np.isfinite(rates).all() and np.isfinite(weights).all()):
            return EvaluatedLaw(self, numbers, np.inf)
        poles = np.linalg.eigvals(rates.reshape(law.dimension, -1)[:, : law.dimension])
        if np.abs(poles).max() > _STIFFEST:
            return EvaluatedLaw(self, numbers, np.inf)
        with np.errstate(over="ignore", invalid="ignore"):
            law = best_starts(law, shown) if self.own else law
            loss = law.loss(shown)
        return EvaluatedLaw(self, numbers, loss if np.isfinite(loss) else np.inf, law, shown)


@dataclass(eq=False)
class EvaluatedLaw:
    """The problem at some numbers; `law` is None where there is none of these."""

    problem: DrivenProblem
    numbers: Float[np.ndarray, " q"]
    loss: float
    law: Law | None = None
    shown: Shown | None = None

    def equations(self) -> NormalEquations:
        """Half the gradient, and JᵀJ."""
        slopes, left = self.jacobian, self.residuals
        assert self.shown is not None
        every, total = np.arange(slopes.shape[2]), self.shown.total
        gradient = -np.einsum("srq,sr->q", slopes, left) / total
        matrix = np.einsum("srp,srq->pq", slopes, slopes, optimize=True) / total
        return NormalEquations(len(every), every, gradient, matrix)

    def at_best(self) -> AtBest:
        """Of a fit that ended here."""
        assert self.law is not None and self.shown is not None  # noqa: PT018
        own = self.problem.own
        return AtBest(self.law, self.shown, self.loss, self.jacobian, self.residuals, own)

    @cached_property
    def residuals(self) -> Float[np.ndarray, "site run"]:
        """What is left, times the roots of the weights."""
        assert self.law is not None and self.shown is not None  # noqa: PT018
        left = self.shown.target - self.law.outputs(self.shown)
        return (left * np.sqrt(self.shown.weight))[..., 0]

    @cached_property
    def jacobian(self) -> Float[np.ndarray, "site run q"]:
        """How answers move with the numbers, times the roots of the weights."""
        law, shown, problem = self.law, self.shown, self.problem
        assert law is not None and shown is not None  # noqa: PT018
        n, units, steps = law.dimension, len(problem.units), law.steps(shown)
        start, last = law.preparation.starts(shown.runs), np.arange((n - 1) * units, n * units)
        initial = np.broadcast_to(np.eye(n), (shown.runs, n, n))
        states = steps.states(start)
        moved = steps.sensitivities(start, states, initial, last)
        weights = np.asarray(law.readout.weights)[:, 0]
        seen = np.einsum("d,srdq->srq", weights, moved, optimize=True)
        slopes = problem.slopes(self.numbers[: len(problem.system.constants)])
        found = [seen[..., :units] @ slopes[:units] + states @ slopes[units:]]
        if problem.fixed is None:
            found += [self._by_delay(k)[..., None] for k in range(len(problem.system.delays))]
        root = np.sqrt(shown.weight)
        of_starts = seen[..., units:] * root
        if not problem.own:
            return np.concatenate([*(part * root for part in found), of_starts], axis=2)
        return beyond_starts(np.concatenate(found, axis=2) * root, of_starts)

    def _by_delay(self, which: int) -> Float[np.ndarray, "site run"]:
        """How answers move with a dead time, starts being left as they are."""
        problem, law = self.problem, self.law
        assert law is not None
        delays, answers, moved = problem.delays(self.numbers), [], []
        for step in (-_MOVED, _MOVED):
            there = list(delays)
            there[which] = max(there[which] + step, 0.0)
            late = tuple(there)
            varies = problem.records.varies(problem.late(late))
            cell = law.cell
            assert isinstance(cell, DrivenCell)
            cell = DrivenCell(cell.rates, cell.offset, cell.scale, varies)
            answers.append(law.but(cell=cell).outputs(problem.shown(late))[..., 0])
            moved.append(there[which])
        return (answers[1] - answers[0]) / (moved[1] - moved[0])
