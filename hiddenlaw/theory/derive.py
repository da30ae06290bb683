"""From a distiller to a theory: generators, refits, gauge, equation, errors, invariants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import (
    AbstractGeneratorCell,
    AbstractLinearCell,
    DrivenCell,
    Monomials,
    generator_over,
)
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.middle import Middle
from hiddenlaw.distiller.distillation import Distiller
from hiddenlaw.holds import Span
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import AbstractPreparation
from hiddenlaw.readouts import Quadratic, readout_class
from hiddenlaw.theory.describe import describe
from hiddenlaw.theory.fits.best_readout import seen_states, with_best_weights
from hiddenlaw.theory.fits.bootstrap import bootstrap_covariance, quantile
from hiddenlaw.theory.fits.cell_error import cell_error, with_cell_error
from hiddenlaw.theory.fits.effective import independence
from hiddenlaw.theory.fits.instrument_error import with_instrument_error
from hiddenlaw.theory.fits.refit import Data, free_refit
from hiddenlaw.theory.fits.shooting import shooting_refit
from hiddenlaw.theory.gauges.born import born_rule
from hiddenlaw.theory.gauges.choose import Chosen, best_gauge, in_gauge_of
from hiddenlaw.theory.gauges.driven import with_constant
from hiddenlaw.theory.gauges.moved import fit_from_zero, in_units_from_zero
from hiddenlaw.theory.gauges.offsets import with_offset
from hiddenlaw.theory.generators import generators_of
from hiddenlaw.theory.invariants import BornRule
from hiddenlaw.theory.readings import covariance_of_law
from hiddenlaw.theory.statement import Quality, Statement
from hiddenlaw.theory.theory import Theory
from hiddenlaw.training.curriculum import ROUNDING

INPUT_DEGREE = 2  # the terms on offer: 1, V, V²
_MARGIN = 2.0  # of the error of the cells: what is taken for nothing


@dataclass(frozen=True)
class Runs:
    """The training runs of a theory.

    - `data`; `span` of all inputs, training and held-out.
    - `preparation`: that of the translator, with these runs' own numbers; `before`: the hidden
      coordinates in which each run starts, where these differ.
    - `disturbed`: the same data, had the instrument been another by one standard error.
    - `reached`: what the translator leaves of them; 0 where laws are fitted to something else.
    - `middle`: from where all of this counts; None for zero, from where theories always do.
    """

    data: Dataset
    span: Span
    preparation: AbstractPreparation
    before: Float[np.ndarray, "run coordinate"] | None = None
    disturbed: tuple[Dataset, ...] = ()
    reached: float = 0.0
    middle: Middle | None = None

    @property
    def from_zero(self) -> Runs:
        """The same runs, counted from zero."""
        if self.middle is None:
            return self
        data, span = self.middle.put_back(self.data), self.middle.span(self.span)
        return Runs(data, span, self.preparation)


def on_offer(span: Span, inputs: int) -> Monomials:
    """1, V, V² of the inputs and, where runs have constants, these to first degree."""
    every = Monomials.spanning(span.low, span.high, INPUT_DEGREE, centred=False)
    kept = tuple(e for e in every.exponents if not any(e[inputs:]) or sum(e) == 1)
    return replace(every, exponents=kept)


def as_law(distiller: Distiller, decoder: str, runs: Runs) -> Law:
    """The distilled law as a model of the measured response: where the refits begin."""
    latent, train = distiller.law, runs.data
    states = latent.preparation.numbers if runs.before is None else distiller.encoder(runs.before)
    preparation = runs.preparation.started(states)
    span = preparation.span(runs.span)
    cell = latent.cell
    if isinstance(cell, AbstractLinearCell):
        wide = runs.span if isinstance(cell, AbstractGeneratorCell) else span
        monomials = on_offer(span, len(train.input_names))
        cell = generator_over(generators_of(cell, monomials, wide), monomials, span)
    readout = readout_class(decoder).of_theory()
    scale = np.full(train.response.shape[2], float(np.sqrt(np.sum(train.variance))))
    blank = readout.blank(latent.dimension, len(scale), rng=np.random.default_rng(0))
    if not isinstance(cell, DrivenCell):
        cell = cell.with_span(span)  # type: ignore[attr-defined]
    law = Law(preparation, cell, blank, scale)
    return with_constant(law) if runs.preparation.still else law


def in_its_units(law: Law, runs: Runs) -> Law:
    """The same law for inputs that are counted from zero, so that one number is one coefficient.

    Those of driven laws are counted from the middle of their range until the law is refitted: far
    from zero they and a constant are hard to tell apart.
    """
    if not isinstance(law.cell, DrivenCell):
        return law
    return law.but(cell=law.cell.with_span(law.preparation.span(runs.span)))


def derive_theory(
    distiller: Distiller,
    decoder: str,
    runs: Runs,
    *,
    others: Sequence[Distiller] = (),
    bootstrap: int = 0,
    seed: int = 0,
) -> Theory:
    """The theory that a distiller of class `decoder` found, refitted to the measured response.

    `others` are distillers from other seeds: the measured response says which of them is the law,
    and where solutions grow fast a refit may be lost from one and not from another. With
    `bootstrap` resamples of the runs, drawn from `seed`, intervals are those of the bootstrap.
    """
    train = runs.data
    started = [as_law(each, decoder, runs) for each in (distiller, *others)]
    shown = Shown.measured(train, started[0].scale)
    laws = [with_best_weights(law, shown) for law in started]
    if runs.preparation.in_pieces:
        law, shown = shooting_refit(laws, train)
        laws = [law]
    distilled, refitted, loss = _best_refit(laws, shown)
    distilled, refitted = (in_its_units(law, runs) for law in (distilled, refitted))
    floor = max(ROUNDING, _MARGIN * cell_error(refitted, train, shown))
    known = Data(shown, _known_variance(train), floor, reached=runs.reached)
    data = _data(refitted, loss, known)
    chosen = best_gauge(refitted, loss, data)
    before = in_gauge_of(chosen, distilled, data)
    chosen = with_offset(chosen, train, runs.span, data)
    sharp = chosen.fit
    fit = with_instrument_error(with_cell_error(sharp, train, shown), runs.disturbed, shown)
    told = [replace(chosen, fit=fit)]
    if bootstrap:
        drawn = bootstrap_covariance(fit, shown, bootstrap, seed)
        # Errors of the cells and of the instrument are the same in every resample.
        spread = drawn + fit.covariance - sharp.covariance
        told.append(replace(chosen, fit=replace(fit, covariance=spread)))
    if runs.middle is not None:
        told = [_from_zero(each, runs, data) for each in told]
        before = before and in_units_from_zero(before, runs.middle, runs.from_zero.span)
    return _told(told, runs.from_zero, before, _born(refitted, shown), decoder, data)


def _told(
    told: Sequence[Chosen],
    runs: Runs,
    before: Law | None,
    born: BornRule | None,
    decoder: str,
    data: Data,
) -> Theory:
    """The theory of a law in its gauge; what is `told` behind it has the errors of a bootstrap."""
    chosen, train = told[0], runs.data
    theory = Theory(
        chosen.fit.law,
        train.dx,
        runs.span,
        train.hold,
        _bare(chosen, decoder),
        train.dead_time,
        covariance=covariance_of_law(chosen.fit),
    )
    said, *resampled = (describe(theory, each, before, born, decoder, train) for each in told)
    statement = said.with_intervals()
    if resampled:
        statement = said.with_intervals(quantile(train.runs), resampled[0])
    return replace(theory, statement=replace(statement, fit=_quality(chosen, data)))


def _from_zero(chosen: Chosen, runs: Runs, data: Data) -> Chosen:
    """What was found of inputs and responses counted from their middle, counted from zero."""
    there = runs.from_zero
    assert runs.middle is not None
    shown = Shown.measured(there.data, chosen.fit.law.scale)
    return replace(chosen, fit=fit_from_zero(chosen.fit, runs.middle, there.span, data, shown))


def _best_refit(laws: Sequence[Law], shown: Shown) -> tuple[Law, Law, float]:
    """The law whose free refit leaves least, that refit, and what it leaves; the first if exact."""
    trials = []
    for law in laws:
        trials.append((law, *free_refit(law, shown)))
        if trials[-1][2] <= ROUNDING:
            break
    return min(trials, key=lambda trial: trial[2])


def _data(law: Law, loss: float, data: Data) -> Data:
    """With what the residuals of the law say of one another, where there are any but rounding."""
    if not loss > max(data.noise, ROUNDING):
        return data
    return replace(data, independence=independence(law, data.shown))


def _bare(chosen: Chosen, decoder: str) -> Statement:
    """What must be said of a theory before it can say more: its units follow from this."""
    gauge, gauged = chosen.gauge, chosen.gauged
    orders = gauged.orders if gauge.canonical else None
    return Statement(chosen.fit.law.dimension, decoder, derivatives=orders)


def _born(refitted: Law, shown: Shown) -> BornRule | None:
    """What the readout's form is, where it has one."""
    if not isinstance(refitted.readout, Quadratic):
        return None
    states = seen_states(refitted, shown)
    spread = float(np.std(shown.target[..., 0][shown.weight[..., 0] > 0]))
    return born_rule(refitted.readout, states, spread)


def _known_variance(train: Dataset) -> float | None:
    """The loss that the errors of the samples alone would make, if the data bring such."""
    if train.response_error is None:
        return None
    weight = train.weight / train.variance
    error = np.where(train.observed, train.response_error, 0.0) / np.sqrt(np.sum(train.variance))
    total = float(np.sum(weight)) / weight.shape[2]
    return float(np.sum(weight * error**2)) / total


def _quality(chosen: Chosen, data: Data) -> Quality:
    """Residual variance over the response's, its criterion, and chi-square where errors are."""
    fit, samples = chosen.fit, data.shown.samples
    numbers = int(fit.free.sum())
    freedom = max(samples - numbers, 1.0) / samples
    chi_square = None if data.known is None else fit.loss / data.known / freedom
    criterion = data.information(fit.loss, numbers)
    return Quality(fit.loss, samples, criterion, chi_square, data.floor, data.samples)
