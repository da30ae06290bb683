"""The final refit: the distilled theory as a complete model of the measured response.

Twice, both started from the distilled values and by Levenberg–Marquardt on all training runs:

- `free_refit`: any numbers for the terms on offer (1, V, V²), any readout of the class. Nothing is
  presumed about the basis; Born's rule is read off here.
- `pruned_refit`: in a gauge, where every number is a coefficient of an equation. Terms that are
  indistinguishable from zero are removed one after another by an information criterion, each time
  with a refit. Statistics are done here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import Mask, filled, flat, free_but_constants, layout
from hiddenlaw.theory.fits.effective import INDEPENDENT, Independence, grouped, sandwich, stretch_of
from hiddenlaw.theory.fits.uncertainty import (
    covariance,
    information,
    inverse_of,
    multiplicity,
    tells,
)
from hiddenlaw.training.curriculum import ROUNDING
from hiddenlaw.training.least_squares import Evaluated, LeastSquares
from hiddenlaw.training.levenberg_marquardt import levenberg_marquardt
from hiddenlaw.training.normal_equations import Reduced

_STEPS = 40
ROUNDS = 6  # of the free refit, at most


@dataclass(frozen=True, eq=False)
class Fitted:
    """A law at its optimum over the numbers that are free, with their covariance.

    - `free`: over all numbers of the law (`hiddenlaw.parameters`); `dense`: places of those that
      all runs share, and `covariance` theirs, zero where they are not free.
    - `constants_stderr` (run, c): standard errors of the runs' constants, if these are free.
    - `loss`: relative to the variance of the response, infinite where the law overflows.
    - `score`: the information criterion with what the choice of the terms costs.
    """

    law: Law
    free: Mask
    dense: Int[np.ndarray, " q"]
    covariance: Float[np.ndarray, "q q"]
    constants_stderr: Float[np.ndarray, "run c"] | None
    loss: float
    score: float = np.inf

    def stderr(self, places: slice | Int[np.ndarray, " k"]) -> Float[np.ndarray, " k"]:
        """The standard errors of these numbers; 0 of what is not free."""
        chosen = np.arange(len(self.free))[places]
        every = np.zeros(len(self.free))
        every[self.dense] = np.sqrt(np.maximum(np.diag(self.covariance), 0.0))
        return every[chosen]

    def covariance_of(self, places: Int[np.ndarray, " k"]) -> Float[np.ndarray, "k k"]:
        """The covariance of these numbers, which all runs share; 0 if the fit came to nothing."""
        if not self.dense.size:
            return np.zeros((len(places), len(places)))
        at = {int(place): i for i, place in enumerate(self.dense)}
        rows = [at[int(place)] for place in places]
        return self.covariance[np.ix_(rows, rows)]

    @property
    def parameters(self) -> int:
        """Constants of the law: what is free but for starts and the runs' own numbers."""
        place = layout(self.law)
        counted = place.mask(cell=True, inner=True, weights=True)
        return int((self.free & counted).sum())


@dataclass(frozen=True)
class Data:
    """What laws are refitted to.

    - `known`: the loss that the errors of the measurement alone would make, if they are known.
    - `floor`: a loss below which nothing is measured (rounding, or the error of the cells).
    - `independence`: what the residuals say of one another.
    - `reached`: what a translator leaves of the same data; 0 where that is not known.
    - `basis`: how many of a law's free numbers say nothing but which basis it is in; None where
      that is not known.
    """

    shown: Shown
    known: float | None = None
    floor: float = ROUNDING
    independence: Independence = INDEPENDENT
    reached: float = 0.0
    basis: int | None = None

    @property
    def noise(self) -> float:
        """The least loss that counts as a measurement."""
        return max(self.known or 0.0, self.floor)

    @property
    def samples(self) -> float:
        """How many samples say something of their own."""
        return max(self.shown.samples / self.independence.inflation, 2.0)

    def information(self, loss: float, numbers: int) -> float:
        return information(loss, self.samples, numbers, self.floor)


def free_refit(
    law: Law, shown: Shown, *, constants: bool = False, rounds: int = ROUNDS
) -> tuple[Law, float]:
    """Refits with nothing held fixed but the runs' constants, as long as each halves the loss.

    The loss may be infinite; then the law comes back as it was.
    """
    free = free_but_constants(law)
    free[layout(law).constants] = constants
    refitted, before = law, np.inf
    for _ in range(rounds):
        trial, loss, _ = solve(refitted, free, shown)
        if not np.isfinite(loss) or loss > before:
            break
        refitted, last = trial, before
        before = loss
        if loss > last / 2 or loss < ROUNDING:
            break
    return refitted, before


def solve(
    law: Law, free: Mask, shown: Shown, steps: int = _STEPS
) -> tuple[Law, float, Evaluated | None]:
    """The optimum over the numbers that are free, its loss, and the problem there.

    None where the law overflows. Where runs have numbers of their own each number is damped in its
    own units.
    """
    problem = LeastSquares(law, shown, free)
    scaled = law.preparation.per_run
    found = levenberg_marquardt(problem, flat(law), max_steps=steps, scaled=scaled)
    if not np.isfinite(found.loss):
        return law, np.inf, None
    assert isinstance(found.last, Evaluated)
    return filled(law, found.numbers), found.loss, found.last


def pruned_refit(law: Law, free: Mask, prunable: Mask, data: Data) -> Fitted:
    """Refit the `free` numbers, drop those of the `prunable` that the data do not ask for.

    First all whose Wald statistic is below the criterion's own threshold √ln N are dropped
    together, then one at a time, weakest first, as long as the criterion falls. What is dropped is
    zero and stays zero.
    """
    threshold = np.sqrt(np.log(data.samples))
    on_offer = int((prunable & free).sum())
    current = fitted(law, free, prunable, on_offer, data)
    together = True
    while np.isfinite(current.loss) and (prunable & current.free).any():
        candidates, strength = _strengths(current, prunable)
        weak = candidates[strength < threshold]
        drop = weak if together and len(weak) else weakest(current, prunable)
        fewer = current.free.copy()
        fewer[drop] = False
        trial = fitted(without(current.law, drop), fewer, prunable, on_offer, data)
        if trial.score <= current.score:
            current = trial
        elif together:
            together = False
        else:
            break
    return current


def _strengths(fit: Fitted, prunable: Mask) -> tuple[np.ndarray, np.ndarray]:
    """The prunable numbers that are free, and how many standard errors each is from zero."""
    candidates = np.flatnonzero(prunable & fit.free)
    error = np.maximum(fit.stderr(candidates), 1e-150)
    return candidates, np.abs(flat(fit.law)[candidates]) / error


def weakest(fit: Fitted, prunable: Mask, count: int = 1) -> Int[np.ndarray, " k"]:
    """Those that are the fewest standard errors from zero."""
    candidates, strength = _strengths(fit, prunable)
    return candidates[np.argsort(strength, kind="stable")[:count]]


def without(law: Law, which: Int[np.ndarray, " k"]) -> Law:
    """The law with these numbers zero."""
    numbers = flat(law)
    numbers[which] = 0.0
    return filled(law, numbers)


def fitted(law: Law, free: Mask, prunable: Mask, on_offer: int, data: Data) -> Fitted:
    """One refit with its statistics; `on_offer` is how many terms there were to choose from."""
    law, loss, there = solve(law, free, data.shown)
    reduced = None if there is None else there.equations().reduced()
    if there is None or reduced is None or not tells(reduced.matrix):
        nothing = np.zeros((0, 0))
        return Fitted(law, free, np.zeros(0, int), nothing, None, np.inf)
    dense, matrix, constants = errors_of(law, free, there, reduced, loss, data)
    fixed, kept = int((free & ~prunable).sum()), int((free & prunable).sum())
    score = data.information(loss, fixed + kept) + multiplicity(kept, on_offer)
    return Fitted(law, free, dense, matrix, constants, loss, score)


def errors_of(
    law: Law, free: Mask, there: Evaluated, reduced: Reduced, loss: float, data: Data
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Places and covariance of the numbers that all runs share, and errors of the constants."""
    place, shown = layout(law), data.shown
    shared = place.mask(cell=True, inner=True, weights=True, starts=not law.preparation.per_run)
    dense, equations = np.flatnonzero(shared), there.problem.columns.dense
    total, at = np.zeros((len(dense), len(dense))), np.searchsorted(dense, equations)
    total[np.ix_(at, at)] = reduced.matrix
    weight, outputs = shown.total, shown.target.shape[2]
    count = int(free.sum())
    found = covariance(total, loss, weight, outputs, free[dense], data.noise, count, data.basis)
    if len(equations) and not data.independence.plain:
        scores = grouped(there.scores(stretch_of(shown, data.independence.inflation)), shown)
        every = np.zeros((len(scores), len(dense)))
        every[:, at] = scores
        found = sandwich(inverse_of(total, free[dense], data.basis), every, found)
    if reduced.of_constants is None or not free[place.constants].any():
        return dense, found, None
    return dense, found, _constants_stderr(reduced, found[np.ix_(at, at)], loss, count, data)


def _constants_stderr(reduced, shared, loss, count, data) -> np.ndarray:
    """Standard errors (run, c): of a run's own block, and what the shared numbers add."""
    weight, outputs = data.shown.total, data.shown.target.shape[2]
    variance = max(loss, data.noise) * weight / max(weight * outputs - count, 1.0)
    variance *= data.independence.inflation
    own = np.linalg.inv(reduced.of_constants) * (variance / weight)
    through = reduced.again[:, :, :-1]
    return np.sqrt(
        np.diagonal(own + through @ shared @ np.swapaxes(through, 1, 2), axis1=1, axis2=2)
    )
