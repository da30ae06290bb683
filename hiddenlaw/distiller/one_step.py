"""A start that is no guess: where every hidden coordinate is seen, so is its change over a site.

From random matrices a law of ten variables is seldom found. But a linear decoder shows the latent
state itself, g_i = exp(A + B V_i + …) g_{i−1}, and to third order in the generator

    g_i − g_{i−1} = (A + B V_i + …) (g_i + g_{i−1}) / 2,

which is one linear regression (the midpoint rule, or Cayley's form of the exponential).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import AbstractGeneratorCell
from hiddenlaw.law import Law
from hiddenlaw.preparations import Shared
from hiddenlaw.readouts import Linear

_NEGLIGIBLE = 1e-12  # of the largest singular value: no state variable, and no regressor


def one_step_start(
    cell: AbstractGeneratorCell,
    input: Float[np.ndarray, "run site channel"],
    coordinates: Float[np.ndarray, "run site coordinate"],
) -> Law | None:
    """A law of the cell's dimension whose state is that many principal axes of `coordinates`.

    `input` is what cells are shown; all runs start from one state. None where the coordinates have
    fewer axes.
    """
    d, outputs = cell.dimension, coordinates.shape[2]
    flat = coordinates.reshape(-1, outputs)
    _, singular, right = np.linalg.svd(flat, full_matrices=False)
    if len(singular) < d or singular[d - 1] <= _NEGLIGIBLE * singular[0]:
        return None
    size = singular[:d, None] / np.sqrt(len(flat))
    weights = right[:d] * size
    state = coordinates @ (right[:d] / size).T
    features = cell.monomials(_within(cell, input))
    before, after = state[:, :-1], state[:, 1:]
    regressors = features[:, 1:, :, None] * ((before + after) / 2)[:, :, None]
    change = (after - before).reshape(-1, d)
    found = np.linalg.lstsq(regressors.reshape(len(change), -1), change, rcond=_NEGLIGIBLE)[0]
    matrices = found.reshape(-1, d, d).swapaxes(1, 2)
    first = np.einsum("rt,tab->rab", features[:, 0], matrices) / 2
    identity = np.eye(d)
    initial = np.linalg.solve(identity + first, (identity - first) @ state[:, 0, :, None])
    start = Shared(initial[..., 0].mean(axis=0))
    readout = Linear(weights, np.zeros(0))
    return Law(start, cell.with_matrices(matrices), readout, np.ones(outputs))


def _within(
    cell: AbstractGeneratorCell, input: Float[np.ndarray, "run site channel"]
) -> Float[np.ndarray, "run site channel"]:
    """The input inside every cell: of two Gauss points the mean."""
    if input.shape[2] == cell.monomials.channels:
        return input
    return np.concatenate([input[..., :2].mean(axis=2, keepdims=True), input[..., 3:]], axis=2)
