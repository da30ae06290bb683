"""Forms of a law that compete for one dimension, and which of them is believed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hiddenlaw.theory.selection.forms import Form
from hiddenlaw.theory.selection.search import Ended

_WORTH = 0.97  # of the error on the block: what a richer form must come to where something is left


class Attempt(NamedTuple):
    """A form, its law, what that leaves of the validation block, and whether that is noise."""

    form: Form
    ended: Ended
    error: float
    white: bool


def best_attempt(tried: Sequence[Attempt]) -> Attempt:
    """The one that leaves least of the block; a richer one only where it is worth it."""
    order = sorted(tried, key=lambda each: (each.form.degree, each.form.pushed, each.error))
    poorest, *richer = order
    best = poorest
    for each in richer:
        if each.error < (1.0 if each.white else _WORTH) * best.error:
            best = each
    return best
