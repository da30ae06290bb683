"""The starts of runs by linear least squares, where the readout has squares too.

There it is no linear problem in the start z, but it is one in z and Z = z zᵀ together: solved run
by run, Z taken to rank one.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import PolynomialCell
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import AbstractPreparation
from hiddenlaw.readouts import Quadratic
from hiddenlaw.training.best_starts import best_starts
from hiddenlaw.training.first_starts import first_starts, reads_first

_DEPENDENT = 1e-12  # of the largest singular value


def lifted(law: Law, given: Shown) -> AbstractPreparation:
    """Starts by linear least squares: for z, and z zᵀ where the readout has squares.

    Of a law that is no linear one, but reads its first variable, by a polynomial through the first
    samples.
    """
    if not law.cell.presumes_linear:
        return _through_samples(law, given)
    if not isinstance(law.readout, Quadratic):
        return best_starts(law, given).preparation
    preparation, readout, slopes = law.preparation, law.readout, law.preparation.slopes
    initial, q = np.broadcast_to(slopes, (given.runs, *slopes.shape)), slopes.shape[1]
    # Where a variable is held the state is not zero when the numbers are.
    zero = preparation.with_numbers(np.zeros((given.runs, q))).starts(given.runs)
    along = law.steps(given)
    with np.errstate(over="ignore", invalid="ignore"):
        unmoved = along.states(zero)
        moved = along.sensitivities(zero, unmoved, initial, np.zeros(0, int))  # site run d q
        root, rest = np.sqrt(given.weight), given.target - readout(unmoved)
        first, second = np.triu_indices(q)
        twice = np.where(first == second, 1.0, 2.0)
        rows, left = [], []
        for output in range(given.target.shape[2]):
            _, linear, form = readout.form(output)
            squares = np.swapaxes(moved, -1, -2) @ (form @ moved)
            slope = ((linear + 2 * unmoved @ form)[..., None, :] @ moved)[..., 0, :]
            parts = slope, squares[..., first, second] * twice
            weighted = root[..., output % root.shape[2]]
            rows.append(np.concatenate(parts, axis=-1) * weighted[..., None])
            left.append(rest[..., output] * weighted)
        design = np.concatenate(rows).swapaxes(0, 1)
        target = np.concatenate(left).swapaxes(0, 1)
    numbers = np.zeros((given.runs, q))
    for run in range(given.runs):
        numbers[run] = _rank_one(design[run], target[run], q)
    return preparation.with_numbers(numbers)


def _through_samples(law: Law, given: Shown) -> AbstractPreparation:
    cell, preparation = law.cell, law.preparation
    if not isinstance(cell, PolynomialCell) or not reads_first(law):
        return preparation
    starts = first_starts(law, given, cell.varies)
    return preparation.with_numbers(np.where(np.isfinite(starts), starts, 0.0))


def _rank_one(
    design: Float[np.ndarray, "sample feature"], target: Float[np.ndarray, " sample"], q: int
) -> Float[np.ndarray, " q"]:
    """The start whose products are nearest to the best z zᵀ."""
    if not np.isfinite(design).all():
        return np.zeros(q)
    scale = np.linalg.norm(design, axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    found = np.linalg.lstsq(design / scale, target, rcond=_DEPENDENT)[0] / scale
    outer = np.zeros((q, q))
    outer[np.triu_indices(q)] = found[q:]
    outer = outer + outer.T - np.diag(np.diag(outer))
    values, vectors = np.linalg.eigh(outer)
    start = vectors[:, -1] * np.sqrt(max(values[-1], 0.0))
    # The sign is told by linear terms of the readout, if there are any.
    return -start if start @ found[:q] < 0 else start
