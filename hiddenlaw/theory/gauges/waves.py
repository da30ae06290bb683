"""Several wave functions at once: bases in which m = d/2 variables obey laws of second order.

Where the input moves only the second derivatives, ψ″ = (κV + C − E) ψ for a vector ψ of m waves,
the rows r with r B = 0 for every generator B that the input multiplies are those that read ψ and
not ψ′: they are known up to an invertible matrix of m × m, ψ → R ψ. What the response says of R
fixes the gauge:

- *components*: each of m responses is the square of one variable; these are the ψ_k.
- *modes*: otherwise R is chosen so that the waves are not coupled, ψ_k″ = (κV − E_k) ψ_k, and the
  response holds every ψ_k² with the factor one. What it holds of their products is then measured:
  none for a sum of squares whose C is symmetric, all for the square of a sum.

That there are modes is all that one density can say of C: C → R C R⁻¹ leaves nothing else alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement

import equinox as eqx
import numpy as np
from jaxtyping import Bool, Float

from hiddenlaw.readouts.quadratic import quadratic_form
from hiddenlaw.theory.fits.refit import CanonicalFit, canonical_refit, free_refit, sample_count
from hiddenlaw.theory.fits.uncertainty import information
from hiddenlaw.theory.gauges.basis import in_basis
from hiddenlaw.theory.gauges.companion import covector
from hiddenlaw.training.recurrent import Recurrent, Sequences

_SINGULAR = 1e-6
_DECODER = "quadratic"


@dataclass(frozen=True)
class SeveralWaves:
    """A model in the state z = (ψ_1, …, ψ_m, ψ_1′, …, ψ_m′), and what its gauge fixes.

    `kind` is "components" or "modes"; `free` and `prunable` are as in `canonical_refit`.
    """

    kind: str
    model: Recurrent
    free: Bool[np.ndarray, " p"]
    prunable: Bool[np.ndarray, " p"]


def several_waves(model: Recurrent) -> Iterator[SeveralWaves]:
    """The gauges of several waves that a model with quadratic readout has; none for odd d or 2."""
    d, weights = model.cell.dimension, np.asarray(model.readout.weights)
    if d < 4 or d % 2:
        return
    m, matrices = d // 2, np.asarray(model.cell.matrices)
    if weights.shape[1] >= m:
        rows = np.stack([covector(_DECODER, column, d)[0] for column in weights.T[:m]])
        yield from _in_gauge("components", model, _coupled_positively(rows, matrices[0]))
    rows = _modes(matrices, quadratic_form(weights[:, 0], d)[2])
    if rows is not None:
        yield from _in_gauge("modes", model, rows)


def refit_several(
    refitted: Recurrent, shown: Sequences, known: float | None, floor: float
) -> tuple[SeveralWaves, CanonicalFit] | None:
    """The best refit as several waves; None where the model without any gauge is more likely.

    More likely by the information criterion (`hiddenlaw.theory.fits.uncertainty.information`).
    """
    samples = sample_count(shown)
    found = None
    for waves in several_waves(refitted):
        fit = canonical_refit(waves.model, waves.free, waves.prunable, shown, known, floor)
        score = information(fit.loss, samples, int(fit.free.sum()), floor)
        if np.isfinite(score) and (found is None or score < found[0]):
            found = score, waves, fit
    if found is None:
        return None
    loss = free_refit(refitted, shown)[1]
    if not found[0] <= information(loss, samples, found[1].free.size, floor):
        return None
    return found[1], found[2]


def _coupled_positively(
    rows: Float[np.ndarray, "m d"], matrix: Float[np.ndarray, "d d"]
) -> Float[np.ndarray, "m d"]:
    """The same rows with signs such that no ψ_k enters ψ_1″ with a negative factor."""
    m = len(rows)
    both = np.concatenate([rows, rows @ matrix])
    if not np.isfinite(both).all():
        return rows
    coupling = (rows[0] @ matrix @ matrix @ np.linalg.pinv(both))[1:m]
    return rows * np.concatenate([[1.0], np.where(coupling < 0, -1.0, 1.0)])[:, None]


def _modes(
    matrices: Float[np.ndarray, "term d d"], form: Float[np.ndarray, "d d"]
) -> Float[np.ndarray, "m d"] | None:
    """Rows that read the uncoupled waves; None where there are none, or the response misses one.

    Those of the lowest energy come first. Signs are such that ψ_1 ψ_k has no negative factor.
    """
    d = matrices.shape[1]
    m = d // 2
    moved = np.concatenate(list(matrices[1:]), axis=1)
    if not (np.isfinite(matrices).all() and np.isfinite(form).all()):
        return None
    rows = np.linalg.svd(moved)[0][:, m:].T
    both = np.concatenate([rows, rows @ matrices[0]])
    if np.linalg.cond(both) > 1 / _SINGULAR:
        return None
    curvature = (rows @ matrices[0] @ matrices[0] @ np.linalg.inv(both))[:, :m]
    values, vectors = np.linalg.eig(curvature)
    if np.iscomplexobj(values) or np.linalg.cond(vectors) > 1 / _SINGULAR:
        return None
    rows = np.linalg.solve(vectors[:, np.argsort(-values)], rows)
    inverse = np.linalg.inv(np.concatenate([rows, rows @ matrices[0]]))
    read = (inverse.T @ form @ inverse)[:m, :m]
    size = np.sqrt(np.abs(np.diag(read)))
    if size.min() < _SINGULAR * size.max():
        return None
    signs = np.where(read[0] < 0, -1.0, 1.0)
    signs[0] = 1.0
    return rows * (size * signs)[:, None]


def _in_gauge(
    kind: str, model: Recurrent, rows: Float[np.ndarray, "m d"]
) -> Iterator[SeveralWaves]:
    """The gauge in which `rows` read the waves, if these and their derivatives make a basis."""
    m, d = rows.shape
    transform = np.concatenate([rows, rows @ np.asarray(model.cell.matrices)[0]])
    scaled = transform / (np.linalg.norm(transform, axis=1, keepdims=True) + 1e-300)
    if not np.isfinite(scaled).all() or np.linalg.svd(scaled)[1][-1] < _SINGULAR:
        return
    turned = in_basis(model, transform, _DECODER)
    matrices, weights = np.array(turned.cell.matrices), np.array(turned.readout.weights)
    free_matrices, free_weights = np.ones(matrices.shape, bool), np.ones(weights.shape, bool)
    matrices[:, :m] = 0.0
    matrices[0, :m, m:] = np.eye(m)
    free_matrices[:, :m] = False
    pairs = combinations_with_replacement(range(d), 2)
    squares = {pair: 1 + d + i for i, pair in enumerate(pairs)}
    if kind == "modes":
        coupled = ~np.eye(m, dtype=bool)
        matrices[0, m:, :m][coupled] = 0.0
        free_matrices[0, m:, :m][coupled] = False
        fixed = [(0, squares[k, k], True) for k in range(m)]
    else:
        fixed = [(k, squares[min(j, k), max(j, k)], j == k) for k in range(m) for j in range(m)]
    for output, row, unit in fixed:
        weights[row, output] = np.sign(weights[row, output]) if unit else 0.0
        free_weights[row, output] = False
    parts = free_matrices.ravel(), np.ones(np.size(model.initial), bool), free_weights.ravel()
    free = np.concatenate(parts)
    prunable = free.copy()
    prunable[matrices.size : matrices.size + np.size(model.initial)] = False
    exact = eqx.tree_at(lambda n: (n.cell.matrices, n.readout.weights), turned, (matrices, weights))
    yield SeveralWaves(kind, exact, free, prunable)
