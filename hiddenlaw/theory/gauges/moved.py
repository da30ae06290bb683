"""Fits of driven laws whose inputs and responses were counted from a middle, counted from zero.

Nothing is fitted anew: errors go along by the slopes of the map (`translator.middles`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.middle import Middle
from hiddenlaw.holds import Span
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import Mask, filled, flat
from hiddenlaw.theory.fits.refit import Data, Fitted
from hiddenlaw.theory.gauges.observability import constants_of, with_one_constant
from hiddenlaw.training.new_runs import found
from hiddenlaw.translator.middles import counted_from_zero


def in_units_from_zero(law: Law, middle: Middle, span: Span) -> Law:
    """A law counted from zero, where one number is one coefficient; `span` is of its inputs."""
    law = counted_from_zero(law, middle)
    return law.but(cell=law.cell.with_span(span))  # type: ignore[attr-defined]  # a driven cell


def fit_from_zero(fit: Fitted, middle: Middle, span: Span, data: Data, shown: Shown) -> Fitted:
    """The fit of a law in its observability basis, counted from zero like `shown`.

    `data` are those of the fit itself. The constant is free now, if the law needs one: it is
    dropped where the data do not ask for it, as other terms are.
    """
    single = _counts_anywhere(fit)

    def move(law: Law) -> Law:
        there = in_units_from_zero(law, middle, span)
        return with_one_constant(there) if single else there

    def numbers(values: Float[np.ndarray, " p"]) -> Float[np.ndarray, " q"]:
        return flat(move(filled(fit.law, values)))[fit.dense]

    law, slopes = move(fit.law), _slopes(numbers, fit)
    free = fit.free.copy()
    free[constants_of(law)[-1:] if single else constants_of(law)] = True
    moved = replace(fit, law=law, free=free, covariance=slopes @ fit.covariance @ slopes.T)
    threshold = np.sqrt(np.log(data.samples))
    while fit.dense.size:
        fewer = _without_weakest(moved, threshold, shown)
        if fewer is None or fewer.loss > fit.loss * (1 + 2 * threshold**2 / data.samples):
            break
        moved = fewer
    return moved


def _counts_anywhere(fit: Fitted) -> bool:
    """Whether the constant of the law is one number, in its last row."""
    return not fit.free[constants_of(fit.law)[:-1]].any() and len(fit.law.scale) == 1


def _slopes(numbers: Callable, fit: Fitted) -> Float[np.ndarray, "q q"]:
    """By differences over one standard error; those of numbers without an error do not matter."""
    at, errors = flat(fit.law), fit.stderr(fit.dense)
    columns = np.zeros((len(fit.dense), len(fit.dense)))
    for column in np.flatnonzero(errors).tolist():
        step = np.zeros(len(at))
        step[fit.dense[column]] = errors[column]
        columns[:, column] = (numbers(at + step) - numbers(at - step)) / (2 * errors[column])
    return columns


def _without_weakest(fit: Fitted, threshold: float, shown: Shown) -> Fitted | None:
    """Without the constant that is the fewest standard errors from zero; None if all are needed.

    The other numbers move as the covariance says: to where the fit is best without it.
    """
    constants = constants_of(fit.law)
    constants = constants[fit.free[constants]]
    values, errors = flat(fit.law), np.maximum(fit.stderr(constants), 1e-150)
    if not constants.size:
        return None
    strength = np.abs(values[constants]) / errors
    weakest = int(constants[np.argmin(strength)])
    if strength.min() >= threshold:
        return None
    at = int(np.flatnonzero(fit.dense == weakest)[0])
    along = fit.covariance[:, at] / fit.covariance[at, at]
    values[fit.dense] -= along * values[weakest]
    values[weakest] = 0.0
    free: Mask = fit.free.copy()
    free[weakest] = False
    covariance = fit.covariance - np.outer(along, fit.covariance[at])
    covariance[at] = covariance[:, at] = 0.0
    law = filled(fit.law, values)
    if law.preparation.per_run:
        law = law.but(preparation=found(law, shown))
    return replace(fit, law=law, free=free, covariance=covariance, loss=law.loss(shown))
