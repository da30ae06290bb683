"""Coulomb friction in a drive, along a law's own motion: what is left of the push.

Against whatever moves, m, a drive loses a constant part of its push: u − F sign(m), or
u − F tanh(m / w) where it is less for what hardly moves. Over a cell m is taken to go straight from
a to b, where the sign has the mean

    s = (|b| − |a|) / (b − a),   of tanh   w ln (cosh(b / w) / cosh(a / w)) / (b − a).

With b₀ the end of the cell were there no friction, and c what all of it would take, b is where
b + c s(a, b) = b₀: one point, since s never falls as b rises. So what was at rest stays there for
as long as it is pushed by less than F, and nothing trembles about rest, as it would if s were that
of the cell before.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import DrivenCell
from hiddenlaw.data.instrument import Friction
from hiddenlaw.law import Law, Shown
from hiddenlaw.training.new_runs import found

_NEWTON, _NEAR = 40, 1e-6  # steps at most; widths
_AGAIN = 3  # how often a start is found anew, the friction being what it is from there


def rubbed(law: Law, shown: Shown, friction: Friction) -> Shown:
    """What is shown, less what the friction takes of the push along the law's own motion.

    The motion follows from the law's starts and the input alone.
    """
    taken = friction.level * against(law, shown, friction)
    input = np.array(shown.input)
    pushed = 2 if getattr(law.cell, "varies", False) else 1  # at two points of a cell
    input[..., :pushed] -= taken[..., None]
    return replace(shown, input=input)


def against(law: Law, shown: Shown, friction: Friction) -> Float[np.ndarray, "run site"]:
    """Which way the friction takes from the push, the mean over every cell: between −1 and 1."""
    cell = law.cell
    assert isinstance(cell, DrivenCell), "friction is one of driven laws"
    d, update, rates = cell.dimension, cell.update(), np.asarray(cell.rates)
    inputs = cell.prepared(shown.input)
    read, offset = np.asarray(law.readout.weights)[:, 0], np.zeros(rates.shape[1] - d)
    for _ in range(friction.derivative):
        read, offset = read @ rates[:, :d], read @ rates[:, d:]
    matrix, pushed = update[:, :d], inputs.pushes @ update[:, d:].T
    offsets = inputs.pushes[..., : len(offset)] @ offset
    taken = friction.level * update[:, d] / cell.scale[0]  # of the state, over a whole cell
    way = 1.0 if read @ taken >= 0 else -1.0
    taken = way * taken
    width = friction.width / float(law.scale[0])  # over the law's scale, and per site
    state, signs = law.preparation.starts(shown.runs), np.zeros(inputs.shown.shape[:2])
    with np.errstate(over="ignore", invalid="ignore"):
        for site, (push, moves) in enumerate(zip(pushed, inputs.moves, strict=True)):
            free = state @ matrix.T + push
            before, after = state @ read + offsets[site], free @ read + offsets[site]
            signs[site] = mean_sign(before, after, float(read @ taken), width) * moves
            moved = free - signs[site][:, None] * taken
            state = np.where(moves[:, None] > 0, moved, state)
    return way * signs.T


def mean_sign(
    before: Float[np.ndarray, " run"],
    free: Float[np.ndarray, " run"],
    taken: float,
    width: float = 0.0,
) -> Float[np.ndarray, " run"]:
    """The mean of tanh(m / width) over a cell that m enters as `before`, and would leave as `free`
    without friction; all of the friction would take `taken`, no less than 0, of that.
    """
    side = np.where(before >= 0, 1.0, -1.0)
    a, b = side * before, side * free  # a is not negative
    reached = b - taken
    half = (a + b + taken) / 2
    turned = half - np.sqrt(half**2 - a * np.minimum(reached, 0.0))
    end = np.where(reached >= 0, reached, np.minimum(turned, 0.0))
    if width:
        return side * _smooth(a, b, end, taken, width)
    apart = a - end
    stuck = np.clip(b / max(taken, 1e-300), -1.0, 1.0)
    crossed = (a + end) / np.where(apart > 0, apart, 1.0)
    return side * np.where(end > 0, 1.0, np.where(apart > 0, crossed, stuck))


def _smooth(
    a: Float[np.ndarray, " run"],
    b: Float[np.ndarray, " run"],
    end: Float[np.ndarray, " run"],
    taken: float,
    width: float,
) -> Float[np.ndarray, " run"]:
    """The mean of tanh along the straight line from `a` to where the friction lets it end: by
    Newton's method from the `end` that a sharp sign would make, kept between bounds.
    """
    mean, low, high = np.zeros_like(a), b - taken, b + taken
    for _ in range(_NEWTON):
        apart = end - a
        near = np.abs(apart) < _NEAR * width
        apart = np.where(near, 1.0, apart)
        middle = np.tanh((a + end) / (2 * width))
        area = np.logaddexp(end / width, -end / width) - np.logaddexp(a / width, -a / width)
        mean = np.where(near, middle, width * area / apart)
        rises = np.where(near, (1 - middle**2) / (2 * width), (np.tanh(end / width) - mean) / apart)
        left = end + taken * mean - b
        low, high = np.where(left < 0, end, low), np.where(left < 0, high, end)
        moved = end - left / (1 + taken * np.maximum(rises, 0.0))
        moved = np.where((moved < low) | (moved > high), (low + high) / 2, moved)
        there = np.abs(moved - end) <= _NEAR * width
        end = moved
        if there.all():
            break
    return mean


def started(law: Law, given: Shown, friction: Friction | None) -> Law:
    """The law with the starts of the runs that are `given`, whose push loses so much to friction.

    Which way that is follows from the starts, so both are found in turn.
    """
    if friction is None:
        return law.but(preparation=found(law, given))
    left = given
    for _ in range(_AGAIN):
        law = law.but(preparation=found(law, left))
        left = rubbed(law, given, friction)
    return law.but(preparation=found(law, left))
