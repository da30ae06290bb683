"""Terms that the data do not ask for are dropped, and errors are taken of what is left."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from hiddenlaw.cells import PolynomialCell
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import flat, layout
from hiddenlaw.theory.fits.effective import independence
from hiddenlaw.theory.fits.refit import Data, Fitted, fitted
from hiddenlaw.theory.fits.uncertainty import inverse_of, multiplicity, tells
from hiddenlaw.theory.selection.accuracy import in_short_steps, step_error, with_step_error
from hiddenlaw.theory.selection.forward import free_numbers, refitted
from hiddenlaw.theory.selection.own_coefficient import with_own_coefficient
from hiddenlaw.theory.selection.search import Ended
from hiddenlaw.theory.selection.validation import free_run
from hiddenlaw.theory.statement import Quality
from hiddenlaw.training.curriculum import ROUNDING
from hiddenlaw.training.least_squares import LeastSquares

_WORTH = 1.1  # times the error on the validation block: a term that is worth it
_HOPELESS = 10.0  # times the loss of what it was fitted to: no law that a block would want
_WEAKEST = 3  # terms that are tried at a time


def lean(ended: Ended, on_offer: int) -> Ended:
    """The law with the terms that the criterion keeps: the extended Bayesian one of effective
    samples, `on_offer` being how many terms there were to choose from.

    First all that are fewer than √ln N standard errors from zero are dropped together, then one at
    a time, the weakest first.
    """
    data, together = data_of(ended.law, ended.shown), True
    score = _score(ended, data, on_offer)
    while ended.terms > 1:
        places, strength = _strengths(ended, data)
        weak = places[strength < np.sqrt(np.log(data.samples))]
        if not together or not 0 < len(weak) < ended.terms:
            together, weak = False, places[np.argsort(strength)[:1]]
        trial = without(ended, weak)
        after = _score(trial, data, on_offer)
        if after <= score:
            ended, score = trial, after
        elif together:
            together = False
        else:
            break
    return ended


def wanted(ended: Ended, block: Heldout) -> tuple[Ended, float]:
    """Without the terms that the validation block does not want, and its error there.

    Where what is left is noise that is a term without which the error is no larger. Else any number
    of terms would be significant, and each must be worth a tenth of what is left.
    """
    data, error = data_of(ended.law, ended.shown), free_run(ended.law, block)
    most = 1.0 if data.independence.white else _WORTH
    while ended.terms > 1:
        places, strength = _strengths(ended, data)
        weak = places[np.argsort(strength)[:_WEAKEST]]
        if most == 1.0:
            weak = weak[:1]
        trials = [without(ended, weak[k : k + 1]) for k in range(len(weak))]
        errors = [
            free_run(trial.law, block) if trial.loss <= _HOPELESS * ended.loss else np.inf
            for trial in trials
        ]
        best = int(np.argmin(errors))
        if not errors[best] <= most * error:
            break
        ended, error = trials[best], errors[best]
    return ended, error


def with_errors(ended: Ended, on_offer: int) -> Fitted:
    """The law at its optimum to the end, in steps as short as it takes, with its covariance."""
    law = in_short_steps(ended.law, ended.shown, ended.loss)
    law = refitted(law, ended.shown).law
    free = free_numbers(law)
    terms = free & layout(law).mask(cell=True)
    data = data_of(law, ended.shown)
    fit = fitted(law, free, terms, max(on_offer, ended.terms), data)
    return with_own_coefficient(with_step_error(fit, ended.shown), ended.shown)


def data_of(law: Law, shown: Shown) -> Data:
    """What is fitted to, with what the residuals of the law say of one another."""
    known = independence(law, shown)
    return Data(shown, floor=max(ROUNDING, step_error(law, shown)), independence=known)


def quality(fit: Fitted, data: Data) -> Quality:
    """What a law leaves of these data, and its criterion."""
    score = data.information(fit.loss, fit.parameters) if np.isfinite(fit.loss) else np.inf
    return Quality(fit.loss, data.shown.samples, score, None, data.floor, data.samples)


def without(ended: Ended, places: Int[np.ndarray, " k"]) -> Ended:
    """The refit without these terms."""
    cell = ended.law.cell
    assert isinstance(cell, PolynomialCell)
    kept = np.ones(len(cell.row), bool)
    kept[places] = False
    fewer = refitted(ended.law.but(cell=cell.keeping(kept)), ended.shown)
    return Ended(fewer.law, ended.shown, fewer.loss, ended.length)


def _strengths(
    ended: Ended, data: Data
) -> tuple[Int[np.ndarray, " term"], Float[np.ndarray, " term"]]:
    """The free terms, and how many standard errors each is from zero."""
    law, free = ended.law, free_numbers(ended.law)
    places = np.flatnonzero(free & layout(law).mask(cell=True))
    there = LeastSquares(law, ended.shown, free).at(flat(law))
    reduced = there.equations().reduced()
    if reduced is None or not tells(reduced.matrix):
        return places, np.zeros(len(places))
    dense = there.problem.columns.dense
    inverse = inverse_of(reduced.matrix, np.ones(len(dense), bool))
    variance = max(ended.loss, data.noise) / data.samples
    error = np.sqrt(np.maximum(np.diag(inverse), 1e-300) * variance)
    at = np.searchsorted(dense, places)
    return places, np.abs(flat(law)[places]) / error[at]


def _score(ended: Ended, data: Data, on_offer: int) -> float:
    if not np.isfinite(ended.loss):
        return np.inf
    terms = ended.terms
    return data.information(ended.loss, terms) + multiplicity(terms, max(on_offer, terms))
