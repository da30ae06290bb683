"""Laws that are polynomials of their state and the inputs, fitted to the response itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from typing import ClassVar

import numpy as np

from hiddenlaw.cells import GeneratorCell, PolynomialCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.data.misfit import relative_error
from hiddenlaw.errors import TrainingError
from hiddenlaw.families._base import AbstractFamily
from hiddenlaw.families.beside import of_answers
from hiddenlaw.families.better_seen import better_seen, readouts
from hiddenlaw.families.comparing import nothing_to_find
from hiddenlaw.families.multiplied import Multiplied
from hiddenlaw.families.seen import Seen
from hiddenlaw.families.task import Search, Task
from hiddenlaw.families.weak_terms import explained_by_powers, too_little
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import Context, Own, RunConstants, Shared, preparation_for
from hiddenlaw.settings import Settings
from hiddenlaw.theory.ranking import error_of, floor_of, with_errors
from hiddenlaw.theory.readings.dead_times import with_dead_times
from hiddenlaw.theory.selection import DirectFit, OfAnswers, Sweep, polynomial_laws
from hiddenlaw.theory.selection.direct import tell
from hiddenlaw.theory.selection.told import theory_of
from hiddenlaw.theory.theory import Theory
from hiddenlaw.training.new_runs import answer_to, found
from hiddenlaw.translator.fit import TranslatorFit, answer_to_own
from hiddenlaw.translator.search import joint_span
from hiddenlaw.translator.translation import Translation
from hiddenlaw.translator.verdict import Verdict, judge

_STARTS = (Shared, Own, Context, RunConstants)  # those that are numbers of every run and no more
_ONE = "it is sought for one response"
_MOST_INPUTS = 5  # of more there are thousands of products
_WIDEST = 3  # variables, unless more are asked for
_HALF = 0.5  # of what is left: what each further variable has to come down to
_WORTHLESS = 0.9  # of the variance
_CUBIC, _HIGHEST = 3, 5  # degrees: that of most laws, and of those that it does not tell whole
_MANY = 2  # times the terms of a law linear in its state
_NARROW = 2  # variables of laws that are tried with the highest degree
_CLEARLY = 0.8  # of what the best law leaves: where a translator knows more
_WORTH = 0.97  # of the validation error: what that has to come down to


class Polynomial(AbstractFamily):
    """y^(d) = polynomial in y, y′, … and, at most linear, in the inputs.

    Laws of every width are fitted to the response itself, and the best of them stands in for a
    translator. One in a basis of its own is trained beside them, and laws are distilled from its
    answers; where it leaves clearly less than they do it is the one that they are judged by.
    """

    name: ClassVar[str] = "polynomial"
    asks_instrument: ClassVar[bool] = False  # its powers are what a bent scale would leave
    overtakes: ClassVar[tuple[str, ...]] = (Multiplied.name,)

    def serves(self, chosen: Settings) -> bool:
        starts = preparation_for(chosen.initial_state, chosen.run_constants)
        plain = chosen.cell == GeneratorCell.name and starts in _STARTS
        return plain and chosen.run_constants <= 1

    def settings(self, chosen: Settings) -> Settings:
        asked = chosen.model_fields_set & {"max_dimension", "dimension"}
        widest = chosen.max_dimension if asked else _WIDEST
        return chosen.model_copy(update={"cell": PolynomialCell.name, "max_dimension": widest})

    def hopeless(self, train: Dataset, heldout: Dataset) -> tuple[str, float] | None:
        """With several responses."""
        del heldout
        return (_ONE, float("inf")) if len(train.response_names) > 1 else None

    def idle(self, poorer: Search) -> str | None:
        """By what powers of the state would explain of the little that a driven law leaves; of what
        no law explains, by what anything would.
        """
        inputs = len(poorer.translation.train.input_names)
        if inputs > _MOST_INPUTS:
            return f"it is sought for up to {_MOST_INPUTS} inputs, and there are {inputs}"
        if not poorer.theories and poorer.overtaken is None:
            return nothing_to_find(poorer)
        if len(poorer.translation.train.response_names) > 1:
            return _ONE
        return too_little(poorer, explained_by_powers, "powers of the state")

    def search(self, task: Task) -> Search:
        """The direct sweep, for each readout that is open, and the theories of what it found.

        Raises `TrainingError` where no law could be followed and there is no poorer one.
        """
        chosen = self.settings(task.asked)
        seen = better_seen(task, chosen)
        train, heldout = seen.train, seen.heldout
        fits = _swept(task, chosen, seen)
        task.clock.lap("direct sweep")
        if not fits:
            return _nothing(task, chosen)
        answers = of_answers(task, chosen, seen, fits)
        task.clock.lap("translator")
        span = joint_span(train, heldout.judged)
        theories = [theory_of(fit, seen.fitted_to, span) for fit in fits]
        best = theories[int(np.argmin([fit.heldout_error for fit in fits]))].law
        along = cache(partial(_along, train=train))  # starts of many windows take long
        fit = _knows_most(along(best), answers, train, heldout)
        translation = Translation(fit, train, heldout, seen.kind, seen.reason, seen.hold_errors)
        verdict = judge(train, heldout.judged, fit.answer(heldout))
        if verdict.verdict != "law":
            return Search(chosen, translation, verdict, dead_times=seen.late, answers=answers)
        ranked = _thriftiest_first([with_errors(t, fit, heldout) for t in theories])
        ranked = (replace(each, law=along(each.law)) for each in ranked)
        theories = tuple(with_dead_times(theory, seen.late, train) for theory in ranked)
        task.clock.lap("theory")
        told = {"direct": tuple(fits), "answers": answers}
        return Search(chosen, translation, verdict, None, theories, seen.late, **told)


def _swept(task: Task, chosen: Settings, seen: Seen) -> list[DirectFit]:
    """The laws of every width that could be followed, for each readout.

    The highest degree is tried with the best of few variables, where that leaves something or has
    many terms, which may make up for a power that was not on offer. It is taken where noise alone
    is left then, or half: beyond the range that was trained on it runs away.
    """
    asked = {"preparation": seen.kind, "progress": task.progress}
    fits = polynomial_laws(
        seen.fitted_to,
        seen.judged,
        dimensions=chosen.dimensions,
        readout=readouts(task, chosen, seen),
        thrifty=chosen.dimension is None,
        **asked,
    )
    found = [fit for fit in fits if fit.found]
    narrow = [fit for fit in found if fit.dimension <= _NARROW]
    best = min(narrow, key=lambda fit: fit.heldout_error, default=None)
    if best is None or best.form.degree < _CUBIC or chosen.run_constants:
        return found
    if best.all_told and best.terms_told <= _MANY * best.terms_if_linear:
        return found
    finer = _of_the_highest(task, seen, best)
    fewer = finer.terms_told < best.terms_told
    worth = (1.0 if fewer else _WORTH) if finer.all_told else _HALF
    least = worth * best.validation_error
    if not finer.found or finer.validation_error > least:
        return found
    return [finer if fit is best else fit for fit in found]


def _of_the_highest(task: Task, seen: Seen, best: DirectFit) -> DirectFit:
    """The law of the highest degree, in the form of this one otherwise."""
    sweep = Sweep(seen.fitted_to, seen.judged, seen.kind, best.readout, _HIGHEST)
    form = replace(sweep.form(_HIGHEST), pushed=best.form.pushed)
    task.progress.start("direct", 1)
    found = sweep.one(best.dimension, only=form)
    tell(task.progress, found)
    task.progress.finish("direct")
    return found


def _nothing(task: Task, chosen: Settings) -> Search:
    if task.poorer is None:
        raise TrainingError(
            "no law that is a polynomial of its state could be followed along these runs; try "
            "another family, or more runs"
        )
    reason = "no polynomial of the state could be followed along the runs"
    before = task.poorer
    verdict = Verdict("none", reason, before.verdict.static_error)
    return Search(chosen, before.translation, verdict, dead_times=before.dead_times)


def _knows_most(
    law: Law, answers: OfAnswers | None, train: Dataset, heldout: Heldout
) -> TranslatorFit:
    """The best law, or the translator beside it where that leaves clearly less."""
    error = relative_error(answer_to(law, heldout), heldout.judged)
    other = None if answers is None else answers.translator.law
    if other is not None:
        theirs = relative_error(answer_to(other, heldout), heldout.judged)
        if theirs < _CLEARLY * error:
            law, error = _along(other, train), theirs
    known = relative_error(answer_to_own(law, train), train), error
    return TranslatorFit(law, *known, (known,), 1)


def _along(law: Law, train: Dataset) -> Law:
    """The law with starts for these runs, where each has its own."""
    if not law.preparation.per_run:
        return law
    return law.but(preparation=found(law, Shown.measured(train, law.scale)))


def _thriftiest_first(theories: Sequence[Theory]) -> list[Theory]:
    """Of each readout the fewest variables beyond which each further one does not halve what is
    left; and of these the same first.
    """
    explaining = [theory for theory in theories if error_of(theory) < _WORTHLESS]
    names = dict.fromkeys(theory.readout for theory in explaining)
    chosen = [_thriftiest([t for t in explaining if t.readout == name]) for name in names]
    ranked = []
    while chosen:
        ranked.append(_thriftiest(chosen))
        chosen = [theory for theory in chosen if theory is not ranked[-1]]
    return [theory.judged(rank=place) for place, theory in enumerate(ranked)]


def _thriftiest(theories: Sequence[Theory]) -> Theory:
    best, *wider = sorted(theories, key=lambda theory: (theory.dimension, error_of(theory)))
    for theory in wider:
        least = max(error_of(theory), floor_of(theory))
        if least < _HALF ** (theory.dimension - best.dimension) * error_of(best):
            best = theory
    return best
