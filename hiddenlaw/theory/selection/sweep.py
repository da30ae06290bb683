"""The direct sweep itself: of each dimension the form and the terms that a law needs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import AbstractPreparation, Own
from hiddenlaw.readouts import Linear
from hiddenlaw.theory.fits.effective import independence
from hiddenlaw.theory.selection.attempt import Attempt, best_attempt
from hiddenlaw.theory.selection.beginning import nothing_moves, realized, widened
from hiddenlaw.theory.selection.centring import middle_of_response, put_back, taken_off
from hiddenlaw.theory.selection.forms import Form
from hiddenlaw.theory.selection.pieces import pieces_of
from hiddenlaw.theory.selection.placing import on_offer, placed, places
from hiddenlaw.theory.selection.pruning import data_of, lean, quality, wanted, with_errors
from hiddenlaw.theory.selection.result import Compared, DirectFit
from hiddenlaw.theory.selection.search import (
    Ended,
    along,
    asks_for_more,
    from_known,
    from_nothing,
    told_as,
)
from hiddenlaw.theory.selection.validation import Parts, enough_of, free_run, parts_of
from hiddenlaw.training.curriculum import ROUNDING
from hiddenlaw.translator.search import joint_span, scale_of

_DEGREES = (1, 3, 2, 5)  # in the order in which they are tried
_KNOWN = 1e-3  # of the variance: a wider law than one that leaves less is begun from that alone
_HALF, _CUBIC = 0.5, 3  # of what is left; the highest degree of a law begun from a narrower one
_WORSE = 4.0  # times the loss without the block: what is no law of all that is trained on
_ENOUGH = 0.5  # of the error of a law linear in its state
_PLACES = 2  # of the constants of runs, from which a search goes on
_PUSHED = 2  # the highest degree of what inputs on rows above the last are multiplied by


@dataclass
class Sweep:
    """The search, dimension by dimension: each begins where the narrower one ended as well.

    No term is added where no more than the `floor` is left, of the variance. `narrower`,
    `form_before` and `error` are of the law before this one, `error` on the validation block.
    """

    train: Dataset
    heldout: Heldout
    kind: type[AbstractPreparation]
    readout: str
    degree: int
    floor: float = ROUNDING
    narrower: Ended | None = None
    form_before: Form = field(default_factory=Form)
    error: float = np.inf
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        linear = self.readout == Linear.name
        self.constants = self.kind.in_pieces
        self.middle = middle_of_response(self.train) if linear and not self.constants else 0.0
        self.train = taken_off(self.train, self.middle)
        self.scale = scale_of(self.train)
        self.span = joint_span(self.train, self.heldout.judged)
        self.parts: Parts = parts_of(enough_of(self.train, self.kind), self.kind)
        self.pieces = pieces_of(self.parts.fitted, self.scale, self.kind)
        self.odd = self.readout != Linear.name

    def one(self, dimension: int, only: Form | None = None) -> DirectFit:
        """The law of that dimension, of the form that is told, if one is.

        A wider law than one that leaves next to nothing is begun from that alone, in its form, and
        is fitted to all only where it halves what is left of the block.
        """
        begun, self.notes, before = time.perf_counter(), [], self.error
        wide = self._from_narrower(dimension) if only is None else None
        little = wide is not None and wide.loss < _KNOWN
        if only is not None:
            tried = [self._of_form(dimension, only)]
        elif wide is not None and little:
            tried = [self._judged(wide, self.form_before)]
        else:
            tried = self._tried(dimension)
        best = best_attempt(tried)
        form, offers, inner, error = best.form, self._offers(best.form), best.ended, best.error
        self.form_before = replace(form, degree=min(form.degree, _CUBIC))
        if little and not error < _HALF * before:
            self._told("a variable more leaves hardly less of the block; it is fitted no further")
            whole = inner
        else:
            if np.isfinite(error):
                inner, error = wanted(lean(inner, offers(inner.law)), self.parts.block)
            whole = self._to_all(inner, form if best.white else None)
            whole = lean(whole, offers(whole.law))
        self.narrower, self.error = inner, error
        fit, judged = with_errors(told_as(whole), offers(whole.law)), np.inf
        known = quality(fit, data_of(fit.law, whole.shown))
        if np.isfinite(fit.loss):
            judged = free_run(put_back(fit, self.middle).law, self.heldout)
        compared = tuple(Compared(each.form, each.error, each.ended.terms) for each in tried)
        return DirectFit(
            fit, known, self.middle, dimension, self.readout, form, compared, error, judged,
            time.perf_counter() - begun, tuple(self.notes),
        )  # fmt: skip

    def roughly(self, dimension: int, form: Form) -> float:
        """What a law of that form leaves of what is judged, before any block says what it wants."""
        ended = self._of_form(dimension, form).ended
        if not np.isfinite(ended.loss):
            return np.inf
        law = lean(ended, self._offers(form)(ended.law)).law
        return free_run(law, self.heldout.each(lambda part: taken_off(part, self.middle)))

    def _to_all(self, inner: Ended, form: Form | None) -> Ended:
        """The law fitted to all that is trained on, the validation block included."""
        pieces = pieces_of(self.train, self.scale, self.kind)
        whole = along(pieces, from_known(pieces, inner.law), form, self._told)
        if whole.loss <= _WORSE * max(inner.loss, ROUNDING):
            return whole
        self._told("the refit to all that is trained on got lost; it stays without the block")
        return inner

    def _tried(self, dimension: int) -> list[Attempt]:
        """Forms, until nothing of the richest is asked for: by their degree, and last with inputs
        that act on the rows above by polynomials, from where the best came to.
        """
        forms = [self.form(k) for k in _DEGREES if k <= self.degree]
        if self.odd:
            forms = [form for form in forms if form.degree % 2]
        richest = Form(self.degree, min(self.degree, _PUSHED), self.odd)
        every, found = self._begun(dimension, forms[0]), []
        for form in forms:
            if form.degree == 2 and found[-1].error < _ENOUGH * found[0].error:
                continue  # the third degree was not too rich
            best, asks = self._best_of(every, form, richest)
            found.append(best)
            if not asks:
                return found
        best = best_attempt(found)
        if dimension > 1 and np.isfinite(best.error):
            for pushed in range(1, min(best.form.degree, _PUSHED) + 1):
                found.append(self._judged(best.ended, replace(best.form, pushed=pushed)))
        return found

    def form(self, degree: int) -> Form:
        """The plain one of that degree."""
        return Form(degree, 0, self.odd)

    def _of_form(self, dimension: int, form: Form) -> Attempt:
        return self._best_of(self._begun(dimension, form), form, form)[0]

    def _begun(self, dimension: int, form: Form) -> list[Ended]:
        runs, kind = self.parts.fitted.runs, Own if self.constants else self.kind
        nothing = nothing_moves(dimension, self.span, form, self.readout, self.scale, kind, runs)
        if self.constants:
            return self._beside_each_term(nothing, form)
        known = self._from_narrower(dimension)
        begun = [from_nothing(self.pieces, nothing, self._told)]
        shown = Shown.measured(self.parts.fitted, self.scale)
        if (linear := realized(nothing, shown, form)) is not None:
            begun.append(from_known(self.pieces, linear))
        return begun if known is None else [*begun, known]

    def _from_narrower(self, dimension: int) -> Ended | None:
        """Where the law of one variable fewer ended, which a wider one contains."""
        before = self.narrower
        if before is None or not np.isfinite(before.loss) or before.law.dimension + 1 != dimension:
            return None
        law = widened(before.law)
        loss = law.loss(before.shown)
        return Ended(law, before.shown, loss, before.length) if np.isfinite(loss) else None

    def _beside_each_term(self, nothing: Law, form: Form) -> list[Ended]:
        """The law linear in its state with the constant of the runs beside one term or another;
        those that explain most first.
        """
        every, runs = places(form, nothing.dimension, len(self.span.low)), self.parts.fitted.runs
        begun = [
            from_nothing(self.pieces, placed(nothing, place, runs), self._told) for place in every
        ]
        return sorted(begun, key=lambda each: each.loss)[:_PLACES]

    def _best_of(self, every: list[Ended], form: Form, richest: Form) -> tuple[Attempt, bool]:
        """What comes of the first beginning after which nothing more is asked for, or of the best.

        A law linear in the state does not tell which of them leads to one that is not.
        """
        tried = []
        for begun in every:
            tried.append(self._judged(begun, form))
            foretells = tried[-1].error < 1.0  # what runs away on the block is no law
            if foretells and not asks_for_more(tried[-1].ended, richest):
                return tried[-1], False
        return best_attempt(tried), True

    def _judged(self, begun: Ended, form: Form) -> Attempt:
        """What comes of that beginning, and its error on the validation block."""
        ended = along(self.pieces, begun, form, self._told, self.floor)
        if not np.isfinite(ended.loss):
            self._told(f"no law of {form.said} survived")
            return Attempt(form, ended, np.inf, False)
        white = independence(ended.law, ended.shown).white
        return Attempt(form, ended, free_run(ended.law, self.parts.block), white)

    def _offers(self, form: Form) -> Callable[[Law], int]:
        """How many terms there are to choose from, for a law."""
        return lambda law: len(on_offer(form, law)[0])

    def _told(self, said: str) -> None:
        if said not in self.notes:
            self.notes.append(said)
