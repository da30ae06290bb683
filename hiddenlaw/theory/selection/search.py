"""A law of one dimension and form: begun linear in the state, over longer and longer pieces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from hiddenlaw.cells import PolynomialCell
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import layout
from hiddenlaw.theory.fits.effective import independence
from hiddenlaw.theory.selection.accuracy import step_error
from hiddenlaw.theory.selection.forms import Form
from hiddenlaw.theory.selection.forward import (
    Standing,
    forward,
    free_numbers,
    reaching,
    refitted,
)
from hiddenlaw.theory.selection.pieces import AbstractPieces
from hiddenlaw.theory.selection.placing import as_offset, normalised, on_offer
from hiddenlaw.theory.selection.score_test import offered
from hiddenlaw.training.curriculum import ROUNDING

Told = Callable[[str], None]

_AGAIN = 32  # sites of the pieces over which a law begins that is known already
_BEGUN = 1e-6, 1e-2  # decays of the very first fits
_FALLS = 1e-2  # of a loss: what the integrator's error may be on the way


@dataclass(frozen=True, eq=False)
class Ended:
    """A law along the longest pieces over which it could be followed."""

    law: Law
    shown: Shown
    loss: float
    length: int

    @property
    def terms(self) -> int:
        """How many there are beside z_i′ = z_{i+1}."""
        return int(free_numbers(self.law)[layout(self.law).cell].sum())


def from_nothing(pieces: AbstractPieces, nothing: Law, told: Told) -> Ended:
    """The law linear in its state, from all its terms at zero.

    It is begun over pieces of several lengths, gently or not, and goes on from where the longest of
    these lengths is explained best.
    """
    lengths = sorted({pieces.lengths(first)[0] for first in pieces.firsts(nothing.dimension)})
    last = lengths[-1]
    found = []
    for length in lengths:
        law, shown = pieces.begun(nothing, length)
        for decay in _BEGUN:
            begun = refitted(law, shown, decay=decay)
            if length < last and np.isfinite(begun.loss):
                law_there, shown_there = pieces.longer(begun.law, length, last)
                begun = refitted(law_there, shown_there, decay=_BEGUN[0])
                found.append(Ended(begun.law, shown_there, begun.loss, last))
            else:
                found.append(Ended(begun.law, shown, begun.loss, length))
    best = min(found, key=lambda each: each.loss)
    if not np.isfinite(best.loss):
        told(f"the fit linear in the state overflows over {last} sites")
    return best


def from_known(pieces: AbstractPieces, known: Law) -> Ended:
    """A law that was found in other runs, along pieces of these."""
    length = min(_AGAIN, pieces.longest)
    law, shown = pieces.known(known, length)
    here = refitted(law, shown)
    return Ended(here.law, shown, here.loss, length)


def along(
    pieces: AbstractPieces, begun: Ended, form: Form | None, told: Told, floor: float = ROUNDING
) -> Ended:
    """From there on over all lengths, terms of the `form` being added where they are asked for and
    more than the `floor` is left.
    """
    if not np.isfinite(begun.loss):
        return begun
    here, shown, length = _selected(begun.law, begun.shown, begun.loss, form, told, floor)
    ended = Ended(here.law, shown, here.loss, begun.length)
    for length in (each for each in pieces.lengths(begun.length) if each > begun.length):
        law, shown = pieces.longer(ended.law, ended.length, length)
        here = _refitted(law, shown, ended.loss)
        if not np.isfinite(here.loss):
            told(f"it overflows over {length} sites, and stays as it is over {ended.length}")
            break
        here, shown, _ = _selected(here.law, shown, here.loss, form, told, floor)
        ended = Ended(here.law, shown, here.loss, length)
    return ended


def _refitted(law: Law, shown: Shown, before: float) -> Standing:
    """With a little decay first: what the data do not ask for would grow along the pieces."""
    gentle = refitted(law, shown, decay=before / max(shown.samples, 1.0), steps=10)
    return gentle if not np.isfinite(gentle.loss) else refitted(gentle.law, shown)


def _selected(
    law: Law, shown: Shown, loss: float, form: Form | None, told: Told, floor: float
) -> tuple[Standing, Shown, float]:
    """With the terms asked for, and limits where the states are."""
    here = Standing(law, loss)
    if form is not None:
        least = max(floor, step_error(law, shown))
        here = forward(here, shown, form, floor=least, told=told)
    cell = here.law.cell
    assert isinstance(cell, PolynomialCell)
    error = step_error(here.law, shown)
    if error > _FALLS * here.loss and cell.substeps < 8:
        finer = here.law.but(cell=replace(cell, substeps=2 * cell.substeps))
        there = refitted(finer, shown)
        if np.isfinite(there.loss):
            here = there
            if form is not None:
                least = max(floor, step_error(there.law, shown))
                here = forward(here, shown, form, floor=least, told=told)
    return replace(here, law=reaching(here.law, shown)), shown, here.loss


def asks_for_more(ended: Ended, form: Form) -> bool:
    """Whether what is left remembers itself, or a term of the `form` would gain more than luck."""
    if not ended.loss < 1.0:
        return True
    if ended.loss <= max(ROUNDING, step_error(ended.law, ended.shown)):
        return False
    every = on_offer(form, ended.law)
    known = independence(ended.law, ended.shown)
    if not known.white:  # of so few effective samples none would be asked for
        return True
    samples = max(ended.shown.samples, 2.0)
    gains = offered(ended.law, free_numbers(ended.law), ended.shown, *every).gains
    threshold = np.log(samples) + 2 * np.log(max(len(every[0]), 1))
    return bool(gains.max(initial=0.0) > threshold * ended.loss / samples)


def told_as(ended: Ended) -> Ended:
    """The same with constants of the runs as a law has them that is told: offsets of the input
    where they can be.
    """
    law = as_offset(normalised(ended.law))
    return ended if law is ended.law else Ended(law, ended.shown, ended.loss, ended.length)
