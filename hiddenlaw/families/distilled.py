"""Families whose laws are distilled: a translator, its hidden states, a bottleneck, theories."""

from __future__ import annotations

import abc
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import numpy as np

from hiddenlaw.cells import cell_class
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.late import acting_late
from hiddenlaw.data.middle import Middle
from hiddenlaw.distiller.answers import answer_runs
from hiddenlaw.distiller.both_targets import with_answers
from hiddenlaw.distiller.bottleneck import Bottleneck, sweep
from hiddenlaw.distiller.coordinates import AbstractHiddenCoordinates, hidden_coordinates
from hiddenlaw.distiller.hidden_runs import hidden_runs
from hiddenlaw.families._base import AbstractFamily
from hiddenlaw.families.task import Search, Task
from hiddenlaw.law import Shown
from hiddenlaw.settings import Settings
from hiddenlaw.theory.beginnings import Runs
from hiddenlaw.theory.candidates import Theories, choose_dimensions
from hiddenlaw.theory.fits.lengthening import LOST
from hiddenlaw.theory.readings.dead_times import with_dead_times
from hiddenlaw.theory.theory import Theory
from hiddenlaw.training.new_runs import found
from hiddenlaw.training.progress import Progress
from hiddenlaw.translator.dead_time import DeadTime
from hiddenlaw.translator.middles import from_zero
from hiddenlaw.translator.search import joint_span
from hiddenlaw.translator.translation import Translation, translate
from hiddenlaw.translator.verdict import Verdict, judge
from hiddenlaw.translator.widening import leaves_something, widened


class AbstractDistilledFamily(AbstractFamily):
    """`follows_records`: whether its laws can be followed along records, however long: theories are
    then refitted to these in place of windows.
    """

    follows_records: ClassVar[bool] = False

    @abc.abstractmethod
    def settings(self, chosen: Settings) -> Settings:
        """The settings of a search in this family."""

    def middle(self, data: Dataset) -> Middle | None:
        """From where inputs and responses are counted in the search; None for zero."""
        del data
        return None

    def seen_late(self, data: Dataset, chosen: Settings) -> tuple[Dataset, tuple[DeadTime, ...]]:
        """The data with the dead time of every input, where this family has such, and what is known
        of these.
        """
        del chosen
        return data, ()

    def search(self, task: Task) -> Search:
        """Train, judge and, where there is something to find, distil and derive theories."""
        chosen, ideal, instrument = self.settings(task.asked), task.ideal, task.instrument
        progress, clock, data = task.progress, task.clock, ideal.data
        middle = self.middle(data)
        data, late = self.seen_late(_counted_from(middle, data), chosen)
        asked = _Asked(partial(self._overtaken, task, middle, late))
        translation = translate(data, chosen, progress, asked)
        something = asked.found is None and leaves_something(translation)
        found = self._overtaken(task, middle, late, translation) if something else asked.found
        if found is not None:
            return found
        clock.lap("translator")
        verdict = _judged(translation)
        if something and verdict.verdict != "memoryless":  # where the past has nothing to say
            translation = widened(translation, data, chosen, progress)
            verdict = _judged(translation)
        fit, train = translation.fit, translation.train
        clock.lap("translator")
        told = translation if middle is None else from_zero(translation, middle)
        if verdict.verdict != "law" or fit.heldout_error > task.reaching:
            return Search(chosen, told, verdict, dead_times=late, instrument=instrument)
        coordinates = hidden_coordinates(fit.law, train, error=fit.heldout_error, seed=chosen.seed)
        bottleneck = _swept(translation, coordinates, chosen, progress)
        clock.lap("distiller")
        choices = choose_dimensions(bottleneck, chosen, fit.junk(train))
        runs = self._runs(ideal, task.disturbed, translation, coordinates, middle)
        theories = Theories(bottleneck, told, runs, chosen).derive(choices, progress)
        train = told.train
        theories = tuple(with_dead_times(_along(theory, train), late, train) for theory in theories)
        clock.lap("theory")
        distilled = bottleneck, coordinates, choices
        return Search(chosen, told, verdict, distilled, theories, late, instrument)

    def _overtaken(
        self,
        task: Task,
        middle: Middle | None,
        late: tuple[DeadTime, ...],
        translation: Translation,
    ) -> Search | None:
        """What the search came to, where a richer family tells all that its translator misses."""
        task.clock.lap("translator")
        told = translation if middle is None else from_zero(translation, middle)
        begun = Search(
            self.settings(task.asked), told, _judged(told), None, (), late, task.instrument
        )
        why = task.overtaken(begun)
        return None if why is None else replace(begun, overtaken=why)

    def _runs(
        self,
        task: Task,
        disturbed: tuple[Task, ...],
        translation: Translation,
        coordinates: AbstractHiddenCoordinates,
        middle: Middle | None,
    ) -> Runs:
        """What theories are refitted to, and what that were with a somewhat other instrument."""
        runs, parts = _training_runs(translation, coordinates), self.settings(task.asked).parts
        others = [_counted_from(middle, each.data).split(*parts)[0] for each in disturbed]
        runs = replace(runs, middle=middle, disturbed=_in_runs(runs.data, others))
        if task.records is None or not self.follows_records:
            return runs
        training = _counted_from(middle, task.records.training)
        whole = _whole_records(translation, coordinates, training, runs)
        others = [
            _counted_from(middle, each.records.training) for each in disturbed if each.records
        ]
        return replace(whole, middle=middle, disturbed=_in_runs(whole.data, others))


@dataclass
class _Asked:
    """Whether a translator is overtaken, and what the search came to if it is."""

    overtaken: Callable[[Translation], Search | None]
    found: Search | None = None

    def __call__(self, begun: Translation) -> bool:
        if self.found is None and leaves_something(begun):
            self.found = self.overtaken(begun)
        return self.found is not None


def _judged(translation: Translation) -> Verdict:
    heldout = translation.heldout
    return judge(translation.train, heldout.judged, translation.fit.answer(heldout))


def _counted_from(middle: Middle | None, data: Dataset) -> Dataset:
    return data if middle is None else middle.taken_off(data)


def _swept(
    translation: Translation,
    coordinates: AbstractHiddenCoordinates,
    chosen: Settings,
    progress: Progress,
) -> Bottleneck:
    """The bottleneck sweep over the translator's hidden states and, of a black box, its answers."""
    train, heldout = translation.train, translation.heldout.judged
    span = translation.fit.law.preparation.span(joint_span(train, heldout))
    law, latent = translation.fit.law, cell_class(chosen.cell).latent()
    swept = sweep(
        hidden_runs(law, coordinates, train, span),
        hidden_runs(translation.of_heldout, coordinates, heldout, span),
        dimensions=chosen.dimensions,
        decoders=chosen.classes,
        cell=latent,
        seeds=chosen.seeds,
        seed=chosen.seed,
        progress=progress,
    )
    if cell_class(chosen.cell).presumes_linear:
        return swept
    return with_answers(
        swept,
        *answer_runs(law, train, heldout, span),
        cell=latent,
        junk=translation.fit.junk(train),
        dimension=chosen.dimension,
        seeds=chosen.seeds,
        seed=chosen.seed,
        progress=progress,
    )


def _in_runs(train: Dataset, others: list[Dataset]) -> tuple[Dataset, ...]:
    """The training runs with the samples of these in place of their own; gaps stay gaps."""
    return tuple(
        replace(
            train,
            input=each.input,
            response=np.where(train.observed, each.response, np.nan),
            allow_missing=True,
        )
        for each in others
    )


def _whole_records(
    translation: Translation,
    coordinates: AbstractHiddenCoordinates,
    training: Dataset,
    pieces: Runs,
) -> Runs:
    """The `training` parts of records as runs, each from where its response says it starts.

    Where the translator is lost along them, the first of its windows says it.
    """
    train, law = translation.train, translation.fit.law
    whole = acting_late(replace(training, hold=train.hold), train.dead_time)
    shown = Shown.measured(whole, law.scale)
    law = law.but(preparation=found(law, shown))
    reached = law.loss(shown)
    if not reached < LOST:
        law = law.but(preparation=found(law, shown.first(train.sites)))
    before = coordinates(law.preparation.starts(whole.runs))
    span = joint_span(whole, translation.heldout.judged)
    reached = reached if reached < LOST else 0.0
    return Runs(whole, span, law.preparation, before, reached=reached, pieces=pieces)


def _along(theory: Theory, train: Dataset) -> Theory:
    """The theory with starts for these runs, where it was refitted to others."""
    law = theory.law
    if not law.preparation.per_run or law.preparation.count == train.runs:
        return theory
    preparation = found(law, Shown.measured(train, law.scale))
    return replace(theory, law=law.but(preparation=preparation))


def _training_runs(translation: Translation, coordinates: AbstractHiddenCoordinates) -> Runs:
    """What theories are refitted to, and where these runs start in hidden coordinates."""
    train, preparation = translation.train, translation.fit.law.preparation
    before = coordinates(preparation.starts(train.runs)) if preparation.per_run else None
    runs = Runs(train, joint_span(train, translation.heldout.judged), preparation, before)
    if preparation.in_pieces or len(train.response_names) > 1:
        return runs
    return replace(runs, reached=translation.fit.train_error)
