"""Where the refits of a theory begin: runs, distilled laws, and the first refit of all numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import (
    AbstractGeneratorCell,
    AbstractLinearCell,
    DrivenCell,
    Monomials,
    generator_over,
)
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.middle import Middle
from hiddenlaw.distiller.distillation import Distiller
from hiddenlaw.holds import Span
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import AbstractPreparation
from hiddenlaw.readouts import readout_class
from hiddenlaw.theory.fits.best_readout import with_best_weights
from hiddenlaw.theory.fits.lengthening import calm, comes_through, lengthened
from hiddenlaw.theory.fits.refit import free_refit
from hiddenlaw.theory.fits.shooting import shooting_refit
from hiddenlaw.theory.gauges.driven import with_constant
from hiddenlaw.theory.generators import generators_of
from hiddenlaw.training.curriculum import ROUNDING

_MUCH, _FAR_LESS = 0.2, 0.25  # of the variance, and of what is left of records
INPUT_DEGREE = 2  # the terms on offer: 1, V, V²


@dataclass(frozen=True)
class Runs:
    """The training runs of a theory.

    - `data`; `span` of all inputs, training and held-out.
    - `preparation`: that of the translator, with these runs' own numbers; `before`: the hidden
      coordinates in which each run starts, where these differ.
    - `disturbed`: the same data, had the instrument been another by one standard error.
    - `reached`: what the translator leaves of them; 0 where laws are fitted to something else.
    - `pieces`: where these are whole records, the windows of them that the translator saw.
    - `middle`: from where all of this counts; None for zero, from where theories always do.
    """

    data: Dataset
    span: Span
    preparation: AbstractPreparation
    before: Float[np.ndarray, "run coordinate"] | None = None
    disturbed: tuple[Dataset, ...] = ()
    reached: float = 0.0
    pieces: Runs | None = None
    middle: Middle | None = None

    @property
    def from_zero(self) -> Runs:
        """The same runs, counted from zero."""
        if self.middle is None:
            return self
        data, span = self.middle.put_back(self.data), self.middle.span(self.span)
        return Runs(data, span, self.preparation)


def on_offer(span: Span, inputs: int) -> Monomials:
    """1, V, V² of the inputs and, where runs have constants, these to first degree."""
    every = Monomials.spanning(span.low, span.high, INPUT_DEGREE, centred=False)
    kept = tuple(e for e in every.exponents if not any(e[inputs:]) or sum(e) == 1)
    return replace(every, exponents=kept)


def as_law(distiller: Distiller, decoder: str, runs: Runs) -> Law:
    """The distilled law as a model of the measured response: where the refits begin."""
    latent, train = distiller.law, runs.data
    states = latent.preparation.numbers if runs.before is None else distiller.encoder(runs.before)
    preparation = runs.preparation.started(states)
    span = preparation.span(runs.span)
    cell = latent.cell
    if isinstance(cell, AbstractLinearCell):
        wide = runs.span if isinstance(cell, AbstractGeneratorCell) else span
        monomials = on_offer(span, len(train.input_names))
        cell = generator_over(generators_of(cell, monomials, wide), monomials, span)
    readout = readout_class(decoder).of_theory()
    scale = np.full(train.response.shape[2], float(np.sqrt(np.sum(train.variance))))
    blank = readout.blank(latent.dimension, len(scale), rng=np.random.default_rng(0))
    if not isinstance(cell, DrivenCell):
        cell = cell.with_span(span)  # type: ignore[attr-defined]
    law = Law(preparation, cell, blank, scale)
    return with_constant(law) if runs.preparation.still else law


def in_its_units(law: Law, runs: Runs) -> Law:
    """The same law for inputs that are counted from zero, so that one number is one coefficient.

    Those of driven laws are counted from the middle of their range until the law is refitted: far
    from zero they and a constant are hard to tell apart.
    """
    if not isinstance(law.cell, DrivenCell):
        return law
    return law.but(cell=law.cell.with_span(law.preparation.span(runs.span)))


@dataclass(frozen=True)
class Start:
    """The law as distilled and with all of its numbers refitted, what that leaves of what.

    - `lost`: whether it explains nothing of whole records, or little beside what it explains of
      windows: where nothing pulls a state back all that pushes it besides adds up.
    """

    distilled: Law
    refitted: Law
    loss: float
    shown: Shown
    lost: bool = False


def first_refit(distillers: Sequence[Distiller], decoder: str, runs: Runs) -> Start:
    """Nothing is held fixed; of several distillers that of which the refit leaves least."""
    if runs.pieces is not None:
        return _along_records(distillers, decoder, runs)
    laws, shown = _begun(distillers, decoder, runs)
    if runs.preparation.in_pieces:
        law, shown = shooting_refit(laws, runs.data)
        laws = [law]
    return Start(*_best_refit(laws, shown), shown)


def _begun(distillers: Sequence[Distiller], decoder: str, runs: Runs) -> tuple[list[Law], Shown]:
    """The distilled laws where refits to these runs begin, and what they are fitted to."""
    started = [as_law(each, decoder, runs) for each in distillers]
    shown = Shown.measured(runs.data, started[0].scale)
    return [with_best_weights(law, shown) for law in started], shown


def _best_refit(laws: Sequence[Law], shown: Shown) -> tuple[Law, Law, float]:
    """The law whose free refit leaves least, that refit, and what it leaves; the first if exact."""
    trials = []
    for law in laws:
        trials.append((law, *free_refit(law, shown)))
        if trials[-1][2] <= ROUNDING:
            break
    return min(trials, key=lambda trial: trial[2])


def _along_records(distillers: Sequence[Distiller], decoder: str, runs: Runs) -> Start:
    """The same for whole records, along which laws that were found in windows may be lost."""
    assert runs.pieces is not None
    laws, shown = _begun(distillers, decoder, runs)
    sites = runs.data.sites
    calmed = [with_best_weights(calm(law, sites), shown) for law in laws]
    distilled, refitted, loss = _best_refit(calmed, shown)
    if not comes_through(refitted, loss, sites):
        distilled, refitted, _ = _best_refit(*_begun(distillers, decoder, runs.pieces))
        refitted, loss = lengthened(refitted, runs.data, runs.pieces.data.sites)
    lost = not comes_through(refitted, loss, sites)
    if not lost and loss > _MUCH:
        in_windows = _best_refit(*_begun(distillers, decoder, runs.pieces))[2]
        lost = in_windows < _FAR_LESS * loss
    return Start(distilled, refitted, loss, shown, lost)
