"""Constants of a believed law that is not linear in its state, as far as short pieces tell.

All records are cut into short pieces, each with a start of its own: over a few sites a law that is
far from the right one neither runs away nor oscillates past the data. What fits there goes on over
pieces twice as long, and so on. The search begins where all constants are zero, which needs no
unit, and from constants that move answers as far as that is wrong.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from hiddenlaw.believed.driven_constants import constants_of
from hiddenlaw.believed.driven_runs import DrivenRuns
from hiddenlaw.believed.expansion import Expansion
from hiddenlaw.believed.fit import ConstantsProblem, EvaluatedConstants
from hiddenlaw.believed.polynomial_freed import Coefficients, freed
from hiddenlaw.believed.polynomial_law import PolynomialLaw
from hiddenlaw.believed.polynomial_pieces import (
    SETTLED,
    minimised,
    shortest,
    tiled,
    with_starts,
)
from hiddenlaw.errors import TrainingError
from hiddenlaw.holds import Span
from hiddenlaw.preparations import Own
from hiddenlaw.training.curriculum import ROUNDING, lengths

_RANDOM, _SPREAD = 2, (0.5, 2.0)  # beginnings at random, and how far
_WORSE = 4.0  # times the loss over pieces half as long
_FEW = 2  # beginnings that go on over longer pieces
LOST = "no start of the fit survived; is the step of x short enough for this law?"


class Found(NamedTuple):
    """Constants, the loss they leave over pieces of so many sites, and the starts of these."""

    constants: Float[np.ndarray, " p"]
    loss: float
    length: int
    starts: Float[np.ndarray, "piece d"]


class PolynomialSearch:
    """Of the constants of `system`, in records of that span."""

    def __init__(self, system: PolynomialLaw, records: DrivenRuns, span: Span, seed: int) -> None:
        self.system, self.records, self.span = system, records, span
        self.seed, self.rng = seed, np.random.default_rng(seed)
        self.expansion = Expansion.over_polynomial(system, span, records.dx, records.scale)
        self.shown = records.in_pieces().shown(())
        self.varies = records.varies(())

    def found(self) -> list[Found]:
        """The best first, and what each of the best few came from where it got lost on its way.

        Raises `TrainingError` where there is none.
        """
        begun = self._begun() if self.system.affine else self._made()
        ended = [self._longer(each) for each in begun[:_FEW]]
        ended = sorted((each for each in ended if each), key=lambda each: each[0].loss)
        if not ended:
            raise TrainingError(LOST)
        best = ended[0][0].loss
        return _distinct([each for ways in ended if ways[0].loss <= _WORSE * best for each in ways])

    def at(self, constants: dict[str, float]) -> Found:
        """What these constants leave of the longest pieces."""
        values = np.array([constants[name] for name in self.system.constants])
        fit = self._started(self.lengths[-1], values)
        starts = fit.numbers[len(values) :].reshape(-1, self.system.dimension)
        return Found(values, fit.loss, self.lengths[-1], starts)

    @property
    def lengths(self) -> list[int]:
        """Of the pieces."""
        return lengths(self.shown.sites, shortest(self.system.dimension))

    @property
    def first(self) -> int:
        """The length of the pieces of which beginnings are compared."""
        return self.lengths[min(1, len(self.lengths) - 1)]

    def _begun(self) -> list[Found]:
        """Fits over short pieces, the best first, each of them once."""
        found = [self._over(self.first, self.nothing)]
        nearest = self._over(self.lengths[0], self.nothing)
        found.append(self._next(nearest, self.first))
        for spread in np.geomspace(*_SPREAD, _RANDOM):
            away = spread * self.size * self.rng.normal(size=len(self.nothing))
            found.append(self._over(self.first, self.nothing + away))
        return _distinct(found)

    @cached_property
    def nothing(self) -> Float[np.ndarray, " p"]:
        """All constants zero, but for those by which the response is read."""
        reading = self.system.reading
        return np.array([float(name in reading) for name in self.system.constants])

    @cached_property
    def size(self) -> Float[np.ndarray, " p"]:
        """How far each constant goes from there until answers have moved as far as they miss."""
        there = self._started(self.first, self.nothing)
        if not np.isfinite(there.loss):
            return np.ones(len(self.nothing))
        problem = ConstantsProblem(there.problem.expansion, there.problem.shown)
        curvature = np.diag(problem.at(there.numbers).equations().matrix)
        known = curvature > ROUNDING * curvature.max(initial=0.0)
        return np.where(known, np.sqrt(there.loss / np.where(known, curvature, 1.0)), 1.0)

    def _longer(self, found: Found) -> list[Found]:
        """The same fit over the longest pieces, and before that where it came to be much worse.

        There some piece may have lost its way, not the law. Empty where nothing is left.
        """
        kept = []
        for length in self.lengths[self.lengths.index(found.length) + 1 :]:
            longer = self._next(found, length)
            if longer.loss > _WORSE * found.loss:
                kept.append(found)
            if not np.isfinite(longer.loss):
                return kept
            found = longer
        return [found, *kept]

    def _started(self, length: int, constants: Float[np.ndarray, " p"]) -> EvaluatedConstants:
        """The pieces of that length, starts at their best for these constants."""
        shown = tiled(self.shown, length, self.records.hold)
        return with_starts(self.expansion, shown, constants, self.varies)

    def _over(self, length: int, constants: Float[np.ndarray, " p"]) -> Found:
        """The fit over pieces of that length, starts first."""
        return self._fitted(length, self._started(length, constants))

    def _next(self, found: Found, length: int) -> Found:
        """The fit over longer pieces, which start where every second of the shorter ones does."""
        if not np.isfinite(found.loss):
            return found
        runs = self.shown.runs
        starts = found.starts.reshape(runs, -1, self.system.dimension)
        starts = starts[:, ::2][:, : self.shown.sites // length]
        starts = starts.reshape(-1, self.system.dimension)
        template = self.expansion.template.but(preparation=Own(starts))
        shown = tiled(self.shown, length, self.records.hold)
        problem = ConstantsProblem(self.expansion.along(template), shown, frozen=True)
        begun = np.concatenate([found.constants, starts.ravel()])
        return self._fitted(length, minimised(problem, begun, SETTLED))

    def _fitted(self, length: int, begun: EvaluatedConstants) -> Found:
        """Constants and starts, from these starts on."""
        fit, d = begun, self.system.dimension
        if np.isfinite(begun.loss):
            problem = ConstantsProblem(begun.problem.expansion, begun.problem.shown)
            fit = minimised(problem, begun.numbers, SETTLED)
        count = len(self.system.constants)
        return Found(fit.numbers[:count], fit.loss, length, fit.numbers[count:].reshape(-1, d))

    def _made(self) -> list[Found]:
        """Of coefficients that are no sums of constants: first as if each were free."""
        law, places = freed(self.system)
        free = PolynomialSearch(law, self.records, self.span, self.seed)
        best = free.found()[0]
        fit = free._at(best)
        reduced = fit.equations().reduced()
        assert reduced is not None
        made = Coefficients(self.system, self.records.dx)
        begun = constants_of(made, places, best.constants, reduced.matrix, self.rng)
        return _distinct([self._next_of(best, each) for each in begun])

    def _at(self, found: Found) -> EvaluatedConstants:
        """The problem where something was found."""
        template = self.expansion.template.but(preparation=Own(found.starts))
        shown = tiled(self.shown, found.length, self.records.hold)
        problem = ConstantsProblem(self.expansion.along(template), shown)
        return problem.at(np.concatenate([found.constants, found.starts.ravel()]))

    def _next_of(self, found: Found, constants: Float[np.ndarray, " p"]) -> Found:
        """The fit from these constants and the starts that were found."""
        return self._fitted(found.length, self._at(found._replace(constants=constants)))


def _distinct(found: list[Found]) -> list[Found]:
    """The best first, and each fit once."""
    kept: list[Found] = []
    for each in sorted(found, key=lambda each: each.loss):
        if np.isfinite(each.loss) and not any(
            np.allclose(each.constants, other.constants, rtol=1e-2) for other in kept
        ):
            kept.append(each)
    return kept
