"""The numbers of new runs of a law that is not linear: start and constants, run by run.

Along a whole run a start that is a little wrong is lost, and with it what a run says of its
constants: in a trap what grows in ψ does so by 1e5 and more. So runs are cut into short pieces with
starts of their own, and where one piece ends the next has to begin, the more strictly the further
the search has come (multiple shooting: Bock, Numerical treatment of inverse problems in chemical
reaction kinetics, Springer 1981). At last the pieces are one run, and its first start is that of
the run.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

from hiddenlaw.cells import PolynomialCell
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import AbstractPreparation
from hiddenlaw.training.first_starts import first_starts
from hiddenlaw.training.linked_pieces import LinkedPieces

_TRIED = 0.5, 0.1, 0.9  # quantiles of the constants of known runs, from which those of new ones go
_REACHES = 3, 6  # sites on either side of a beginning, by which it is guessed
_STRICTNESS = (1e-2, 1.0, 1e2, 1e4, 1e6, 1e8)  # of a jump, beside a sample over its scale
_STEPS = 12  # with each of these
_FIRST, _GROW, _SHRINK = 1e-3, 10.0, 0.1  # damping of a run, after a bad step, after a good one
_HOPELESS = 1e4  # damping
_LEAST = 1e-6  # of a run's largest curvature: what damps numbers that nothing tells
_SETTLED, _TINY = 1e-3, 1e-14  # gain of a run's loss, relative and absolute, that is none


def found_in_pieces(law: Law, given: Shown) -> AbstractPreparation:
    """The law's preparation with the numbers of the runs that are given."""
    return track_in_pieces(law, given)[0]


def track_in_pieces(
    law: Law, given: Shown
) -> tuple[AbstractPreparation, Float[np.ndarray, "run site d"]]:
    """The same, and from which state a piece would start that begins at a site.

    Samples of weight 0 are not looked at; behind the last that is the track is zero.
    """
    cell = law.cell
    assert isinstance(cell, PolynomialCell)
    pieces, known, best = LinkedPieces.of(given, cell.varies), law.preparation.constants, None
    for value in np.quantile(known, _TRIED, axis=0):
        constants = np.tile(value, (given.runs, 1))
        trial = law.but(preparation=law.preparation.with_constants(constants))
        trial = _searched(_begun(trial, given, pieces), pieces, _STRICTNESS[0])
        trial = _searched(_in_sign(trial, pieces), pieces, _STRICTNESS[1])
        if best is None:
            best = trial
        better = _losses(trial, pieces, _STRICTNESS[1]) < _losses(best, pieces, _STRICTNESS[1])
        best = _where(better, trial, best, pieces)
    assert best is not None
    law = best
    for strictness in _STRICTNESS[2:]:
        law = _searched(law, pieces, strictness)
    numbers = np.asarray(law.preparation.numbers)
    preparation = law.preparation.with_numbers(numbers[pieces.begins])
    return preparation, pieces.track(law, given.sites, cell.varies)


def _begun(law: Law, given: Shown, pieces: LinkedPieces) -> Law:
    """Every piece from where a polynomial through samples near its beginning says it starts: one
    of several, that from which it leaves least.
    """
    cell, best, least = law.cell, None, np.full(pieces.shown.runs, np.inf)
    assert isinstance(cell, PolynomialCell)
    every = [first_starts(law, pieces.shown, cell.varies)]
    for reach in _REACHES:
        every.append(first_starts(law, pieces.near(given, reach), cell.varies, reach))
    for starts in every:
        trial = law.preparation.with_numbers(np.where(np.isfinite(starts), starts, 0.0))
        loss = _by_piece(law.but(preparation=trial), pieces)
        better = loss < least
        numbers = np.asarray(trial.numbers)
        best = numbers if best is None else np.where(better[:, None], numbers, best)
        least = np.where(better, loss, least)
    return law.but(preparation=law.preparation.with_numbers(best))


def _in_sign(law: Law, pieces: LinkedPieces) -> Law:
    """Where a square does not tell z from −z each piece goes on where the one before ended."""
    if law.readout.knows_sign:
        return law
    starts, shown = np.array(law.preparation.numbers, float), pieces.shown
    ends = law.states(shown)[pieces.last, np.arange(shown.runs)]
    for piece in np.flatnonzero(pieces.goes_on):
        if ends[piece] @ starts[piece + 1] < 0:
            starts[piece + 1], ends[piece + 1] = -starts[piece + 1], -ends[piece + 1]
    return law.but(preparation=law.preparation.with_numbers(starts))


def _by_piece(law: Law, pieces: LinkedPieces) -> Float[np.ndarray, " piece"]:
    shown = pieces.shown
    with np.errstate(over="ignore", invalid="ignore"):
        square = (law.outputs(shown) - shown.target) ** 2 * shown.weight
    return np.nan_to_num(np.sum(square, axis=(0, 2)), nan=np.inf)


def _searched(law: Law, pieces: LinkedPieces, strictness: float) -> Law:
    """Levenberg–Marquardt for the numbers of every run, each with a damping of its own."""
    damping = np.full(len(pieces.begins), _FIRST)
    loss = _losses(law, pieces, strictness)
    for _ in range(_STEPS):
        moved = _moved(law, pieces, strictness, damping)
        after = _losses(moved, pieces, strictness)
        better = after < loss
        law = _where(better, moved, law, pieces)
        settled = better & (loss <= after + _SETTLED * loss + _TINY)
        damping = np.where(better, damping * _SHRINK, damping * _GROW)
        loss = np.where(better, after, loss)
        if np.all(settled | (damping > _HOPELESS)):
            break
    return law


def _losses(law: Law, pieces: LinkedPieces, strictness: float) -> Float[np.ndarray, " run"]:
    shown = pieces.shown
    with np.errstate(over="ignore", invalid="ignore"):
        states = law.states(shown)
        square = np.sum((law.readout(states) - shown.target) ** 2 * shown.weight, axis=(0, 2))
        square = square + strictness * np.sum(pieces.jumps(law, states) ** 2, axis=1)
        total = np.add.reduceat(square, pieces.begins)
    return np.where(np.isfinite(total), total, np.inf)


def _where(better: Bool[np.ndarray, " run"], yes: Law, no: Law, pieces: LinkedPieces) -> Law:
    """Run by run the numbers of one law or of the other."""
    ours, theirs, owner = yes.preparation, no.preparation, pieces.shown.owner
    assert owner is not None
    numbers = np.where(better[owner][:, None], ours.numbers, theirs.numbers)
    constants = np.where(better[:, None], ours.constants, theirs.constants)
    return no.but(preparation=theirs.with_numbers(numbers).with_constants(constants))


def _moved(
    law: Law, pieces: LinkedPieces, strictness: float, damping: Float[np.ndarray, " run"]
) -> Law:
    """The law after one damped step of every run."""
    preparation, shown, d = law.preparation, pieces.shown, law.dimension
    starts, steps = preparation.starts(shown.runs), law.steps(shown)
    toward = preparation.toward(law.cell, steps.shown)
    initial = np.broadcast_to(np.eye(d), (shown.runs, d, d))
    with np.errstate(over="ignore", invalid="ignore"):
        states = steps.states(starts)
        moving = steps.sensitivities(starts, states, initial, np.zeros(0, int), toward)
        root = np.sqrt(shown.weight)
        rows = (law.readout.state_slopes(states) @ moving) * root[..., None]
        left = (shown.target - law.readout(states)) * root
        matrix = np.einsum("spoi,spoj->pij", rows, rows)
        slope = np.einsum("spoi,spo->pi", rows, left)
        ends = moving[pieces.last, np.arange(shown.runs)]
        parts = matrix, slope, ends, pieces.jumps(law, states)
        step = _step(pieces, parts, strictness, damping)
    numbers = np.asarray(preparation.numbers)
    count = step.shape[1] - preparation.constants.shape[1]
    own = step[:, :count].reshape(len(step), -1, d)[shown.owner, pieces.place]
    constants = preparation.constants + step[:, count:]
    return law.but(preparation=preparation.with_numbers(numbers + own).with_constants(constants))


def _step(
    pieces: LinkedPieces,
    parts: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    strictness: float,
    damping: Float[np.ndarray, " run"],
) -> Float[np.ndarray, "run q"]:
    """The damped step of every run: starts of its pieces, as many as of the longest, constants.

    `parts` are of every piece: JᵀJ and Jᵀ of what is left, in its start and the constants; how its
    end moves with these; and its jump.
    """
    matrix, slope, ends, jumps = parts
    d, runs, most = jumps.shape[1], len(pieces.begins), int(pieces.place.max()) + 1
    size = most * d + matrix.shape[1] - d
    total, right = np.zeros((runs, size, size)), np.zeros((runs, size))
    owner = np.asarray(pieces.shown.owner)
    for k in range(most):
        mine = np.r_[k * d : k * d + d, most * d : size]
        here = pieces.place == k
        block = np.ix_(owner[here], mine, mine)
        total[block] += matrix[here]
        right[np.ix_(owner[here], mine)] += slope[here]
        here &= pieces.goes_on
        row = np.zeros((int(here.sum()), d, size))
        row[:, :, mine] = ends[here]
        row[:, :, (k + 1) * d : (k + 2) * d] -= np.eye(d)[:, : size - (k + 1) * d]
        turned = strictness * np.swapaxes(row, 1, 2)
        total[owner[here]] += turned @ row
        right[owner[here]] -= (turned @ jumps[here][..., None])[..., 0]
    curvature = np.diagonal(total, axis1=1, axis2=2)
    damped = damping[:, None] * (curvature + _LEAST * curvature.max(axis=1, keepdims=True) + 1e-300)
    every = np.column_stack([total.reshape(runs, -1), right])
    sure = np.asarray(np.isfinite(every).all(axis=1))
    total = np.where(sure[:, None, None], total + damped[:, :, None] * np.eye(size), np.eye(size))
    return np.linalg.solve(total, np.where(sure[:, None], right, 0.0)[..., None])[..., 0]
