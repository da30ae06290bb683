"""The numbers of a new run: the start, and constants, with which a law explains what is given of
it.

Where cell and readout are linear in the state this is linear least squares. Where the readout has
squares it is no linear problem in the start z, but it is one in z and Z = z zᵀ together: solved run
by run, Z taken to rank one, and the rest done by Levenberg–Marquardt. Constants that are sought too
are first tried on a grid.
"""

from __future__ import annotations

from dataclasses import replace
from math import prod

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import PolynomialCell
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import filled, flat, layout
from hiddenlaw.preparations import AbstractPreparation
from hiddenlaw.readouts import Linear
from hiddenlaw.training.in_pieces import found_in_pieces
from hiddenlaw.training.least_squares import Evaluated, LeastSquares
from hiddenlaw.training.lifting import lifted
from hiddenlaw.training.normal_equations import NormalEquations

_STEPS = 60
_FIRST, _GROW, _SHRINK = 1e-3, 10.0, 0.1  # damping of a run, after a bad step, after a good one
_SETTLED = 1e-6  # relative gain of the loss that is none
_HOPELESS = 1e8  # damping
_FREE = 1.0  # damping: a gain that is none at more says nothing, for the step was short
_VALLEYS = 4  # of constants, from which a search begins
_SEQUENCES = 1000  # that are looked at together


def found(law: Law, given: Shown) -> AbstractPreparation:
    """The law's preparation with the numbers of the runs that are given.

    The law itself stays as it is. Samples of weight 0 are not looked at.
    """
    preparation = law.preparation
    if not preparation.per_run:
        return preparation
    if preparation.constants.size and isinstance(law.cell, PolynomialCell):
        given = replace(_up_to_the_last(given), owner=None)
        return _searched(law.but(preparation=found_in_pieces(law, given)), given).preparation
    blank = preparation.with_numbers(np.zeros((given.runs, preparation.numbers.shape[1])))
    given = _up_to_the_last(given)
    return _from_valleys(law.but(preparation=blank), given, preparation.trials())


def _up_to_the_last(given: Shown) -> Shown:
    """Without the sites behind the last that is looked at."""
    seen = np.flatnonzero((given.weight > 0).any(axis=(1, 2)))
    return given.first(int(seen[-1] - seen[0]) + 1) if len(seen) else given


def starts_of_windows(law: Law, shown: Shown) -> AbstractPreparation:
    """The law's preparation with a start for every window, the constants of the runs as they
    are.
    """
    preparation = law.preparation
    blank = preparation.with_numbers(np.zeros((shown.runs, preparation.numbers.shape[1])))
    trial = law.but(preparation=blank)
    trial = trial.but(preparation=lifted(trial, shown))
    return _searched(trial, shown, constants=False).preparation


def answer_to(law: Law, runs: Heldout) -> Float[np.ndarray, "run site response"]:
    """What a law answers to the inputs of runs, knowing of them what is given, in their units."""
    shown = Shown.measured(runs.judged, law.scale)
    if law.preparation.per_run:
        assert runs.given is not None, "runs with numbers of their own need samples"
        law = law.but(preparation=found(law, Shown.measured(runs.given, law.scale)))
    return np.swapaxes(law.outputs(shown), 0, 1) * law.scale


def _from_valleys(
    law: Law, given: Shown, trials: Float[np.ndarray, "*grid c"]
) -> AbstractPreparation:
    """From the lowest valleys of the loss over a grid of constants; of none it is a single one."""
    grid, count = trials.shape[:-1], trials.shape[-1]
    given, values = replace(given, owner=None), trials.reshape(prod(grid), count)
    losses, starts = _over_grid(law, given, values)
    best, least = None, np.full(given.runs, np.inf)
    for chosen in _valleys(losses.reshape(*grid, -1)):
        numbers = starts[chosen, np.arange(given.runs)]
        there = law.preparation.with_numbers(numbers).with_constants(values[chosen])
        trial = _searched(law.but(preparation=there), given)
        loss = _losses(trial, given)
        better = loss < least
        best = trial.preparation if best is None else _where(better, trial.preparation, best)
        least = np.fmin(loss, least)
    assert best is not None
    return best


def _over_grid(
    law: Law, given: Shown, values: Float[np.ndarray, "value c"]
) -> tuple[Float[np.ndarray, "value run"], Float[np.ndarray, "value run q"]]:
    """The loss of every run at each of these constants, and the start that goes with it."""
    losses, starts = [], []
    at_once = max(1, _SEQUENCES // given.runs)
    for first in range(0, len(values), at_once):
        some = values[first : first + at_once]
        m = len(some)
        repeated = Shown(
            np.tile(given.input, (m, 1, 1)),
            np.tile(given.target, (1, m, 1)),
            np.tile(given.weight, (1, m, 1)),
        )
        preparation = law.preparation.with_constants(np.repeat(some, given.runs, axis=0))
        numbers = np.zeros((m * given.runs, preparation.numbers.shape[1]))
        trial = law.but(preparation=preparation.with_numbers(numbers))
        trial = trial.but(preparation=lifted(trial, repeated))
        losses.append(_losses(trial, repeated).reshape(m, given.runs))
        starts.append(np.asarray(trial.preparation.numbers).reshape(m, given.runs, -1))
    return np.concatenate(losses), np.concatenate(starts)


def _where(
    choose: np.ndarray, yes: AbstractPreparation, no: AbstractPreparation
) -> AbstractPreparation:
    """Run by run the numbers of one or of the other."""
    numbers = np.where(choose[:, None], yes.numbers, no.numbers)
    constants = np.where(choose[:, None], yes.constants, no.constants)
    return yes.with_numbers(numbers).with_constants(constants)


def _valleys(losses: Float[np.ndarray, "*value run"]) -> np.ndarray:
    """Where the loss is least: the lowest few of those that neighbours do not undercut."""
    lowest = np.ones(losses.shape, bool)
    for axis in range(losses.ndim - 1):
        padded = np.pad(
            losses,
            [(1, 1) if k == axis else (0, 0) for k in range(losses.ndim)],
            constant_values=np.inf,
        )
        size = losses.shape[axis]
        lowest &= losses <= np.take(padded, np.arange(size), axis)
        lowest &= losses <= np.take(padded, np.arange(2, size + 2), axis)
    kept = np.where(lowest, losses, np.inf).reshape(-1, losses.shape[-1])
    return np.argsort(kept, axis=0, kind="stable")[:_VALLEYS]


def _squares(evaluated: Evaluated, given: Shown) -> Float[np.ndarray, " run"]:
    if not np.isfinite(evaluated.loss):
        return _losses(evaluated.law, given)  # of some run, and not of all
    return np.sum(evaluated.residuals() ** 2, axis=(0, 2))


def _losses(law: Law, given: Shown) -> Float[np.ndarray, " run"]:
    with np.errstate(over="ignore", invalid="ignore"):
        square = np.sum((law.outputs(given) - given.target) ** 2 * given.weight, axis=(0, 2))
    return np.where(np.isfinite(square), square, np.inf)


def _searched(
    law: Law,
    given: Shown,
    *,
    constants: bool = True,
    steps: int = _STEPS,
    begun: Float[np.ndarray, " run"] | None = None,
) -> Law:
    """Levenberg–Marquardt for every run's own numbers, each run with a damping of its own.

    Once half of the runs have come to rest the others go on alone. `begun` is the damping that runs
    begin with.
    """
    linear = law.cell.presumes_linear and isinstance(law.readout, Linear)
    constants = constants and law.preparation.constants.size > 0
    if linear and not constants:
        return law  # the lift was the answer
    free, place = layout(law).mask(starts=True, constants=constants), layout(law)
    problem = LeastSquares(law, given, free)
    parts = [place.starts, place.constants] if constants else [place.starts]
    here, evaluated = law, problem.at(flat(law))
    loss = _squares(evaluated, given)
    damping = np.full(given.runs, _FIRST) if begun is None else begun
    equations: NormalEquations | None = None
    for step in range(steps):
        if equations is None:
            evaluated = evaluated or problem.at(flat(here))
            if not np.isfinite(evaluated.loss):
                break
            equations = evaluated.equations()
        numbers = flat(here)
        trial = numbers + equations.step_of_each(damping)
        there = problem.at(trial)
        after = _squares(there, given)
        better = after < loss
        settled = (np.abs(loss - after) <= _SETTLED * loss) & (damping <= _FREE)
        damping = np.where(better, damping * _SHRINK, damping * _GROW)
        for part in parts:
            taken = trial[part].reshape(given.runs, -1)
            left = numbers[part].reshape(given.runs, -1)
            numbers[part] = np.where(better[:, None], taken, left).ravel()
        if better.any():
            here, equations = filled(law, numbers), None
            evaluated = there if better.all() else None
        loss = np.where(better, after, loss)
        moving = np.flatnonzero(~(settled | (damping > _HOPELESS)))
        if not len(moving):
            break
        if given.owner is None and 2 * len(moving) <= given.runs:
            some = here.but(preparation=_of_runs(here.preparation, moving))
            left = {"steps": steps - step - 1, "begun": damping[moving]}
            some = _searched(some, given.of_runs(moving), constants=constants, **left)
            return here.but(preparation=_with_runs(here.preparation, moving, some.preparation))
    return here


def _of_runs(every: AbstractPreparation, runs: np.ndarray) -> AbstractPreparation:
    """The numbers of these runs alone."""
    some = every.with_numbers(every.numbers[runs])
    return some.with_constants(every.constants[runs]) if every.constants.size else some


def _with_runs(
    every: AbstractPreparation, runs: np.ndarray, some: AbstractPreparation
) -> AbstractPreparation:
    """All numbers, those of these runs in place of their own."""
    numbers = np.array(every.numbers)
    numbers[runs] = some.numbers
    if every.constants.size:
        constants = np.array(every.constants)
        constants[runs] = some.constants
        every = every.with_constants(constants)
    return every.with_numbers(numbers)
