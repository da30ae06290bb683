"""From a distiller to a theory: generators, refits, gauge, equation, errors, invariants."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Float

from hiddenlaw._precision import float64
from hiddenlaw._typing import AnyArray
from hiddenlaw.cells import Monomials, generator_over
from hiddenlaw.dataset import Dataset
from hiddenlaw.distiller import Distiller
from hiddenlaw.holds import Span
from hiddenlaw.theory import gauge
from hiddenlaw.theory.basis import in_basis
from hiddenlaw.theory.bootstrap import bootstrap_covariance, quantile
from hiddenlaw.theory.cell_error import cell_error, with_cell_error
from hiddenlaw.theory.describe import Derivation, describe
from hiddenlaw.theory.intervals import NORMAL, equation_with_errors, with_intervals
from hiddenlaw.theory.offsets import as_offsets, fixed_by_offset
from hiddenlaw.theory.refit import (
    CanonicalFit,
    canonical_refit,
    compile_refit,
    flat,
    free_refit,
    places,
    sample_count,
    with_nodes_for,
)
from hiddenlaw.theory.several import refit_several, several_waves
from hiddenlaw.theory.shooting import shooting_refit, windowed
from hiddenlaw.theory.theory import Theory, readout_from
from hiddenlaw.theory.uncertainty import ROUNDING, information
from hiddenlaw.training.recurrent import Recurrent, Sequences, readout_features
from hiddenlaw.translator import joint_span, measured_sequences

INPUT_DEGREE = 2  # the terms on offer: 1, V, V²
_MARGIN = 2.0  # of the error of the cells: what is taken for nothing
_AS_GOOD = 1.05  # times the loss: a story told with fewer constants may cost so much
_ROUNDS, _GAUGES = 6, 3  # at most: of the free refit, and of the gauge taken anew


Before = Float[np.ndarray, "run coordinate"] | None
"""Hidden coordinates of every run before its first site; None where all runs start alike."""


@dataclass(frozen=True)
class _Start:
    """The distilled law as a model of the measured response: where the refits begin."""

    model: Recurrent
    shown: Sequences
    norm: float
    span: Span


def _on_offer(span: Span, inputs: int) -> Monomials:
    """1, V, V² of the inputs and, where runs have constants, these to first degree."""
    every = Monomials.spanning(span.low, span.high, INPUT_DEGREE, centred=False)
    kept = tuple(e for e in every.exponents if not any(e[inputs:]) or sum(e) == 1)
    return replace(every, exponents=kept)


def _start(
    distiller: Distiller, decoder: str, train: Dataset, heldout: Dataset, before: Before
) -> _Start:
    span = joint_span(train, heldout)
    monomials = _on_offer(span, len(train.input_names))
    norm = float(np.sqrt(np.sum(train.variance)))
    matrices = gauge.generators_of(distiller.cell, monomials, span)
    cell = generator_over(matrices, monomials, span)
    outputs = train.response.shape[2]
    d = distiller.cell.dimension
    features = d if decoder == "linear" else 1 + d + d * (d + 1) // 2
    readout = readout_from(decoder, np.zeros((features, outputs)))
    initial = distiller.initial if before is None else _encoded(distiller, before)
    model = with_nodes_for(Recurrent(cell, readout, initial), span)
    return _Start(model, measured_sequences(model.cell, train, norm), norm, span)


@float64
def compile_ahead(
    distiller: Distiller, decoder: str, train: Dataset, heldout: Dataset, before: Before = None
) -> Callable[[], None]:
    """A function for another thread, which compiles what `derive_theory` will call."""
    start = _start(distiller, decoder, train, heldout, before)

    @float64
    def compile_both() -> None:
        compile_refit(start.model, start.shown)
        # Equinox hides from type checkers that what `filter_jit` returns can be lowered.
        states = _states_and_features.lower  # pyright: ignore[reportFunctionMemberAccess]
        states(start.model, start.shown).compile()

    return compile_both


@float64
def derive_theory(
    distiller: Distiller,
    decoder: str,
    train: Dataset,
    heldout: Dataset,
    *,
    others: Sequence[Distiller] = (),
    before: Before = None,
    bootstrap: int = 0,
    seed: int = 0,
) -> Theory:
    """The theory that a distiller of class `decoder` found, refitted to the measured response.

    `others` are distillers from other seeds: where solutions grow fast a refit may be lost from
    one and not from another. `before` are the hidden coordinates in which every training run starts
    where these differ. With `bootstrap` resamples of the runs, drawn from `seed`, intervals are
    those of the bootstrap.
    """
    start = _start(distiller, decoder, train, heldout, before)
    shown, as_distilled = start.shown, _with_best_weights(start)
    if train.constants is not None:
        rivals = [_start(other, decoder, train, heldout, before) for other in others]
        models = [as_distilled, *map(_with_best_weights, rivals)]
        as_distilled, shown = shooting_refit(models, train, start.norm)
    refitted = _free_refit(as_distilled, shown)
    known = _known_variance(train)
    floor = max(ROUNDING, _MARGIN * cell_error(refitted, train, start.norm))
    derivation = _canonical_derivation(as_distilled, refitted, decoder, shown, known, floor)
    if train.constants is not None:
        with_offsets = _offset_derivation(derivation, decoder, train, start, known, floor)
        if with_offsets is not None:
            derivation, shown = with_offsets
    sharp = derivation.fit
    fit = with_cell_error(sharp, train, shown)
    derivation = replace(derivation, fit=fit)
    held = {"derivatives": [k // derivation.waves for k in range(fit.model.cell.dimension)]}
    of_law, span = fit.model, start.span
    if train.constants is not None:
        inputs = len(train.input_names)
        span = Span(span.low[:inputs], span.high[:inputs], span.step)
        if of_law.constants is None:
            of_law = replace(of_law, constants=np.asarray(train.constants)[:, 0])
    theory = Theory(of_law, start.norm, train.dx, span, train.hold, held)
    record = describe(theory, derivation, decoder, train)
    width, resampled = NORMAL, None
    if bootstrap:
        drawn = bootstrap_covariance(fit, shown, bootstrap, seed)
        # The error of the cells is the same in every resample: it is added here too.
        spread = replace(fit, covariance=drawn + fit.covariance - sharp.covariance)
        resampled = describe(theory, replace(derivation, fit=spread), decoder, train)
        width = quantile(train.runs)
    record = with_intervals(record, width, resampled)
    if record["law"]:
        for key, latex in (("with_errors", False), ("with_errors_latex", True)):
            rows = record["law"]["terms"].items()
            texts = [equation_with_errors(left, terms, latex=latex) for left, terms in rows]
            record["law"][key] = (r",\quad " if latex else "; ").join(texts)
    record["fit"] = _quality(fit, shown, known, floor)
    return replace(theory, record=record)


def _known_variance(train: Dataset) -> float | None:
    """The loss that the errors of the samples alone would make, if the data bring such."""
    if train.response_error is None:
        return None
    seen = train.observed
    weight = train.weight / train.variance
    error = np.where(seen, train.response_error, 0.0) / np.sqrt(np.sum(train.variance))
    total = float(np.sum(weight)) / weight.shape[2]
    return float(np.sum(weight * error**2)) / total


def _quality(
    fit: CanonicalFit, shown: Sequences, known: float | None, floor: float
) -> dict[str, float | None]:
    """Residual variance over the response's, its criterion, and chi-square where errors are."""
    samples, parameters = sample_count(shown), int(fit.free.sum())
    freedom = max(samples - parameters, 1.0) / samples
    return {
        "loss": fit.loss,
        "samples": samples,
        "criterion": information(fit.loss, samples, parameters, floor),
        "chi_square": None if known is None else fit.loss / known / freedom,
    }


@eqx.filter_jit
def _encode(distiller: Distiller, hidden: AnyArray) -> AnyArray:
    return jax.vmap(distiller.encoder)(hidden)


def _encoded(distiller: Distiller, hidden: AnyArray) -> Float[np.ndarray, "d run"]:
    return np.asarray(_encode(distiller, hidden)).T


@eqx.filter_jit
def _states_and_features(model: Recurrent, sequences: Sequences):
    states = model.states(sequences)
    return states, readout_features(model.readout, states)


def _samples(values) -> np.ndarray:
    """(site, variable, run) as (sample, variable)."""
    return np.asarray(values).transpose(0, 2, 1).reshape(-1, values.shape[1])


def _with_best_weights(start: _Start) -> Recurrent:
    """The model with the readout that reads the measured response best off its states."""
    model, sequences = start.model, start.shown
    features, target = _samples(_states_and_features(model, sequences)[1]), sequences.target
    target, root = _samples(target), np.sqrt(_samples(_weight_of(sequences)))
    scale = np.sqrt(np.mean(features**2, axis=0)) + 1e-300
    columns = [
        np.linalg.lstsq(features / scale * w[:, None], y * w, rcond=1e-12)[0] / scale
        for y, w in zip(target.T, root.T, strict=True)
    ]
    return eqx.tree_at(lambda m: m.readout.weights, model, np.stack(columns, axis=1))


def _weight_of(sequences: Sequences) -> np.ndarray:
    """The weight of every sample of every output."""
    return np.broadcast_to(np.asarray(sequences.weight), sequences.target.shape)


def _canonical_derivation(
    distilled: Recurrent,
    refitted: Recurrent,
    decoder: str,
    shown: Sequences,
    known: float | None,
    floor: float,
) -> Derivation:
    seen = _weight_of(shown)[:, 0] > 0
    states = np.asarray(_states_and_features(refitted, shown)[0]).transpose(0, 2, 1)[seen]
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
    before = _in_canonical_gauge(distilled, decoder)
    after = _in_canonical_gauge(refitted, decoder)
    before_matrices = None if before is None else np.asarray(before.cell.matrices)
    if after is None:
        free = np.ones(flat(refitted).size, bool)
        fit = canonical_refit(refitted, free, np.zeros_like(free), shown, known, floor)
        return Derivation(before_matrices, fit, born, False)
    free, prunable = free_entries(after, decoder)
    fit = canonical_refit(with_fixed_entries(after, decoder), free, prunable, shown, known, floor)
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


def _offset_derivation(
    derivation: Derivation,
    decoder: str,
    train: Dataset,
    start: _Start,
    known: float | None,
    floor: float,
) -> tuple[Derivation, Sequences] | None:
    """The same with the runs' constants as offsets of the input, and refitted with the law.

    None where the data do not agree: where it leaves more than with the constants as they were.
    """
    if not derivation.canonical or derivation.several:
        return None
    model = as_offsets(derivation.fit.model, train, start.span)
    if model is None:
        return None
    shown = windowed(model, replace(train, constants=None), start.norm)
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


def _free_refit(as_distilled: Recurrent, shown: Sequences) -> Recurrent:
    """Free refits, one after another, as long as each halves the loss."""
    refitted, before = as_distilled, np.inf
    for _ in range(_ROUNDS):
        trial, loss = free_refit(refitted, shown)
        if not np.isfinite(loss) or loss > before:
            break
        refitted = trial
        if loss > before / 2 or loss < ROUNDING:
            break
        before = loss
    return refitted


def _readout_terms(fit: CanonicalFit) -> int:
    """Free terms of the first response's readout that survived."""
    weights = np.asarray(fit.model.readout.weights)
    return int(fit.free[places(fit.model)[2]].reshape(weights.shape)[:, 0].sum())


def _in_canonical_gauge(model: Recurrent, decoder: str) -> Recurrent | None:
    """The same model with the basis changed so that the first response reads the first variable."""
    d, weights = model.cell.dimension, np.asarray(model.readout.weights)
    c, sign = gauge.covector(decoder, weights[:, 0], d)
    basis = gauge.canonical(np.asarray(model.cell.matrices), c, sign)
    if basis is None:
        return None
    return in_basis(model, basis.transform, decoder)


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
