"""Which gauge: the one place where laws in different gauges are refitted, scored and compared.

All are counted alike. A law without any gauge has d² numbers that say nothing but which basis it is
in; they are taken off before it is compared (a basis of d variables is an invertible matrix, and
any law is as good in any). Otherwise a gauge would win by d² ln N before the data are asked.

Gauges differ in how much they allow: several waves are fewer laws than a companion form. Those that
leave the fewest numbers free are tried first, and others only where these do not explain the data.

Where what is left is no noise, significance says little, and thrift decides
(`hiddenlaw.theory.fits.thrift`): the law without a gauge would have to leave a quarter of what is
left with each further number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hiddenlaw.law import Law
from hiddenlaw.theory.fits.refit import Data, Fitted, pruned_refit
from hiddenlaw.theory.fits.thrift import WORTH, is_misfit, thriftier
from hiddenlaw.theory.gauges._base import AbstractGauge, Gauged
from hiddenlaw.theory.gauges.companion import Companion
from hiddenlaw.theory.gauges.driven import Driven
from hiddenlaw.theory.gauges.free import Free
from hiddenlaw.theory.gauges.observability import Observability
from hiddenlaw.theory.gauges.waves import Waves

GAUGES: list[AbstractGauge] = [Waves(), Driven(), Observability(), Companion()]
"""Those that are tried; one of somebody else's joins with `GAUGES.append(MyGauge())`."""

_AGAIN = 3  # at most: how often the gauge is taken anew
_WORSE = 4.0  # times the loss: what a basis with fewer numbers may cost on the way
_TIE = 2.0  # of the criterion: not worth a mention (Kass and Raftery, J. Am. Stat. Assoc. 90, 773)


@dataclass(frozen=True, eq=False)
class Chosen:
    """The gauge, the law in it, and its fit."""

    gauge: AbstractGauge
    gauged: Gauged
    fit: Fitted


def best_gauge(
    law: Law, loss: float, data: Data, gauges: Sequence[AbstractGauge] | None = None
) -> Chosen:
    """The gauge in which the law, refitted with nothing held, is most likely; none if that is.

    `loss` is that of `law`. More likely by the information criterion, with what the choice of the
    terms costs (`hiddenlaw.theory.fits.uncertainty`). Where all terms are needed both are the same
    law with as many numbers, and the gauge, which says what they mean, is taken.
    """
    gauges = GAUGES if gauges is None else gauges
    ways = [(gauge, gauged) for gauge in gauges for gauged in gauge.fix(law, data.shown)]
    numbers, found = _numbers_without_gauge(law), list[Chosen]()
    for gauge, gauged in sorted(ways, key=lambda way: _allowed(way[1])):
        if any(_allowed(chosen.gauged) < _allowed(gauged) for chosen in found):
            break
        chosen = _fit(gauge, gauged, data)
        if _explains(chosen, law, loss, numbers, data):
            found.append(chosen)
    if not found:
        free = Free()
        found = [_fit(free, gauged, data) for gauged in free.fix(law, data.shown)]
    return min(found, key=lambda chosen: chosen.fit.score)


def _explains(chosen: Chosen, law: Law, loss: float, numbers: int, data: Data) -> bool:
    """Whether a law in its gauge is as good as the same without one, of that loss and numbers."""
    fits = ((chosen.fit.law, chosen.fit.loss), (law, loss))
    if data.independence.white or not any(is_misfit(each, left, data) for each, left in fits):
        return bool(chosen.fit.score <= data.information(loss, numbers) + _TIE)
    more = max(numbers - int(chosen.fit.free.sum()), 1)
    return bool(loss > WORTH**more * chosen.fit.loss)


def _allowed(gauged: Gauged) -> int:
    """How many numbers a gauge leaves free, before any term is dropped."""
    return int(gauged.free.sum())


def _numbers_without_gauge(law: Law) -> int:
    """How many numbers a law has beyond its choice of a basis.

    Constants of runs are not its own.
    """
    first = next(iter(Free().fix(law)))
    return _allowed(first) - first.basis


def _fit(gauge: AbstractGauge, gauged: Gauged, data: Data) -> Chosen:
    """The refit in a gauge, taken anew as long as that saves terms; its score may be infinite."""
    data = replace(data, basis=gauged.basis)
    fit = pruned_refit(gauged.law, gauged.free, gauged.prunable, data)
    for _ in range(_AGAIN):
        anew = gauge.again(gauged, fit, data.shown) if np.isfinite(fit.loss) else None
        if anew is None:
            break
        trial = pruned_refit(anew.law, anew.free, anew.prunable, data)
        worse = trial.loss > _WORSE * max(fit.loss, data.floor)
        if trial.free.sum() >= fit.free.sum() or worse:
            break
        gauged, fit = anew, trial
    if gauge.thrifty:
        fit = thriftier(fit, gauged.prunable, data)
    return Chosen(gauge, gauged, fit)


def in_gauge_of(chosen: Chosen, law: Law, data: Data) -> Law | None:
    """Another law (the distiller's, before the refit) in the chosen gauge, nothing refitted."""
    alike = (g for g in chosen.gauge.fix(law, data.shown) if g.kind == chosen.gauged.kind)
    found = next(alike, None)
    return None if found is None or not chosen.gauge.canonical else found.law
