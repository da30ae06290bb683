"""The pipeline in one page: data, translator, hidden states, bottleneck, theories.

What it finds is told as plain data (the record, the content of `discovery.json`) beside every
trained array (the content of `models.npz`) and the theories themselves.
"""

import time
from dataclasses import replace
from typing import Any

import numpy as np

from hiddenlaw.cells import cell_class
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.parts import parts_of
from hiddenlaw.data.truth import Truth
from hiddenlaw.distiller.bottleneck import Bottleneck, sweep
from hiddenlaw.distiller.coordinates import AbstractHiddenCoordinates, hidden_coordinates
from hiddenlaw.distiller.hidden_runs import hidden_runs
from hiddenlaw.preparations import preparation_for
from hiddenlaw.results.notes import notes
from hiddenlaw.results.record import (
    concluded,
    distilled,
    distiller_arrays,
    model_arrays,
    opening,
    versions,
)
from hiddenlaw.results.showcase import showcase
from hiddenlaw.settings import Settings
from hiddenlaw.theory.candidates import Theories, choose_dimensions
from hiddenlaw.theory.derive import Runs
from hiddenlaw.theory.evidence import evidence
from hiddenlaw.theory.ranking import noise_floor
from hiddenlaw.theory.theory import Theory
from hiddenlaw.training.progress import Progress
from hiddenlaw.translator.search import joint_span
from hiddenlaw.translator.translation import Translation, translate
from hiddenlaw.translator.verdict import judge

Found = tuple[dict[str, Any], dict[str, np.ndarray], tuple[Theory, ...]]
"""Record, arrays and theories."""


def find(data: Dataset, truth: Truth | None, chosen: Settings, progress: Progress) -> Found:
    """Run it on data without their `truth`, which is only compared with once all is found."""
    clock, every = _Clock(), data.runs
    prepared = preparation_for(chosen.initial_state, chosen.run_constants)
    data, used = prepared.seen(replace(data, truth=truth))
    data, truth, left_out = data.without_truth(), data.truth, every - len(used)
    translation = translate(data, chosen, progress)
    fit, train, heldout = translation.fit, translation.train, translation.heldout
    data = replace(data, hold=train.hold)
    clock.lap("translator")
    verdict = judge(train, heldout.judged, fit.answer(heldout))
    record, trained = opening(data, translation, chosen, verdict), {}
    theories: tuple[Theory, ...] = ()

    if verdict.verdict == "law":
        coordinates = hidden_coordinates(fit.law, train, error=fit.heldout_error, seed=chosen.seed)
        bottleneck = _swept(translation, coordinates, chosen, progress)
        clock.lap("distiller")
        choices = choose_dimensions(bottleneck, chosen, fit.junk(train))
        record |= distilled(bottleneck, coordinates.spectrum, choices)
        runs = _training_runs(translation, coordinates)
        theories = Theories(bottleneck, translation, runs, chosen).derive(choices, progress)
        clock.lap("theory")
        record |= concluded(record, theories)
        trained = distiller_arrays(bottleneck)

    if theories:
        record["noise"] = noise_floor(theories[0], heldout)
        record["evidence"] = evidence(theories[0], theories[1:], train, heldout)
    known = _parts_of_truth(data, truth, chosen)
    shown, record["truth"] = showcase(data, heldout, fit, theories, known)
    said = [theory.statement for theory in theories]
    record["notes"] = notes(data, said, translation.kind.said, chosen, left_out)
    clock.lap("pictures")
    record["settings"] = chosen.model_dump(mode="json")
    record["seconds"] = clock.seconds
    record["versions"] = versions()
    return record, {**model_arrays(fit, theories), **trained, **shown}, theories


def _parts_of_truth(
    data: Dataset, truth: Truth | None, chosen: Settings
) -> tuple[Truth, Truth] | None:
    """The truth of the training runs and that of the held-out runs."""
    if truth is None:
        return None
    train, heldout = parts_of(data.runs, *chosen.parts)
    return truth.select_runs(train), truth.select_runs(heldout)


def _swept(
    translation: Translation,
    coordinates: AbstractHiddenCoordinates,
    chosen: Settings,
    progress: Progress,
) -> Bottleneck:
    """The bottleneck sweep over the translator's hidden states."""
    train, heldout = translation.train, translation.heldout.judged
    span = translation.fit.law.preparation.span(joint_span(train, heldout))
    return sweep(
        hidden_runs(translation.fit.law, coordinates, train, span),
        hidden_runs(translation.of_heldout, coordinates, heldout, span),
        dimensions=chosen.dimensions,
        decoders=chosen.classes,
        cell=cell_class(chosen.cell).latent(),
        seeds=chosen.seeds,
        seed=chosen.seed,
        progress=progress,
    )


def _training_runs(translation: Translation, coordinates: AbstractHiddenCoordinates) -> Runs:
    """What theories are refitted to, and where these runs start in hidden coordinates."""
    train, preparation = translation.train, translation.fit.law.preparation
    before = coordinates(preparation.starts(train.runs)) if preparation.per_run else None
    return Runs(train, joint_span(train, translation.heldout.judged), preparation, before)


class _Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = round(now - self._last, 2)
        self._last = now
