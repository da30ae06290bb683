"""The law in its canonical gauge, where every free number is a coefficient of an equation.

The basis is chosen so that the first response reads the first variable and the law has companion
form (`companion`), those entries are fixed exactly, and the others are refitted and
pruned. Several waves have gauges of their own (`gauges.waves`).
"""

from dataclasses import replace

import equinox as eqx
import numpy as np

from hiddenlaw.cells import AbstractGeneratorCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.holds._base import Span
from hiddenlaw.theory.describe import Derivation
from hiddenlaw.theory.fits.best_readout import states_and_features, weight_of
from hiddenlaw.theory.fits.refit import CanonicalFit, canonical_refit, flat, places, sample_count
from hiddenlaw.theory.fits.shooting import windowed
from hiddenlaw.theory.fits.uncertainty import information
from hiddenlaw.theory.gauges import companion as gauge
from hiddenlaw.theory.gauges.basis import in_basis
from hiddenlaw.theory.gauges.driven import as_driven, refit_driven
from hiddenlaw.theory.gauges.offsets import as_offsets, fixed_by_offset
from hiddenlaw.theory.gauges.waves import refit_several, several_waves
from hiddenlaw.training.recurrent import Recurrent, Sequences

_AS_GOOD = 1.05  # times the loss: a story told with fewer constants may cost so much
_ZERO = 1e-6  # of the largest variable
_GAUGES = 3  # at most: how often the gauge is taken anew


def canonical_derivation(
    distilled: Recurrent,
    refitted: Recurrent,
    decoder: str,
    shown: Sequences,
    norm: float,
    known: float | None,
    floor: float,
) -> Derivation:
    """The theory's fit in the simplest gauge it has.

    `norm` is the response's unit in the model; `known` and `floor` are as in `canonical_refit`.
    """
    seen = weight_of(shown)[:, 0] > 0
    states = np.asarray(states_and_features(refitted, shown)[0]).transpose(0, 2, 1)[seen]
    born = None
    if decoder != "linear":
        spread = float(np.std(np.asarray(shown.target)[:, 0][seen]))
        born = gauge.born_rule(np.asarray(refitted.readout.weights)[:, 0], states, spread)
    several = refit_several(refitted, shown, known, floor) if decoder != "linear" else None
    if several is not None:
        waves, fit = several
        alike = (w for w in several_waves(distilled) if w.kind == waves.kind)
        distilled_matrices = next((np.asarray(w.model.cell.matrices) for w in alike), None)
        return Derivation(distilled_matrices, fit, born, True, waves.kind)
    if decoder == "linear" and refitted.constants is None:
        fit = refit_driven(refitted, shown, norm, known, floor)
        if fit is not None:
            before = as_driven(distilled, shown, norm)
            matrices = None if before is None else np.asarray(before.cell.matrices)
            return Derivation(matrices, fit, born, True, driven=True)
    before = _in_canonical_gauge(distilled, decoder)
    after = _in_canonical_gauge(refitted, decoder)
    before_matrices = None if before is None else np.asarray(before.cell.matrices)
    fit, (free, prunable) = None, free_entries(refitted, decoder)
    if after is not None:
        model = with_fixed_entries(after, decoder)
        fit = canonical_refit(model, free, prunable, shown, known, floor)
    if fit is None or not np.isfinite(fit.loss):
        fit = _without_gauge(refitted, shown, known, floor)
        return Derivation(before_matrices, fit, born, False)
    for _ in range(_GAUGES):
        # More than the one term in the readout: the root of its form was taken a little wrong, and
        # the fit knows it better now; or there is no such root, and another gauge is no simpler.
        again = _in_canonical_gauge(fit.model, decoder)
        if decoder == "linear" or _readout_terms(fit) == 0 or again is None:
            break
        trial = canonical_refit(
            with_fixed_entries(again, decoder), free, prunable, shown, known, floor
        )
        if trial.free.sum() >= fit.free.sum() or trial.loss > 4 * max(fit.loss, floor):
            break
        fit = trial
    return Derivation(before_matrices, fit, born, True)


def _without_gauge(
    model: Recurrent, shown: Sequences, known: float | None, floor: float
) -> CanonicalFit:
    """The fit in the basis that the optimiser found, without powers of the input that do nothing.

    No single entry can be judged there, but whether any of those with V² is needed is the same
    question in every basis.
    """
    assert isinstance(model.cell, AbstractGeneratorCell)
    free = np.ones(flat(model).size, bool)
    nothing = np.zeros_like(free)
    fit = canonical_refit(model, free, nothing, shown, known, floor)
    matrices = np.array(fit.model.cell.matrices)
    squares = np.array([sum(exponents) > 1 for exponents in model.cell.monomials.exponents])
    dropped = np.broadcast_to(squares[:, None, None], matrices.shape).ravel()
    matrices[squares] = 0.0
    plainer = eqx.tree_at(lambda m: m.cell.matrices, fit.model, matrices)
    fewer = free.copy()
    fewer[places(model)[0]] = ~dropped
    trial = canonical_refit(plainer, fewer, nothing, shown, known, floor)
    samples = sample_count(shown)
    scores = [information(f.loss, samples, int(f.free.sum()), floor) for f in (fit, trial)]
    return trial if scores[1] <= scores[0] else fit


def offset_derivation(
    derivation: Derivation,
    decoder: str,
    train: Dataset,
    norm: float,
    span: Span,
    known: float | None,
    floor: float,
) -> tuple[Derivation, Sequences] | None:
    """The same with the runs' constants as offsets of the input, and refitted with the law.

    None where the data do not agree: where it leaves more than with the constants as they were.
    """
    if not derivation.canonical or derivation.several:
        return None
    model = as_offsets(derivation.fit.model, train, span)
    if model is None:
        return None
    shown = windowed(model, replace(train, constants=None), norm)
    model = with_fixed_entries(model, decoder)
    free, prunable = free_entries(model, decoder)
    fixed = np.flatnonzero(fixed_by_offset(model))
    free[fixed] = prunable[fixed] = False
    matrices = np.array(model.cell.matrices)
    matrices.ravel()[fixed] = 0.0
    model = eqx.tree_at(lambda m: m.cell.matrices, model, matrices)
    fit = canonical_refit(model, free, prunable, shown, known, floor)
    if not fit.loss <= _AS_GOOD * max(derivation.fit.loss, floor):
        return None
    return replace(derivation, fit=fit, distilled=None), shown


def _readout_terms(fit: CanonicalFit) -> int:
    """Free terms of the first response's readout that survived."""
    weights = np.asarray(fit.model.readout.weights)
    return int(fit.free[places(fit.model)[2]].reshape(weights.shape)[:, 0].sum())


def _in_canonical_gauge(model: Recurrent, decoder: str) -> Recurrent | None:
    """The same model with the basis changed so that the first response reads the first variable.

    Squares do not tell a state from its negative: by convention the first variable of the first
    run's initial state is positive or, where that one is zero, the first that is not.
    """
    d, weights = model.cell.dimension, np.asarray(model.readout.weights)
    c, sign = gauge.covector(decoder, weights[:, 0], d)
    basis = gauge.canonical(np.asarray(model.cell.matrices), c, sign)
    if basis is None:
        return None
    transform = basis.transform
    if decoder != "linear":
        start = transform @ np.asarray(model.initial).reshape(d, -1)[:, 0]
        first = start[np.argmax(np.abs(start) > _ZERO * np.abs(start).max())]
        transform = transform if first >= 0 else -transform
    return in_basis(model, transform, decoder)


def _fixed_readout(decoder: str, d: int) -> tuple[list[int], int]:
    """Rows of the first response's weights that the gauge fixes, and the one that is ±1."""
    if decoder == "linear":
        return list(range(d)), 0
    return [1 + d], 1 + d


def free_entries(model: Recurrent, decoder: str) -> tuple[np.ndarray, np.ndarray]:
    """Which parameters the gauge leaves free, and which of them may turn out to be zero."""
    d = model.cell.dimension
    matrices = np.ones(model.cell.matrices.shape, bool)
    matrices[0, : d - 1] = False
    weights = np.ones(model.readout.weights.shape, bool)
    weights[_fixed_readout(decoder, d)[0], 0] = False
    starts, constants = (
        np.ones(0 if part is None else np.size(part), bool)
        for part in (model.initial, model.constants)
    )
    free = np.concatenate([matrices.ravel(), starts, weights.ravel(), constants])
    prunable = free.copy()
    _, of_starts, _, of_constants = places(model)
    prunable[of_starts] = prunable[of_constants] = False
    return free, prunable


def with_fixed_entries(model: Recurrent, decoder: str) -> Recurrent:
    """Exact companion form and exact readout where the gauge makes them so."""
    d = model.cell.dimension
    matrices, weights = np.array(model.cell.matrices), np.array(model.readout.weights)
    matrices[0, : d - 1] = np.eye(d)[1:]
    rows, unit = _fixed_readout(decoder, d)
    sign = 1.0 if decoder == "linear" else float(np.sign(weights[unit, 0])) or 1.0
    weights[rows, 0] = 0.0
    weights[unit, 0] = sign
    return eqx.tree_at(lambda m: (m.cell.matrices, m.readout.weights), model, (matrices, weights))
