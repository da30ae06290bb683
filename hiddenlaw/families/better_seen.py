"""Ways to see the same data, compared by polynomial laws: with what hold, dead times and starts.

What a law linear in its state found of these may be what it makes up for.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hiddenlaw.advice.smoothness import may_be_smooth
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.families.seen import Seen, as_seen, at_once, from_one_start
from hiddenlaw.families.task import Task
from hiddenlaw.holds import holds_for
from hiddenlaw.preparations import Own
from hiddenlaw.readouts import Linear
from hiddenlaw.settings import Settings
from hiddenlaw.theory.selection import Sweep
from hiddenlaw.training.watching import Unheard

_HALF = 0.5  # of what is left
_BELOW = 0.5  # standard deviations
_LITTLE = 0.02  # of the variance: a law that leaves less tells ways to see data apart
_TRIED, _CUBIC = 2, 3  # variables and degree of the laws by which ways to see data are compared


def better_seen(task: Task, chosen: Settings) -> Seen:
    """With the hold under which a record is explained far better, where nobody asked for one; with
    inputs that act at once, and from one start, unless that leaves far more.
    """
    seen = as_seen(task, chosen)
    if chosen.run_constants:
        return seen
    seen = _better_held(task, chosen, seen)
    if any(each.value for each in seen.late):
        soon = at_once(task, chosen, seen)
        if not _error(task, chosen, seen) < _HALF * _error(task, chosen, soon):
            seen = soon
    return _better_started(task, chosen, seen)


def _better_held(task: Task, chosen: Settings, seen: Seen) -> Seen:
    """A law linear in its state hardly knows how its input runs between samples; a sharper does.

    What jumps where it is sampled is not asked: it runs smoothly in no hold.
    """
    if chosen.hold is not None or task.records is None or not may_be_smooth(seen.train):
        return seen
    names = [hold.name for hold in holds_for(seen.train.input.shape[2], seen.train.sites)]
    others = [seen.held(hold) for hold in dict.fromkeys([seen.train.hold, *names])]
    errors = {each.train.hold: _error(task, chosen, each) for each in others}
    best = min(others, key=lambda each: errors[each.train.hold])
    if not errors[best.train.hold] < _HALF * errors[seen.train.hold]:
        return seen
    return replace(best, hold_errors=errors)


def _better_started(task: Task, chosen: Settings, seen: Seen) -> Seen:
    """From one start, where a translator that bends less asked for starts of the runs' own."""
    own = chosen.initial_state == "auto" and seen.kind is Own and task.records is None
    if not own or task.poorer is None:
        return seen
    shared = from_one_start(task, chosen, seen)
    left = _error(task, chosen, shared)
    if left > _HALF * task.poorer.translation.fit.heldout_error:
        return seen
    return seen if _error(task, chosen, seen) < _HALF * left else shared


def _error(task: Task, chosen: Settings, seen: Seen) -> float:
    """What a cubic law of few variables leaves of what is judged: by it ways to see the data are
    compared.
    """
    train, judged = seen.few()
    names = readouts(task, chosen, seen)
    progress = Unheard(task.progress)
    progress.start("direct", len(names))
    errors = []
    for name in names:
        sweep = Sweep(train, judged, seen.kind, name, _CUBIC)
        errors.append(sweep.roughly(_TRIED, sweep.form(_CUBIC)))
        progress.advance("direct", f"{name} {_TRIED}: held-out error {errors[-1]:.1e}")
        if errors[-1] < _LITTLE:
            break
    progress.finish("direct")
    return min(errors, default=np.inf)


def readouts(task: Task, chosen: Settings, seen: Seen) -> list[str]:
    """Those that are open; squares, which say more, first."""
    names = dict.fromkeys(chosen.classes)
    if task.poorer is not None and task.poorer.theories and not chosen.run_constants:
        names = dict.fromkeys(theory.readout for theory in task.poorer.theories)
    unsaid = seen.kind.per_run and not chosen.run_constants
    if unsaid or _signed(seen.train):
        # a square does not say which of two states a run starts from
        names = {name: None for name in names if name == Linear.name}
    return sorted(names, key=lambda name: name == Linear.name)


def _signed(data: Dataset) -> bool:
    """Whether a response goes below zero by more than noise would take a square there."""
    return bool((np.nanmin(data.response, axis=(0, 1)) < -_BELOW * np.sqrt(data.variance)).any())
