"""What a family of laws is searched for with, and what a search comes to."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.records import Records
from hiddenlaw.distiller.bottleneck import Bottleneck
from hiddenlaw.distiller.coordinates import AbstractHiddenCoordinates
from hiddenlaw.distiller.dimension import Choice
from hiddenlaw.instrument import Imperfections
from hiddenlaw.settings import Settings
from hiddenlaw.theory.selection import DirectFit, OfAnswers
from hiddenlaw.theory.theory import Theory
from hiddenlaw.training.progress import Progress
from hiddenlaw.translator.dead_time import DeadTime
from hiddenlaw.translator.translation import Translation
from hiddenlaw.translator.verdict import Verdict

Distilled = tuple[Bottleneck, AbstractHiddenCoordinates, dict[str, Choice]]


@dataclass(frozen=True)
class Search:
    """What a search came to. `distilled` is None, and there are no theories, without a law.

    `chosen` are the settings of this family, and `instrument` is what was taken off the data.
    `direct` are laws that were fitted to the response itself, one a width and readout, and
    `answers` what a translator beside them came to.
    `overtaken` says why a search was not finished, if it was not.
    """

    chosen: Settings
    translation: Translation
    verdict: Verdict
    distilled: Distilled | None = None
    theories: tuple[Theory, ...] = ()
    dead_times: tuple[DeadTime, ...] = ()
    instrument: Imperfections | None = None
    direct: tuple[DirectFit, ...] = ()
    answers: OfAnswers | None = None
    overtaken: str | None = None


class Clock:
    """Seconds by stage, of all searches together."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = round(self.seconds.get(stage, 0.0) + now - self._last, 2)
        self._last = now


@dataclass(frozen=True)
class Task:
    """What is searched, and how.

    - `asked`: the settings of the discovery, from which those of a family follow.
    - `instrument`: what is known of it, and taken off the data first.
    - `records`: what the data were cut from, if they are windows.
    - `poorer`: the search that is believed so far; None for the first.
    - `reaching`: no theory is sought where the translator leaves more than that.
    - `overtaken`: why a search that has come to its translator need not be finished; None if it has
      to be.
    """

    data: Dataset
    asked: Settings
    progress: Progress
    clock: Clock
    instrument: Imperfections | None = None
    records: Records | None = None
    poorer: Search | None = None
    reaching: float = np.inf
    overtaken: Callable[[Search], str | None] = lambda begun: None

    @property
    def ideal(self) -> Task:
        """The same without what is known of the instrument.

        Of records only friction is taken off whole; else their windows stand for them.
        """
        found, records = self.instrument, self.records
        if found is None:
            return self
        if records is None or not found.friction_alone:
            return replace(self, data=found.ideal(self.data), records=None)
        return self._along(found.ideal_records(records))

    @property
    def disturbed(self) -> tuple[Task, ...]:
        """The same, had the instrument been another by one standard error."""
        found, records = self.instrument, self.records
        if found is None:
            return ()
        if records is None or not found.friction_alone:
            others = found.disturbed(self.data)
            return tuple(replace(self, data=data, records=None) for data in others)
        return tuple(map(self._along, found.disturbed_records(records)))

    def _along(self, records: Records) -> Task:
        return replace(self, data=replace(self.data, input=records.windows.input), records=records)
