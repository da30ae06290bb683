"""Thrift in terms: where what is left is no noise, significance buys nothing.

An input measured with errors, a background, a blur: each is soaked up by half a dozen terms, every
one of them significant, and a plain law leaves hardly more. So where the residuals of the form that
the criterion chose still remember one another, a further term must leave a quarter of what is left.
Terms are dropped one by one (of many an eighth at a time), weakest first, down to one; of all these
forms the plainest is kept of which no richer one leaves 1/4ᵏ for its k further terms.
"""

from __future__ import annotations

import numpy as np

from hiddenlaw.law import Law
from hiddenlaw.parameters import Mask
from hiddenlaw.theory.fits.effective import independence
from hiddenlaw.theory.fits.refit import Data, Fitted, fitted, weakest, without
from hiddenlaw.training.curriculum import ROUNDING
from hiddenlaw.translator.left_over import input_says

_CLEARLY = 1.5  # times what the translator leaves
_AT_ONCE = 8  # of so many terms one is dropped at a time
WORTH = 0.25
"""Of what is left: what a further term must come down to."""


def thriftier(fit: Fitted, prunable: Mask, data: Data) -> Fitted:
    """The plainest form of a law that is worth its terms; the `fit` itself where it fits."""
    if not np.isfinite(fit.loss) or not is_misfit(fit.law, fit.loss, data):
        return fit
    forms = [fit]
    while int((prunable & forms[-1].free).sum()) > 1:
        fewer = _without_weakest(forms[-1], prunable, data)
        if not np.isfinite(fewer.loss) or fewer.loss > 1.0:
            break
        forms.append(fewer)
    best = forms[-1]
    for richer in reversed(forms[:-1]):
        if richer.loss <= WORTH ** _more(richer, best) * best.loss:
            best = richer
    return best


def is_misfit(law: Law, loss: float, data: Data) -> bool:
    """Whether what is left of the response is no noise.

    It is more than rounding, remembers itself, and does not look as noise that lasts would: a
    translator leaves clearly less, it is larger where the response is, runs have it in common, or
    the input says something of it.
    """
    shown = data.shown
    if not loss > max(data.noise, ROUNDING):
        return False
    found = independence(law, shown)
    clearly = data.reached > 0 and loss > _CLEARLY * data.reached
    if found.white or clearly or not found.even or found.common:
        return not found.white
    answer = law.outputs(shown)
    left = np.where(shown.weight > 0, shown.target - answer, np.nan)
    return input_says(shown.input, *(np.swapaxes(part, 0, 1) for part in (answer, left)))


def _without_weakest(fit: Fitted, prunable: Mask, data: Data) -> Fitted:
    """The refit without the least sure of the prunable numbers; without several, of many."""
    drop = weakest(fit, prunable, max(1, int((prunable & fit.free).sum()) // _AT_ONCE))
    free = fit.free.copy()
    free[drop] = False
    return fitted(without(fit.law, drop), free, prunable, int(prunable.sum()), data)


def _more(richer: Fitted, plainer: Fitted) -> int:
    return int(richer.free.sum() - plainer.free.sum())
