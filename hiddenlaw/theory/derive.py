"""From a distiller to a theory: refits, gauge, equation, errors, invariants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.distiller.distillation import Distiller
from hiddenlaw.law import Law, Shown
from hiddenlaw.readouts import Quadratic
from hiddenlaw.theory.beginnings import Runs, first_refit, in_its_units
from hiddenlaw.theory.describe import describe
from hiddenlaw.theory.fits.best_readout import seen_states
from hiddenlaw.theory.fits.bootstrap import bootstrap_covariance, quantile
from hiddenlaw.theory.fits.cell_error import cell_error, with_cell_error
from hiddenlaw.theory.fits.effective import independence
from hiddenlaw.theory.fits.instrument_error import with_instrument_error
from hiddenlaw.theory.fits.refit import Data
from hiddenlaw.theory.gauges.born import born_rule
from hiddenlaw.theory.gauges.choose import Chosen, best_gauge, in_gauge_of
from hiddenlaw.theory.gauges.moved import fit_from_zero, in_units_from_zero
from hiddenlaw.theory.gauges.offsets import with_offset
from hiddenlaw.theory.invariants import BornRule
from hiddenlaw.theory.readings import covariance_of_law
from hiddenlaw.theory.statement import Quality, Statement
from hiddenlaw.theory.theory import Theory
from hiddenlaw.training.curriculum import ROUNDING

_MARGIN = 2.0  # of the error of the cells: what is taken for nothing


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
    start = first_refit((distiller, *others), decoder, runs)
    if start.lost and runs.pieces is not None:
        again = {"others": others, "bootstrap": bootstrap, "seed": seed}
        return derive_theory(distiller, decoder, runs.pieces, **again)
    shown, loss = start.shown, start.loss
    distilled, refitted = (in_its_units(law, runs) for law in (start.distilled, start.refitted))
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
