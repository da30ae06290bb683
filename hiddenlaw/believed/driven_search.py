"""Constants and dead times of a believed law that inputs drive, as far as short pieces tell.

For every dead time of whole sites a regression gives constants, and the answers of the law say how
good they are; the best few are fitted. Then the dead time may lie between sites, too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from hiddenlaw.believed.driven_constants import constants_of, freed
from hiddenlaw.believed.driven_problem import DrivenProblem
from hiddenlaw.believed.driven_runs import DrivenRuns
from hiddenlaw.believed.driven_start import first_constants
from hiddenlaw.errors import TrainingError
from hiddenlaw.training.curriculum import ROUNDING
from hiddenlaw.training.levenberg_marquardt import Stop, levenberg_marquardt

_STEPS, _STOP = 40, Stop(rounding=ROUNDING, settled=1e-5)
_FEW = 5  # dead times, or lengths of stretches, of which fits are made
_BETWEEN = (-0.5, -0.25, 0.25, 0.5)  # sites: from where a dead time between them is sought
_LOST = "no start of the fit survived; is the step of x short enough for this law?"


class Found(NamedTuple):
    """Constants, dead times in sites, and the loss they leave."""

    constants: Float[np.ndarray, " p"]
    delays: tuple[float, ...]
    loss: float


def searched(problem: DrivenProblem, seed: int) -> list[Found]:
    """What is found, the best first. Raises `TrainingError` where nothing is.

    `problem` is that of whole records with a start for each.
    """
    rng, count = np.random.default_rng(seed), len(problem.system.delays)
    pieces = problem.records.in_pieces()
    # As many sites for all dead times.
    pieces = replace(pieces, blind=max(problem.records.blind, pieces.most if count else 0))
    every = _affine(problem, pieces) if problem.system.affine else _other(problem, pieces, rng)
    if not (every and np.isfinite(every[0].loss)):
        raise TrainingError(_LOST)
    between = count and every[0].loss > ROUNDING
    return _sorted([*_between(problem, pieces, every[0]), *every]) if between else every


def _affine(problem: DrivenProblem, pieces: DrivenRuns) -> list[Found]:
    """Of a law whose coefficients are sums of its constants; dead times are of whole sites."""
    count = len(problem.system.delays)
    if not count:
        return _fitted(problem, pieces, _begun(problem, pieces, ())[:_FEW])
    every = [Found(np.ones(len(problem.system.constants)), (0.0,) * count, np.inf)]
    for _ in range(min(count, 2)):
        for which in range(count):
            every = _sorted([*every, *_whole(problem, pieces, every[0], which)])
    return every


def _other(problem: DrivenProblem, pieces: DrivenRuns, rng: np.random.Generator) -> list[Found]:
    """Of another law: coefficients and dead times first, then the constants that make them."""
    free, places = freed(problem.system)
    best = _affine(DrivenProblem(free, pieces, True), pieces)[0]
    there = DrivenProblem(free, pieces, True, best.delays).at(best.constants)
    if not np.isfinite(there.loss):
        return []
    matrix = there.equations().matrix
    begun = constants_of(problem, places, best.constants, matrix, rng)
    return _fitted(problem, pieces, [Found(each, best.delays, np.inf) for each in begun])


def _sorted(every: list[Found]) -> list[Found]:
    return sorted(every, key=lambda each: each.loss)


def _begun(problem: DrivenProblem, pieces: DrivenRuns, delays: tuple[float, ...]) -> list[Found]:
    """What regressions give for these dead times, the best first."""
    there = DrivenProblem(problem.system, pieces, True, delays)
    begun = first_constants(there, delays)
    found = [Found(constants, delays, there.at(constants).loss) for constants in begun]
    return _sorted(found)


def _fitted(problem: DrivenProblem, pieces: DrivenRuns, begun: list[Found]) -> list[Found]:
    """The fits that begin there, dead times left as they are, the best first."""
    none = (0.0,) * len(problem.system.delays)
    found = [Found(np.ones(len(problem.system.constants)), none, np.inf)]
    for constants, delays, _ in begun:
        there = DrivenProblem(problem.system, pieces, True, delays)
        fit = levenberg_marquardt(there, constants, max_steps=_STEPS, scaled=True, stop=_STOP)
        found.append(Found(fit.numbers, delays, fit.loss))
    return _sorted(found)


def _whole(problem: DrivenProblem, pieces: DrivenRuns, best: Found, which: int) -> list[Found]:
    """Fits with dead times of whole sites, the others left as they are, the best first."""
    begun = []
    for sites in range(pieces.most + 1):
        delays = (*best.delays[:which], float(sites), *best.delays[which + 1 :])
        begun += _begun(problem, pieces, delays)[:1]
    promising = _sorted(begun)[:_FEW]
    found = _fitted(problem, pieces, promising)
    tried = {each.delays for each in promising}
    # A regression is biased by noise, so the neighbours are fitted, too, until none is better.
    while beside := [
        each
        for each in begun
        if each.delays not in tried and abs(each.delays[which] - found[0].delays[which]) == 1
    ]:
        tried |= {each.delays for each in beside}
        found = _sorted([*found, *_fitted(problem, pieces, beside)])
    return found


def _between(problem: DrivenProblem, pieces: DrivenRuns, whole: Found) -> list[Found]:
    """Fits with dead times near whole ones, all numbers free."""
    free, count, found = DrivenProblem(problem.system, pieces, True), len(whole.constants), []
    for step in _BETWEEN:
        delays = [min(max(each + step, 0.0), float(pieces.most)) for each in whole.delays]
        begun = np.concatenate([whole.constants, delays])
        fit = levenberg_marquardt(free, begun, max_steps=_STEPS, scaled=True, stop=_STOP)
        found.append(Found(fit.numbers[:count], free.delays(fit.numbers), fit.loss))
    return found
