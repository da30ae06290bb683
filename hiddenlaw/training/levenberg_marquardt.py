"""Levenberg–Marquardt on normal equations; it knows nothing of models.

A problem is anything that can be evaluated at a vector of numbers. An evaluation knows its loss,
and is asked for normal equations only where it is accepted: a step that is refused costs no
derivative. The trust region is the classical one (Moré, Numerical Analysis, Springer 1978, p.
105), and bolder than usual: near-flat directions (the gauge) are the rule here. The first damping
is the loss, within bounds (Fan and Yuan, Computing 74, 23 (2005)): close to an exact fit steps are
then quadratic at once.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from hiddenlaw.training.normal_equations import NormalEquations

EXACT = 1e-25  # of the variance: a loss below this is rounding
_FIRST = 1e-3  # the first damping, at most; losses come relative to the variance of the target
_LEAST_FIRST = 1e-7  # and at least
_GROW, _SHRINK = 1 / 0.15, 1 / 8.0  # of the damping after a bad step, and after a good one
_GOOD, _GOOD_SCALED, _BAD = 0.75, 0.4, 1e-3  # of the fall that was foretold
_STANDS, _TINY = 1e-7, 1e-24  # gain of the loss, relative and absolute, that is none
_STILL = 1e-4  # relative change of the numbers that is none
_HOPELESS = 1e12  # damping
_FEW, _LITTLE = 8, 0.01  # evaluations, and the fall of the loss over them that is little


@runtime_checkable
class Evaluation(Protocol):
    """A problem at one vector of numbers, which may have been improved on (`numbers`)."""

    numbers: Float[np.ndarray, " p"]
    loss: float

    def equations(self) -> NormalEquations: ...


@runtime_checkable
class Problem(Protocol):
    """Mean squares as a function of a vector of numbers."""

    def at(self, numbers: Float[np.ndarray, " p"]) -> Evaluation: ...


class Stop(NamedTuple):
    """When a search ends before its time; by itself only where loss and numbers both stand.

    A loss below `exact` ends it at once; one below `rounding` at the first step that is refused;
    one above `hopeless_above` that falls by less than a hundredth in eight evaluations; and a step
    that gains less than `settled` of the loss, however far it moves along what the data do not fix.
    """

    exact: float = EXACT
    rounding: float = 0.0
    hopeless_above: float = np.inf
    settled: float = 0.0


TO_THE_END = Stop()


class Fit(NamedTuple):
    """Where Levenberg–Marquardt stopped. A diverged problem has a loss that is infinite."""

    numbers: Float[np.ndarray, " p"]
    loss: float
    steps: int
    last: Evaluation


def levenberg_marquardt(
    problem: Problem,
    numbers: Float[np.ndarray, " p"],
    *,
    max_steps: int,
    scaled: bool = False,
    stop: Stop = TO_THE_END,
) -> Fit:
    """Minimise the loss from `numbers` on, by at most `max_steps` evaluations.

    `scaled` damps each number in units of its own curvature: for numbers of different kinds.
    """
    # A step may lead where the law overflows: such a loss is infinite, and the step is refused.
    with np.errstate(over="ignore", invalid="ignore"):
        return _minimised(problem, numbers, max_steps, scaled, stop)


def _minimised(
    problem: Problem,
    numbers: Float[np.ndarray, " p"],
    max_steps: int,
    scaled: bool,
    stop: Stop,
) -> Fit:
    here = problem.at(numbers)
    good = _GOOD_SCALED if scaled else _GOOD
    steps, damping = 1, float(np.clip(here.loss, _LEAST_FIRST, _FIRST))
    if not np.isfinite(here.loss):
        return Fit(here.numbers, np.inf, steps, here)
    equations, told = None, [here.loss]
    while steps < max_steps and here.loss >= stop.exact and damping < _HOPELESS:
        equations = here.equations() if equations is None else equations
        found = equations.step(damping, scaled=scaled)
        if found is None:
            damping *= _GROW
            steps += 1
            continue
        step, foretold = found
        trial = problem.at(here.numbers + step)
        steps += 1
        told.append(here.loss)
        if here.loss > stop.hopeless_above and _crawls(told):
            break
        gained = here.loss - trial.loss
        ratio = gained / 2 / foretold if foretold > 0 and np.isfinite(trial.loss) else -np.inf
        if ratio < _BAD:
            if here.loss < stop.rounding or _idle(foretold, step, here):
                break
            damping *= _GROW
            continue
        if ratio >= good:
            damping *= _SHRINK
        moved = np.max(np.abs(step) / (1e-3 + np.abs(here.numbers)), initial=0.0)
        here, equations = trial, None
        if gained < stop.settled * here.loss:
            break
        if gained < _STANDS * here.loss + _TINY and moved < _STILL:
            break
    return Fit(here.numbers, here.loss, steps, here)


def _crawls(told: list[float]) -> bool:
    """Whether the loss hardly fell over the last few evaluations."""
    return len(told) > _FEW and told[-1 - _FEW] - told[-1] < _LITTLE * told[-1]


def _idle(foretold: float, step: np.ndarray, here: Evaluation) -> bool:
    """Whether a step that was refused promised nothing: the loss stands at its rounding."""
    moved = np.max(np.abs(step) / (1e-3 + np.abs(here.numbers)), initial=0.0)
    return bool(foretold < 1e-3 * _STANDS * here.loss and moved < _STILL)
