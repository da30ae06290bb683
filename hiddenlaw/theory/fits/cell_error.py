"""The error of the cells themselves, where the input varies inside them.

A spline through samples is not the input, and a step of fourth order is not the law. Both errors
are small, the same for all runs, and no noise: they would pass for terms of the law. So they are
estimated from the data's own inputs, by cells half as wide and a spline of higher degree, and
enter twice: nothing smaller is taken for a measurement, and what they do to the coefficients is
part of the error bars.
"""

from dataclasses import replace

import equinox as eqx
import numpy as np
from jaxtyping import Float

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.holds._base import halved
from hiddenlaw.theory.fits.refit import CanonicalFit, flat, solve
from hiddenlaw.training.recurrent import Recurrent, Sequences
from hiddenlaw.translator import measured_sequences, sequences_for


def cell_error(model: Recurrent, train: Dataset, norm: float) -> float:
    """Mean square change of the response with finer cells, over its variance; 0 for hold zero."""
    if train.hold == "zero" or train.constants is not None:
        return 0.0
    coarse = _outputs(model, measured_sequences(model.cell, train, norm))
    return float(np.mean(np.sum((_finer(model, train) - coarse) ** 2, axis=1)))


def with_cell_error(fit: CanonicalFit, train: Dataset, shown: Sequences) -> CanonicalFit:
    """The fit, with the shift of its parameters under finer cells in their covariance."""
    if train.hold == "zero" or train.constants is not None:
        return fit
    finer = eqx.tree_at(lambda s: s.target, shown, _finer(fit.model, train))
    shifted = np.asarray(solve(fit.model, fit.free.astype(float), finer)[0])
    shift = np.where(fit.free, shifted - flat(fit.model), 0.0)
    if not np.isfinite(shift).all():
        return fit
    return replace(fit, covariance=fit.covariance + np.outer(shift, shift))


def _finer(model: Recurrent, train: Dataset) -> Float[np.ndarray, "site output run"]:
    """What the model answers at the sites, with two cells for each."""
    half = eqx.tree_at(lambda m: m.cell.matrices, model, np.asarray(model.cell.matrices) / 2)
    input = halved(train.input, train.hold)
    target = np.zeros((*input.shape[:2], train.response.shape[2]))
    return _outputs(half, sequences_for(half.cell, input, target))[1::2]


def _outputs(model: Recurrent, sequences: Sequences) -> Float[np.ndarray, "site output run"]:
    return np.asarray(_outputs_jit(model, sequences))


@eqx.filter_jit
def _outputs_jit(model, sequences):
    return model.outputs(sequences)
