"""Pieces of records, each with a start of its own, and fits to them."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from hiddenlaw.believed.driven_runs import cut
from hiddenlaw.believed.expansion import Expansion
from hiddenlaw.believed.fit import ConstantsProblem, EvaluatedConstants
from hiddenlaw.holds import hold_called
from hiddenlaw.law import Shown
from hiddenlaw.preparations import Own
from hiddenlaw.training.curriculum import ROUNDING, gentle_lengths
from hiddenlaw.training.first_starts import first_starts
from hiddenlaw.training.levenberg_marquardt import Stop, levenberg_marquardt

SETTLED = Stop(rounding=ROUNDING, settled=1e-5)
"""When a fit that others follow ends."""

_STEPS = 40
_GENTLE = 32  # sites, up to which lengths may double


def shortest(dimension: int) -> int:
    """How many sites the shortest pieces have: samples beyond those that a start needs."""
    return dimension + 2


def with_starts(
    expansion: Expansion, shown: Shown, constants: Float[np.ndarray, " p"], varies: bool
) -> EvaluatedConstants:
    """The starts of all runs at their best for these constants, over more and more sites."""
    d = expansion.template.dimension
    nowhere = np.zeros((shown.runs, d))
    open_ = expansion.along(expansion.template.but(preparation=Own(nowhere)))
    law = open_.law(np.concatenate([constants, nowhere.ravel()]))
    starts = first_starts(law, shown, varies)
    first, *longer = gentle_lengths(shown.sites, shortest(d), _GENTLE)
    problem = ConstantsProblem(open_, shown.first(first), frozen=True)
    fit = minimised(problem, np.concatenate([constants, starts.ravel()]), SETTLED)
    for length in longer:
        problem = ConstantsProblem(open_, shown.first(length), frozen=True)
        fit = minimised(problem, fit.numbers, SETTLED)
    return fit


def minimised(
    problem: ConstantsProblem, numbers: Float[np.ndarray, " q"], stop: Stop, steps: int = _STEPS
) -> EvaluatedConstants:
    fit = levenberg_marquardt(problem, numbers, max_steps=steps, scaled=True, stop=stop)
    assert isinstance(fit.last, EvaluatedConstants)
    return fit.last


def tiled(shown: Shown, length: int, hold: str) -> Shown:
    """All of it in pieces of so many sites; what is left at an end is left out."""
    if length >= shown.sites:
        return shown

    def pieces(values: Float[np.ndarray, "run site k"]) -> Float[np.ndarray, "piece short k"]:
        return cut(values, length, len(values) * shown.sites)

    turned = (np.swapaxes(part, 0, 1) for part in (shown.target, shown.weight))
    target, weight = (pieces(part) for part in turned)
    return Shown.of(hold_called(hold).windowed(pieces(shown.input)), target, weight)
