"""The final refit: the distilled theory as a complete model of the measured response.

Twice, both started from the distilled values and by Levenberg–Marquardt on all training runs:

- `free_refit`: any matrices for the terms on offer (1, V, V²), any readout of the class. Nothing is
  presumed about the basis; Born's rule is read off here.
- `canonical_refit`: in the canonical gauge, where every entry is a coefficient of an equation.
  Terms that are indistinguishable from zero are removed one after another by an information
  criterion, each time with a refit. Statistics are done here.
"""

from dataclasses import dataclass
from itertools import pairwise

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from hiddenlaw._precision import to_numpy
from hiddenlaw._typing import AnyArray
from hiddenlaw.cells import AbstractGeneratorCell, with_span
from hiddenlaw.holds._base import Span
from hiddenlaw.theory.fits.uncertainty import ROUNDING, covariance, information, multiplicity
from hiddenlaw.training.levenberg_marquardt import levenberg_marquardt
from hiddenlaw.training.recurrent import Recurrent, Sequences
from hiddenlaw.training.sensitivities import NormalEquations, keep


@dataclass(frozen=True)
class CanonicalFit:
    """A law in its canonical gauge: the model, which parameters are free, and their covariance.

    Parameters are the cell's matrices, the initial state, the readout's weights and the constants
    of the runs where there are such, in this order, each raveled; `loss` is relative to the
    variance of the response, and infinite where the law overflows.
    """

    model: Recurrent
    free: Bool[np.ndarray, " p"]
    covariance: Float[np.ndarray, "p p"]
    loss: float


def free_refit(model: Recurrent, sequences: Sequences) -> tuple[Recurrent, float]:
    """Levenberg–Marquardt from `model` with nothing held fixed; the loss may not be finite."""
    parameters, loss, _ = solve(model, np.ones(flat(model).size), sequences)
    return to_numpy(_filled(model, np.asarray(parameters))), float(loss)


def canonical_refit(
    model: Recurrent,
    free: Bool[np.ndarray, " p"],
    prunable: Bool[np.ndarray, " p"],
    sequences: Sequences,
    known: float | None = None,
    floor: float = ROUNDING,
) -> CanonicalFit:
    """Refit the `free` parameters, drop those of the `prunable` that the data do not ask for.

    First all whose Wald statistic is below the criterion's own threshold √ln N are dropped
    together, then one at a time, weakest first, as long as the criterion falls. What is dropped is
    zero and stays zero. `known` is the variance of the noise, if it is known, in units of the loss;
    `floor` is a loss below which nothing is measured (rounding, or the error of the cells).
    """
    samples = sample_count(sequences)
    on_offer = int((prunable & free).sum())

    def score_of(fit: CanonicalFit) -> float:
        fixed = int((fit.free & ~prunable).sum())
        kept = int((fit.free & prunable).sum())
        score = information(fit.loss, samples, fixed + kept, floor)
        return score + multiplicity(kept, on_offer)

    known = max(known or 0.0, floor)
    current = _fit(model, free, sequences, known)
    score = score_of(current)
    together = True
    while np.isfinite(current.loss) and (prunable & current.free).any():
        candidates = np.flatnonzero(prunable & current.free)
        strength = np.abs(flat(current.model)[candidates]) / _error(current, candidates)
        weak = candidates[strength < np.sqrt(np.log(samples))]
        drop = weak if together and len(weak) else candidates[[np.argmin(strength)]]
        fewer = current.free.copy()
        fewer[drop] = False
        trial = _fit(_zeroed(current.model, drop), fewer, sequences, known)
        trial_score = score_of(trial)
        if trial_score <= score:
            current, score = trial, trial_score
        elif together:
            together = False
        else:
            break
    return current


def _error(fit: CanonicalFit, which: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(np.diag(fit.covariance)[which], 1e-300))


def flat(model: Recurrent) -> np.ndarray:
    """Matrices, initial state, readout weights and constants of the runs, one after another."""
    return np.concatenate([np.asarray(part).ravel() for part in _parts(model)])


def _parts(model: Recurrent) -> tuple[AnyArray, ...]:
    parts = model.cell.matrices, model.initial, model.readout.weights
    return parts if model.constants is None else (*parts, model.constants)


def places(model: Recurrent) -> tuple[slice, slice, slice, slice]:
    """Where matrices, initial state, weights and constants stand among the parameters."""
    sizes = [np.size(part) for part in _parts(model)]
    ends = np.cumsum([0, *sizes, 0])
    matrices, starts, weights, constants = [slice(a, b) for a, b in pairwise(ends)][:4]
    return matrices, starts, weights, constants


def _zeroed(model: Recurrent, which: np.ndarray) -> Recurrent:
    parameters = flat(model)
    parameters[which] = 0.0
    return to_numpy(_filled(model, parameters))


def _filled(model: Recurrent, flat: AnyArray) -> Recurrent:
    parts = zip(_parts(model), places(model), strict=False)
    return eqx.tree_at(
        _parts, model, tuple(flat[place].reshape(np.shape(part)) for part, place in parts)
    )


def sample_count(sequences: Sequences) -> float:
    """How many numbers were measured."""
    weight = np.asarray(sequences.weight)
    return float(np.sum(weight > 0)) * sequences.target.shape[1] / weight.shape[1]


def _fit(
    model: Recurrent, free: np.ndarray, sequences: Sequences, known: float | None
) -> CanonicalFit:
    parameters, loss, matrix = solve(model, free.astype(float), sequences)
    weight, outputs = float(sequences.weight.sum()), sequences.target.shape[1]
    fitted = to_numpy(_filled(model, np.asarray(parameters)))
    if not (np.isfinite(loss) and np.isfinite(matrix).all()):
        return CanonicalFit(fitted, free, np.zeros_like(matrix), np.inf)
    weight = weight / sequences.weight.shape[1]
    cov = covariance(np.asarray(matrix), float(loss), weight, outputs, free, known)
    return CanonicalFit(fitted, free, cov, float(loss))


def compile_refit(model: Recurrent, sequences: Sequences) -> None:
    """Compile both refits for arguments of these shapes, without running them."""
    # Equinox hides from type checkers that what `filter_jit` returns can be lowered.
    lower = solve.lower  # pyright: ignore[reportFunctionMemberAccess]
    lower(model, np.ones(flat(model).size), sequences).compile()


@eqx.filter_jit
def solve(model: Recurrent, free: Float[AnyArray, " p"], sequences: Sequences):
    """Parameters at the optimum over those that are free, loss and JᵀJ there."""
    parameters = minimise(model, free, sequences, 40)
    at_end = keep(_filled(model, parameters), sequences, len(sequences.basis))
    return parameters, at_end.loss, at_end.matrix


def minimise(
    model: Recurrent, free: Float[AnyArray, " p"], sequences: Sequences, steps: int
) -> Float[Array, " p"]:
    """Levenberg–Marquardt over the free parameters, from the model's own; the others stay."""
    base = jnp.concatenate([jnp.ravel(part) for part in _parts(model)])
    scaled = model.own_starts
    length = len(sequences.basis)

    def equations(y, sequences):
        e = keep(_filled(model, jnp.where(free > 0, y, base)), sequences, length)
        return NormalEquations(
            e.loss, e.gradient * free, e.matrix * free * free[:, None], e.gradient
        )

    fit = levenberg_marquardt(equations, base, sequences, max_steps=steps, scaled=scaled)
    return fit.parameters


def with_nodes_for(model: Recurrent, span: Span) -> Recurrent:
    """The same model with its generator cell's Chebyshev nodes taken for these inputs."""
    assert isinstance(model.cell, AbstractGeneratorCell)
    cell = with_span(model.cell, span)
    return eqx.tree_at(lambda m: m.cell, model, cell, is_leaf=lambda leaf: leaf is model.cell)
