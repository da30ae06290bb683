"""A driven law straight from the data, by linear algebra: where a search for one may begin.

An autoregression of the response with the input's past is one linear least-squares fit. Of its
answer to an impulse the Hankel matrix is factored: as many of its largest singular values as there
shall be variables make a balanced realization (Ho and Kalman, Regelungstechnik 14, 545 (1966);
Kung, 12th Asilomar Conf., 705 (1978)), and the logarithm of its update matrix is the law in
continuous time. Noise biases it, and Levenberg–Marquardt takes it from there.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import AbstractCell, DrivenCell
from hiddenlaw.cells._logarithm import logarithm
from hiddenlaw.law import Shown

_PAST = 24  # samples of the autoregression, at most
_SHARE = 3  # samples for every coefficient, at least
_SINGULAR = 1e-8  # of the largest singular value
_TINY = 1e-9  # imaginary part of what is real
_FORGETS = 0.05  # an update by so little: what noise made of a variable that jumps to and fro


def realization(cell: AbstractCell, shown: Shown) -> DrivenCell | None:
    """A driven cell like this one, whose first variables are the responses; None without.

    There is none of other cells, of fewer variables than responses, of responses with gaps, of too
    few samples, and where an update matrix has no real logarithm.
    """
    d, outputs = cell.dimension, shown.target.shape[2]
    if not isinstance(cell, DrivenCell) or d < outputs:
        return None
    found = _autoregression(cell, shown, _past_of(shown))
    return None if found is None else _realized(cell, *found)


def _realized(
    cell: DrivenCell,
    own: Float[np.ndarray, "past o o"],
    pushed: Float[np.ndarray, "lags o m"],
    constant: Float[np.ndarray, " o"],
) -> DrivenCell | None:
    """The cell that answers most nearly as this autoregression."""
    d, outputs = cell.dimension, len(constant)
    past = len(own)
    impulse = _impulse(own, pushed, 2 * max(past, d) + 2)
    rows = max(past, d)
    hankel = np.block([[impulse[i + j] for j in range(rows)] for i in range(rows)])
    later = np.block([[impulse[i + j + 1] for j in range(rows)] for i in range(rows)])
    if not np.isfinite(hankel).all():
        return None
    left, size, right = np.linalg.svd(hankel, full_matrices=False)
    if len(size) < d or size[d - 1] <= _SINGULAR * size[0]:
        return None
    root = np.sqrt(size[:d])
    update = (left[:, :d] / root).T @ later @ (right[:d].T / root)
    push = (root[:, None] * right[:d])[:, : pushed.shape[2]]
    read = (left[:, :d] * root)[:outputs]
    rates = _rates(update, push)
    if rates is None:
        return None
    # The responses first, and then what no response reads.
    basis = np.vstack([read, np.linalg.svd(read)[2][outputs:]])
    if np.linalg.cond(basis) > 1 / _SINGULAR:
        return None
    inverse = np.linalg.inv(basis)
    matrix, input = basis @ rates[:, :d] @ inverse, basis @ rates[:, d:]
    level = np.linalg.lstsq(np.eye(outputs) - own.sum(axis=0), constant, rcond=None)[0]
    rest = -matrix[:, :outputs] @ level
    every = np.concatenate([matrix, input, rest[:, None]], axis=1)
    return replace(cell, rates=every) if np.isfinite(every).all() else None


def _past_of(shown: Shown) -> int:
    return min(_PAST, shown.sites // 4)


def _autoregression(
    cell: DrivenCell, shown: Shown, past: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """(past, o, o) of responses before, (past + 1, o, m) of the input, and the constant (o,)."""
    inputs = cell.prepared(shown.input).pushes[..., : cell.channels]
    target, weight = shown.target, np.broadcast_to(shown.weight, shown.target.shape)
    sites = np.flatnonzero((weight > 0).all(axis=(1, 2)))
    if past < 1 or len(sites) <= past or len(sites) != sites[-1] - sites[0] + 1:
        return None
    inputs, target = inputs[sites[0] :], target[sites[0] : sites[-1] + 1]
    count = len(target) - past
    before = [target[past - k : past - k + count] for k in range(1, past + 1)]
    pushes = [inputs[past - k : past - k + count] for k in range(past + 1)]
    ones = np.ones((count, shown.runs, 1))
    design = np.concatenate([*before, *pushes, ones], axis=2).reshape(count * shown.runs, -1)
    if len(design) < _SHARE * design.shape[1]:
        return None
    answer = target[past:].reshape(len(design), -1)
    found = np.linalg.lstsq(design, answer, rcond=1e-10)[0].T
    outputs, channels = answer.shape[1], inputs.shape[2]
    split = past * outputs
    own = found[:, :split].reshape(outputs, past, outputs).swapaxes(0, 1)
    pushed = found[:, split:-1].reshape(outputs, past + 1, channels).swapaxes(0, 1)
    return own, pushed, found[:, -1]


def _impulse(
    own: Float[np.ndarray, "past o o"], pushed: Float[np.ndarray, "lags o m"], count: int
) -> list[Float[np.ndarray, "o m"]]:
    """What an input of 1 at one site does to the responses there and at the sites after."""
    found: list[np.ndarray] = []
    for k in range(count):
        now = np.array(pushed[k]) if k < len(pushed) else np.zeros(pushed.shape[1:])
        for before, matrix in enumerate(own[:k], start=1):
            now += matrix @ found[k - before]
        found.append(now)
    return found


def _rates(
    update: Float[np.ndarray, "d d"], push: Float[np.ndarray, "d m"]
) -> Float[np.ndarray, "d columns"] | None:
    """A and B of the law whose exponential this is; None where there is no real one."""
    d, m = push.shape
    block = np.zeros((d + m, d + m))
    block[:d] = np.concatenate([_with_logarithm(update), push], axis=1)
    block[d:, d:] = np.eye(m)
    found = logarithm(block)
    if np.abs(np.imag(found)).max() > _TINY * max(np.abs(np.real(found)).max(), 1.0):
        return None
    return np.real(found)[:d]


def _with_logarithm(update: Float[np.ndarray, "d d"]) -> Float[np.ndarray, "d d"]:
    """The same, but for variables that change their sign at every site: these forget at once."""
    found = np.linalg.eig(update)
    values, vectors = found.eigenvalues.astype(complex), found.eigenvectors
    alternates = (np.real(values) <= 0) & (np.abs(np.imag(values)) < _TINY)
    if not alternates.any() or np.linalg.cond(vectors) > 1 / _SINGULAR:
        return update
    kept = np.where(alternates, _FORGETS, values)
    return np.asarray(((vectors * kept) @ np.linalg.inv(vectors)).real)
