"""Laws with a term free of the state, such as y″ = −ω² y + f: one of the variables is constant.

The law of d variables z′ = (A + B V) z, linear in z, holds every driven law of d − 1 variables: its
last variable is 1. It is the linear function ℓ·z that stays the same along all runs, and the gauge
is (c, cA, …, cA^{d−2}, ℓ): every entry is then a coefficient, of the state or of the input alone.
"""

import equinox as eqx
import numpy as np
from jaxtyping import Bool, Float

from hiddenlaw.theory.fits.best_readout import states_and_features, weight_of
from hiddenlaw.theory.fits.refit import (
    CanonicalFit,
    canonical_refit,
    flat,
    free_refit,
    places,
    sample_count,
)
from hiddenlaw.theory.fits.uncertainty import information
from hiddenlaw.theory.gauges import companion as gauge
from hiddenlaw.theory.gauges.basis import in_basis
from hiddenlaw.training.recurrent import Recurrent, Sequences

_VARIES = 1e-2  # mean square, of what is 1 where it is constant


def constant_function(
    states: Float[np.ndarray, "sample d"],
) -> tuple[Float[np.ndarray, " d"], float]:
    """The ℓ with which ℓ·z is nearest to 1 over the states, and its mean square distance."""
    size = np.sqrt(np.mean(states**2, axis=0)) + 1e-300
    found = np.linalg.lstsq(states / size, np.ones(len(states)), rcond=None)[0] / size
    return found, float(np.mean((states @ found - 1) ** 2))


def refit_driven(
    refitted: Recurrent, shown: Sequences, norm: float, known: float | None, floor: float
) -> CanonicalFit | None:
    """The refit as a driven law; None where the model without any gauge is more likely.

    More likely by the information criterion (`hiddenlaw.theory.fits.uncertainty.information`).
    """
    model = as_driven(refitted, shown, norm)
    if model is None:
        return None
    fit = canonical_refit(model, *_entries(model), shown, known, floor)
    samples, d = sample_count(shown), model.cell.dimension
    score = information(fit.loss, samples, int(fit.free.sum()), floor)
    loss = free_refit(refitted, shown)[1]
    # Of the numbers of a law without gauge d² are those of its basis.
    return fit if score <= information(loss, samples, flat(refitted).size - d**2, floor) else None


def as_driven(model: Recurrent, shown: Sequences, norm: float) -> Recurrent | None:
    """The model with its last variable the constant 1, `norm` being the unit of the response.

    None where no function of the state is constant, or the response does not see all the others.
    """
    d, matrices = model.cell.dimension, np.asarray(model.cell.matrices)
    states = np.asarray(states_and_features(model, shown)[0]).transpose(0, 2, 1)
    states = states[weight_of(shown)[:, 0] > 0]
    if d < 2 or not np.isfinite(states).all():
        return None
    constant, distance = constant_function(states)
    if distance > _VARIES:
        return None
    c = np.asarray(model.readout.weights)[:, 0]
    basis = gauge.canonical(matrices, c, 1.0, last=constant / norm)
    if basis is None:
        return None
    turned = in_basis(model, basis.transform, "linear")
    matrices, weights = np.array(turned.cell.matrices), np.array(turned.readout.weights)
    initial = np.array(turned.initial)
    matrices[:, -1] = 0.0
    matrices[0, : d - 2] = np.eye(d)[1 : d - 1]
    initial[-1] = 1.0 / norm
    weights[:, 0] = np.eye(d)[0]
    return eqx.tree_at(
        lambda m: (m.cell.matrices, m.initial, m.readout.weights),
        turned,
        (matrices, initial, weights),
    )


def _entries(model: Recurrent) -> tuple[Bool[np.ndarray, " p"], Bool[np.ndarray, " p"]]:
    """Which parameters the gauge leaves free, and which of them may turn out to be zero."""
    d = model.cell.dimension
    matrices = np.ones(model.cell.matrices.shape, bool)
    matrices[:, -1] = matrices[0, : d - 2] = False
    initial = np.ones(np.shape(model.initial), bool)
    initial[-1] = False
    weights = np.ones(model.readout.weights.shape, bool)
    weights[:, 0] = False
    free = np.concatenate([matrices.ravel(), initial.ravel(), weights.ravel()])
    prunable = free.copy()
    prunable[places(model)[1]] = False
    return free, prunable
