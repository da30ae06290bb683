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
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.distiller.distiller import Distiller
from hiddenlaw.holds._base import Span
from hiddenlaw.theory.describe import describe
from hiddenlaw.theory.equations.intervals import NORMAL, equation_with_errors, with_intervals
from hiddenlaw.theory.fits.best_readout import states_and_features, with_best_weights
from hiddenlaw.theory.fits.bootstrap import bootstrap_covariance, quantile
from hiddenlaw.theory.fits.cell_error import cell_error, with_cell_error
from hiddenlaw.theory.fits.refit import (
    CanonicalFit,
    compile_refit,
    free_refit,
    sample_count,
    with_nodes_for,
)
from hiddenlaw.theory.fits.shooting import shooting_refit
from hiddenlaw.theory.fits.uncertainty import ROUNDING, information
from hiddenlaw.theory.gauges import companion as gauge
from hiddenlaw.theory.gauges.choose import canonical_derivation, offset_derivation
from hiddenlaw.theory.theory import Theory, readout_from
from hiddenlaw.training.recurrent import Recurrent, Sequences
from hiddenlaw.translator import joint_span, measured_sequences

INPUT_DEGREE = 2  # the terms on offer: 1, V, V²
_MARGIN = 2.0  # of the error of the cells: what is taken for nothing
_ROUNDS = 6  # of the free refit, at most


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
        states = states_and_features.lower  # pyright: ignore[reportFunctionMemberAccess]
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
    shown, as_distilled = start.shown, with_best_weights(start.model, start.shown)
    if train.constants is not None:
        rivals = [_start(other, decoder, train, heldout, before) for other in others]
        models = [with_best_weights(rival.model, rival.shown) for rival in rivals]
        as_distilled, shown = shooting_refit([as_distilled, *models], train, start.norm)
    refitted = _free_refit(as_distilled, shown)
    known = _known_variance(train)
    floor = max(ROUNDING, _MARGIN * cell_error(refitted, train, start.norm))
    derivation = canonical_derivation(
        as_distilled, refitted, decoder, shown, start.norm, known, floor
    )
    if train.constants is not None:
        with_offsets = offset_derivation(
            derivation, decoder, train, start.norm, start.span, known, floor
        )
        if with_offsets is not None:
            derivation, shown = with_offsets
    sharp = derivation.fit
    fit = with_cell_error(sharp, train, shown)
    derivation = replace(derivation, fit=fit)
    held = {"derivatives": derivation.orders}
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
