"""The constants of a believed law, fitted to one response.

Gradient and JᵀJ of the law over all its numbers are those of any law; the chain rule turns them
into those over the constants. From random constants most fits are lost, so there are many starts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int

from hiddenlaw.believed.expansion import Expansion
from hiddenlaw.believed.linear_law import LinearLaw
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import TrainingError
from hiddenlaw.holds import applied
from hiddenlaw.law import Shown
from hiddenlaw.theory.fits.effective import independence
from hiddenlaw.theory.fits.uncertainty import covariance
from hiddenlaw.training.curriculum import lengths
from hiddenlaw.training.least_squares import Evaluated, LeastSquares
from hiddenlaw.training.levenberg_marquardt import levenberg_marquardt
from hiddenlaw.training.normal_equations import NormalEquations

_STARTS, _STEPS = 24, 40
_SPREAD = 0.3, 3.0  # of the constants' first values, from the narrowest start to the widest
_LOST = "no start of the fit survived; is dx small enough for this law?"


@dataclass(frozen=True)
class FittedConstants:
    """The constants with their standard errors, and what the law leaves of the response.

    - `numbers`: how many were fitted in all, starts of the runs included.
    - `inflation`: how many residuals count as one, because they remember one another.
    - `own`: whether each run has a start of its own.
    """

    constants: dict[str, tuple[float, float]]
    residuals: Float[np.ndarray, "run site"]
    numbers: int
    inflation: float
    own: bool = False

    def least(self, name: str) -> float:
        """The least value that this constant may have."""
        del name
        return -np.inf


class ConstantsProblem:
    """The misfit as a function of constants and starts, for `levenberg_marquardt`.

    With `frozen` the constants stay as they are.
    """

    def __init__(self, expansion: Expansion, shown: Shown, *, frozen: bool = False) -> None:
        self.expansion, self.shown, self.frozen = expansion, shown, frozen
        free = expansion.layout.mask(starts=True) if frozen else expansion.free
        self.squares = LeastSquares(expansion.template, shown, free)

    def at(self, numbers: Float[np.ndarray, " q"]) -> EvaluatedConstants:
        every = self.expansion.flat(numbers)
        if not np.isfinite(every).all():
            return EvaluatedConstants(self, numbers, np.inf, None)
        with np.errstate(over="ignore", invalid="ignore"):  # a start may diverge
            law = self.squares.at(every)
        return EvaluatedConstants(self, numbers, law.loss, law)


@dataclass(eq=False)
class EvaluatedConstants:
    """The problem at some constants; `law` is None where there is no law of these."""

    problem: ConstantsProblem
    numbers: Float[np.ndarray, " q"]
    loss: float
    law: Evaluated | None

    def equations(self) -> NormalEquations:
        """Those of the law's own numbers, by the chain rule."""
        assert self.law is not None, "where there is no law nothing is accepted"
        inner, places = self.law.equations(), self.places
        slopes = self.slopes[inner.dense]
        gradient, matrix = slopes.T @ inner.gradient, slopes.T @ inner.matrix @ slopes
        own = inner.own
        if own is not None:
            expansion = self.problem.expansion
            moved = len(expansion.constants) - expansion.layout.starts.start
            own = replace(own, cross=own.cross @ slopes, starts=own.starts + moved)
        return NormalEquations(len(self.numbers), places, gradient, matrix, own)

    @property
    def places(self) -> Int[np.ndarray, " k"]:
        """Where the numbers that all runs share stand among those that are fitted."""
        expansion, frozen = self.problem.expansion, self.problem.frozen
        count = len(expansion.constants)
        last = count if self.own else len(self.numbers)
        return np.arange(count if frozen else 0, last)

    @property
    def own(self) -> bool:
        """Whether each run has a start of its own."""
        return np.ndim(self.problem.expansion.template.preparation.numbers) == 2

    @property
    def slopes(self) -> Float[np.ndarray, "p k"]:
        """How all numbers of the law move with those that all runs share."""
        expansion = self.problem.expansion
        if self.own:
            return expansion.by_constants(self.numbers)[:, self.places]
        return expansion.slopes(self.numbers)[:, self.places]


def fit_constants(system: LinearLaw, data: Dataset, column: int, seed: int) -> FittedConstants:
    """Constants and initial state of the law, fitted to the response of that `column`.

    Raises `TrainingError` where no start survives.
    """
    measured, weight = data.response[:, :, column], data.weight[:, :, column, None]
    scale = float(np.nanstd(measured))
    inputs = applied(data.input, data.hold)
    target = np.where(np.isfinite(measured), measured, 0.0)[..., None] / scale
    shown = Shown.of(inputs.values, target, weight)
    expansion = Expansion.over(system, inputs.span, data.dx, scale)
    best = _best_of_many(expansion, shown, seed)
    # Once more with cells that are exact for the law that was found.
    law = expansion.law(best)
    law = law.but(cell=law.cell.with_span(inputs.span))  # type: ignore[attr-defined]
    found = ConstantsProblem(expansion.along(law), shown).at(best)
    if not np.isfinite(found.loss):
        raise TrainingError(_LOST)
    matrix = found.equations().matrix
    errors = covariance(matrix, found.loss, shown.total, 1, np.ones(best.size))
    stderr = np.sqrt(np.diag(errors))
    constants = {
        name: (float(best[i]), float(stderr[i])) for i, name in enumerate(system.constants)
    }
    left = measured - law.outputs(shown)[:, :, 0].T * scale
    return FittedConstants(constants, left, best.size, independence(law, shown).inflation)


def _best_of_many(expansion: Expansion, shown: Shown, seed: int) -> Float[np.ndarray, " q"]:
    """The best of many random starts, each fitted to the first sites, then to more, then to all."""
    rng = np.random.default_rng(seed)
    count = len(expansion.constants)
    constants = np.geomspace(*_SPREAD, _STARTS)[:, None] * rng.normal(size=(_STARTS, count))
    starts = rng.normal(size=(_STARTS, expansion.template.dimension))
    every, losses = np.concatenate([constants, starts], axis=1), np.full(_STARTS, np.inf)
    for length in lengths(shown.sites):
        problem = ConstantsProblem(expansion, shown.first(length))
        for start in range(_STARTS):
            fit = levenberg_marquardt(problem, every[start], max_steps=_STEPS)
            every[start], losses[start] = fit.numbers, fit.loss
        if not np.isfinite(losses).any():
            raise TrainingError(_LOST)
        # A start that diverged begins anew where the best one stands.
        every[~np.isfinite(losses)] = every[np.argmin(losses)]
    return every[np.argmin(losses)]
