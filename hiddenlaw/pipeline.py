"""The pipeline in one page: data, translator, hidden states, bottleneck, theories.

What it finds is told as plain data (the record, the content of `discovery.json`) beside every
trained array (the content of `models.npz`) and the theories themselves.
"""

import time
from dataclasses import replace
from typing import Any

import jax.numpy as jnp
import numpy as np

from hiddenlaw._precision import float64
from hiddenlaw.cells import CELLS
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.parts import parts_of
from hiddenlaw.data.truth import Truth
from hiddenlaw.data.visible import cut_to_visible
from hiddenlaw.distiller.bottleneck import Bottleneck, sweep
from hiddenlaw.distiller.coordinates import hidden_coordinates
from hiddenlaw.distiller.hidden_runs import hidden_runs
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
from hiddenlaw.theory.derive import Before, compile_ahead
from hiddenlaw.theory.evidence import evidence
from hiddenlaw.theory.ranking import noise_floor
from hiddenlaw.theory.theory import Theory
from hiddenlaw.training.progress import Progress
from hiddenlaw.translator import answer_to, joint_span, starts_of
from hiddenlaw.translator.translation import Translation, translate
from hiddenlaw.translator.verdict import judge

Found = tuple[dict[str, Any], dict[str, np.ndarray], tuple[Theory, ...]]
"""Record, arrays and theories."""


@float64
def find(data: Dataset, truth: Truth | None, chosen: Settings, progress: Progress) -> Found:
    """Run it on data without their `truth`, which is only compared with once all is found."""
    clock, left_out = _Clock(), 0
    if chosen.run_constants:
        data, left_out = cut_to_visible(replace(data, truth=truth))
        data, truth = data.without_truth(), data.truth
    translation = translate(data, chosen, progress)
    fit, train, heldout = translation.fit, translation.train, translation.heldout
    data = replace(data, hold=train.hold)
    clock.lap("translator")
    verdict = judge(train, heldout.judged, answer_to(fit.translator, heldout))
    record, trained = opening(data, translation, chosen, verdict), {}
    theories: tuple[Theory, ...] = ()

    if verdict.verdict == "law":
        bottleneck, spectrum, before = _distil(translation, chosen, progress)
        clock.lap("distiller")
        choices = choose_dimensions(bottleneck, chosen, fit.junk(train))
        record |= distilled(bottleneck, spectrum, choices)
        theories = Theories(bottleneck, translation, before, chosen).derive(choices, progress)
        clock.lap("theory")
        record |= concluded(record, theories)
        trained = distiller_arrays(bottleneck)

    if theories:
        record["noise"] = noise_floor(theories[0], heldout)
        record["evidence"] = evidence(theories[0], theories[1:], train, heldout)
    known = _parts_of_truth(data, truth, chosen)
    shown, record["truth"] = showcase(data, heldout, fit, theories, known)
    record["notes"] = notes(data, theories, translation, chosen, left_out)
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


def _distil(
    translation: Translation, chosen: Settings, progress: Progress
) -> tuple[Bottleneck, np.ndarray, Before]:
    """The bottleneck sweep over the translator's hidden states, and the spectrum of these.

    Last, the hidden coordinates from which the training runs start, where these differ.
    """
    fit, train, heldout = translation.fit, translation.train, translation.heldout
    starts = kept_back = before = None
    if fit.translator.initial is None:
        starts = starts_of(fit.translator, train)
        kept_back = starts_of(fit.translator, heldout.given)
    coordinates = hidden_coordinates(
        fit.translator, train, error=fit.heldout_error, seed=chosen.seed, starts=starts
    )
    if starts is not None:
        before = np.asarray(coordinates(jnp.asarray(starts)))
    span = joint_span(train, heldout.judged)
    bottleneck = sweep(
        hidden_runs(fit.translator, coordinates, train, span, starts),
        hidden_runs(fit.translator, coordinates, heldout.judged, span, kept_back),
        dimensions=chosen.dimensions,
        decoders=chosen.classes,
        cell=CELLS[chosen.cell].latent().name,
        seeds=chosen.seeds,
        seed=chosen.seed,
        progress=progress,
        on_jump=lambda d: compile_ahead(d.distiller, d.decoder, train, heldout.judged, before),
    )
    return bottleneck, np.asarray(coordinates.spectrum), before


class _Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = round(now - self._last, 2)
        self._last = now
