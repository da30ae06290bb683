"""The pipeline in one page: families of law, each searched in turn, and what is told of them.

What it finds is told as plain data (the record, the content of `discovery.json`) beside every
trained array (the content of `models.npz`) and the theories themselves.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.parts import parts_of
from hiddenlaw.data.records import Records, in_windows, is_record
from hiddenlaw.data.truth import Truth
from hiddenlaw.distiller.target import Target
from hiddenlaw.families.comparing import knows_more
from hiddenlaw.families.registry import families_for
from hiddenlaw.families.task import Clock, Search, Task
from hiddenlaw.families.tried import Tried
from hiddenlaw.preparations import preparation_for
from hiddenlaw.results.cautions import cautions
from hiddenlaw.results.direct import directly
from hiddenlaw.results.engineering import engineering
from hiddenlaw.results.notes import notes, silent_in_words
from hiddenlaw.results.phase import phase
from hiddenlaw.results.record import (
    concluded,
    distilled,
    distiller_arrays,
    judged,
    model_arrays,
    opening,
    settings_of,
    versions,
)
from hiddenlaw.results.showcase import showcase
from hiddenlaw.results.simulation import along_records, free_runs
from hiddenlaw.settings import Settings
from hiddenlaw.theory.adequacy import adequacy
from hiddenlaw.theory.evidence import evidence
from hiddenlaw.theory.ranking import noise_floor
from hiddenlaw.theory.theory import Theory
from hiddenlaw.training.progress import Progress
from hiddenlaw.training.watching import ends_before, keeps, left_out_in_words, tell_family
from hiddenlaw.translator.silent import without_silent

Found = tuple[dict[str, Any], dict[str, np.ndarray], tuple[Theory, ...]]
"""Record, arrays and theories."""


def find(data: Dataset, truth: Truth | None, chosen: Settings, progress: Progress) -> Found:
    """Run it on data without their `truth`, which is only compared with once all is found."""
    records = in_windows(data, *chosen.of_records) if is_record(data) else None
    if records is not None:
        data, chosen, truth = records.windows, chosen.for_windows(records.context), None
    clock, every = Clock(), data.runs
    prepared = preparation_for(chosen.initial_state, chosen.run_constants)
    data, used = prepared.seen(replace(data, truth=truth))
    data, truth, left_out = data.without_truth(), data.truth, every - len(used)
    data, silent = without_silent(data, chosen.parts)
    tried = _tried(data, chosen, records, progress, clock)
    best = tried.best
    translation, theories, own = best.translation, best.theories, best.chosen
    heldout, data = translation.heldout, _as_trained(data, best)
    record = opening(data, translation, own, best.verdict) | {"families": tried.records()}
    record["dead_time"] = [each.to_json() for each in best.dead_times]
    record["instrument"] = {} if best.instrument is None else best.instrument.told
    told, trained, targets = _swept(best)
    record |= told
    if told:
        record |= concluded(record, theories)
    if best.instrument is not None:
        seen = best.instrument.instrument
        theories = tuple(replace(theory, instrument=seen) for theory in theories)
    runs = free_runs(theories, records)
    record |= along_records(record, records, runs)
    looked_at, left = engineering(theories, heldout, runs)
    beware: list[str] = []
    if theories:
        rival = knows_more((row.search for row in tried.rows), best)
        refused, seen = (
            (None, translation) if rival is None else (rival.theories[0], rival.translation)
        )
        record["noise"] = noise_floor(refused or theories[0], seen.fit, seen.heldout)
        judgement = adequacy(theories[0], translation, refused)
        beware = cautions(theories[0], judgement, data, records, best.dead_times)
        record |= judged(judgement, left)
        record["evidence"] = evidence(theories[0], theories[1:], translation.train, heldout)
    known = _parts_of_truth(data, truth, chosen)
    shown, record["truth"] = showcase(data, heldout, translation.fit, theories, known)
    plane, record["equilibria"] = phase(theories, heldout)
    said = [theory.statement for theory in theories]
    record["notes"] = [
        *left_out_in_words(progress),
        *silent_in_words(silent),
        *beware,
        *notes(data, said, translation.told.said, own, left_out, targets),
    ]
    clock.lap("pictures")
    record |= settings_of(record, chosen, own) | {"versions": versions()}
    record["seconds"] = clock.seconds
    return (
        record,
        {**model_arrays(translation.fit, theories), **trained, **shown, **plane, **looked_at},
        theories,
    )


def _tried(
    data: Dataset, chosen: Settings, records: Records | None, progress: Progress, clock: Clock
) -> Tried:
    """Every family that is worth it, and the believed one once more without its instrument."""
    tried, families = Tried(chosen), families_for(chosen)
    task = Task(data, chosen, progress, clock, records=records)
    for place, family in enumerate(families):
        # Windows are too short for a linear answer to all of the input's past.
        anyway = family is families[-1] or records is not None
        richer = families[place + 1 :]
        left = f"laws of the family {family.name}"
        try:
            if not family.asks_instrument:
                _without_instrument(tried, task)
            if not tried.worth_while(family, task, richer, last=anyway):
                continue
            if tried.believed and ends_before(progress, left):
                break
            tried.add(family, tried.searched(family, task, richer))
        except KeyboardInterrupt:
            if tried.believed and keeps(progress, left):
                break
            raise
    _without_instrument(tried, task)
    return tried


def _without_instrument(tried: Tried, task: Task) -> None:
    """The believed family once more, without what of its misfit is the instrument's.

    Asked before a richer family that could make up for that, and once.
    """
    family, found, law = tried.family, tried.instrument(), "the law of an ideal instrument"
    if family is None or found is None or ends_before(task.progress, law):
        return
    tell_family(task.progress, f"{family.name}, of an ideal instrument")
    try:
        tried.take_instrument(family.search(replace(task, instrument=found)))
    except KeyboardInterrupt:
        if not keeps(task.progress, law):
            raise


def _swept(best: Search) -> tuple[dict[str, Any], dict[str, np.ndarray], tuple[Target, ...]]:
    """What is told of the widths that were tried, its arrays, and what was distilled."""
    if best.distilled is None:
        return directly(best.direct, best.theories, best.answers), {}, ()
    bottleneck, coordinates, choices = best.distilled
    told = distilled(bottleneck, coordinates.spectrum, choices)
    return told, distiller_arrays(bottleneck), bottleneck.targets


def _as_trained(data: Dataset, best: Search) -> Dataset:
    """All runs, with hold, dead times and instrument as they were found with a part of them."""
    train = best.translation.train
    found = best.instrument
    if found is not None and not found.friction_alone:  # a push is told as it was given
        data = found.ideal(data)
    return replace(data, hold=train.hold, dead_time=train.dead_time)


def _parts_of_truth(
    data: Dataset, truth: Truth | None, chosen: Settings
) -> tuple[Truth, Truth] | None:
    """The truth of the training runs and that of the held-out runs."""
    if truth is None:
        return None
    train, heldout = parts_of(data.runs, *chosen.parts, data.kept_back)
    return truth.select_runs(train), truth.select_runs(heldout)
