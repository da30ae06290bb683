"""The data as laws fitted to the response itself see them: hold, starts, dead times."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hiddenlaw.data.cut import cut
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.data.late import acting_late
from hiddenlaw.families.driven import Driven
from hiddenlaw.families.task import Task
from hiddenlaw.holds import hold_called
from hiddenlaw.preparations import AbstractPreparation, Shared, hold_back, preparation_for
from hiddenlaw.settings import Settings
from hiddenlaw.translator.dead_time import DeadTime

_NONE = 0.1  # sites: a dead time so short is what a hold makes of none
_FEW = 6000  # samples: as many as it takes to compare two holds


@dataclass(frozen=True)
class Seen:
    """What laws are fitted to and judged by (of records whole stretches and ends), what their
    theories are (windows), and what is known of both.
    """

    fitted_to: Dataset
    judged: Heldout
    train: Dataset
    heldout: Heldout
    kind: type[AbstractPreparation]
    reason: str
    late: tuple[DeadTime, ...]
    hold_errors: dict[str, float]

    def held(self, hold: str) -> Seen:
        """The same with another hold.

        A smooth input that is taken for held up to its samples looks half a step late.
        """
        if hold == self.train.hold:
            return self
        step = self.train.dx
        shift = step / 2 * (hold_called(hold).varies - hold_called(self.train.hold).varies)
        late = tuple(_sooner(each, shift, step) for each in self.late)
        times = tuple(each.value for each in late)

        def other(data: Dataset) -> Dataset:
            return replace(data, hold=hold, dead_time=times if any(times) else ())

        return replace(
            self,
            fitted_to=other(self.fitted_to),
            judged=self.judged.each(other),
            train=other(self.train),
            heldout=self.heldout.each(other),
            late=late,
        )

    def few(self) -> tuple[Dataset, Heldout]:
        """As many of the first sites as it takes to compare two ways to see the data."""
        if self.judged.given is None:
            return self._first(self.fitted_to), self.judged
        return self._first(self.fitted_to), self.judged.each(self._first)

    def _first(self, data: Dataset) -> Dataset:
        sites = max(_FEW // data.runs, self.train.sites)
        if sites >= data.sites:
            return data
        return cut(data, [(run, slice(0, sites)) for run in range(data.runs)])


def _sooner(late: DeadTime, shift: float, step: float) -> DeadTime:
    """That dead time less the `shift`; none where hardly anything is left of it."""
    value = late.value - shift if late.value else 0.0
    return replace(late, value=value if value > _NONE * step else 0.0)


def as_seen(task: Task, chosen: Settings) -> Seen:
    """As the poorer family saw it, hold, starts and dead times; else as is asked for."""
    if task.poorer is not None:
        known = task.poorer.translation
        train, heldout, kind = known.train, known.heldout, known.kind
        if chosen.run_constants:  # which a translator has beside states of the runs' own
            kind = preparation_for(chosen.initial_state, chosen.run_constants)
        reason, late, errors = known.reason, task.poorer.dead_times, known.hold_errors
    else:
        hold = task.data.hold if chosen.hold in (None, "auto") else chosen.hold
        data, late = replace(task.data, hold=hold), ()
        if not chosen.run_constants:
            data, late = Driven().seen_late(data, chosen)
        asked = chosen.initial_state != "auto" or chosen.run_constants > 0
        kind = preparation_for(chosen.initial_state, chosen.run_constants)
        reason, errors = "asked for" if asked else "one for all runs, unless asked for", {}
        train, unseen = data.split(*chosen.parts)
        heldout = hold_back(unseen, kind, chosen.context)
    fitted_to, judged = _whole(task, chosen, train, heldout, kind)
    return Seen(fitted_to, judged, train, heldout, kind, reason, late, errors)


def at_once(task: Task, chosen: Settings, seen: Seen) -> Seen:
    """The same with inputs that act at once: a law that fits badly finds dead times of nothing."""
    late = tuple(replace(each, value=0.0, stderr=0.0) for each in seen.late)
    data = replace(task.data, hold=seen.train.hold)
    return _anew(task, chosen, replace(seen, late=late), data)


def from_one_start(task: Task, chosen: Settings, seen: Seen) -> Seen:
    """The same with one start for all runs: starts of their own make up for what a law misses."""
    late = tuple(each.value for each in seen.late)
    data = acting_late(replace(task.data, hold=seen.train.hold), late)
    reason = "one for all runs, with which a polynomial law leaves no more"
    return _anew(task, chosen, replace(seen, kind=Shared, reason=reason), data)


def _anew(task: Task, chosen: Settings, seen: Seen, data: Dataset) -> Seen:
    train, unseen = data.split(*chosen.parts)
    heldout = hold_back(unseen, seen.kind, chosen.context)
    fitted_to, judged = _whole(task, chosen, train, heldout, seen.kind)
    return replace(seen, fitted_to=fitted_to, judged=judged, train=train, heldout=heldout)


def _whole(
    task: Task,
    chosen: Settings,
    train: Dataset,
    heldout: Heldout,
    kind: type[AbstractPreparation],
) -> tuple[Dataset, Heldout]:
    """What laws are fitted to and judged by: of records whole stretches and ends."""
    if task.records is None or chosen.run_constants:
        return train, heldout
    fitted_to, end = (
        acting_late(replace(part, hold=train.hold), train.dead_time)
        for part in (task.records.training, task.records.kept_back)
    )
    return fitted_to, hold_back(end, kind, task.records.context)
