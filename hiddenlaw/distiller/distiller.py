"""The knowledge distiller: a recurrent auto-encoder over the translator's hidden states.

An encoder maps the first hidden state of a window to a latent state of few dimensions, a second
cell moves it under the same inputs, a decoder gives back the hidden state at every site. The order
of training is the one that works (see `encoder` for why the obvious one does not):

1. cell and decoder from the runs' beginnings, the latent initial state being a parameter,
   with a length curriculum; where every run starts from a state of its own, each has its own;
2. the encoder as the inverse of the decoder;
3. cell and decoder again, jointly over windows that start at random sites, encoded by that encoder.

The loss is the mean square of what is not reconstructed over all sites of the windows, in hidden
coordinates of unit variance: 1 means that nothing was understood, as much as the mean.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import AbstractGeneratorCell
from hiddenlaw.distiller.distillation import Distillation, Distiller, Width
from hiddenlaw.distiller.encoder import Encoder
from hiddenlaw.distiller.hidden_runs import HiddenRuns
from hiddenlaw.distiller.one_step import one_step_start
from hiddenlaw.distiller.seeds import Seed, of_seeds
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import layout
from hiddenlaw.preparations import Own
from hiddenlaw.readouts import Linear, readout_class
from hiddenlaw.training.curriculum import ROUNDING, Stuck, best_of, fit, lengths
from hiddenlaw.training.least_squares import LeastSquares
from hiddenlaw.training.levenberg_marquardt import Stop

_ANCHORS = 400
_STEPS, _REFINE_STEPS = 30, 15  # of Levenberg–Marquardt a stage
_REFINEMENTS = 2  # over windows
_WORSE = 1.02  # how much a refinement over windows may cost the beginnings
_FEW_STARTS = 3, 20  # starts a seed up to three variables, and steps of each
_MANY = 4  # variables: from here on the decoder says how many starts are worth it
_FIRST = 2  # lengths over which starts compete
_DIVERGED = 1e3  # times the variance
# A millionth of the loss is a tenth of a standard error, with some ten thousand samples.
_STOP = Stop(rounding=ROUNDING, hopeless_above=0.3, settled=1e-6)  # of the variance


def distil(
    train: HiddenRuns, heldout: HiddenRuns, width: Width, *, seeds: int = 8, seed: int
) -> Distillation:
    """Compress hidden runs to the latent variables and decoder class of `width`, several seeds."""
    beginnings, count, stuck = train.beginnings(), len(train.input), Stuck()
    same = np.random.default_rng(seed)  # all seeds and widths are judged over the same windows
    judged = [(runs, *runs.windows(count, same)) for runs in (train, heldout)]

    def begun(number: int, rng: np.random.Generator) -> tuple[Law, float]:
        return begun_on(starts_of(width, train, number, rng), width, train, beginnings, stuck)

    def whole(number: int, law: Law, loss: float, rng: np.random.Generator) -> Seed:
        del number
        law, loss = taken_on(law, loss, beginnings, stuck)
        law = _refined_on_windows(law, loss, beginnings, train, rng)
        distiller = Distiller(law, encoder_of(law, beginnings, rng))
        (of_train, _), (of_heldout, by_run) = (_judged(distiller, *windows) for windows in judged)
        return Seed(of_train, of_heldout, by_run, distiller)

    def entropy(number: int) -> tuple[int, ...]:
        return seed, width.dimension, len(width.decoder), number

    return of_seeds(width, seeds, begun, whole, entropy)


def starts_of(
    width: Width, train: HiddenRuns, number: int, rng: np.random.Generator
) -> Iterator[Law]:
    """Random laws; the first of the first seed is better than that where it can be."""
    outputs, d = train.coordinates.shape[2], width.dimension
    readout = readout_class(width.decoder)
    if number == 0 and readout is Linear and train.alike:
        cell = width.cell.random(d, train.span, rng=rng)
        guess = None
        if isinstance(cell, AbstractGeneratorCell):
            guess = one_step_start(cell, train.input, train.coordinates)
        if guess is not None:
            yield guess
    while True:
        cell = width.cell.random(d, train.span, rng=rng)
        begun = train.preparation.random(d, len(train.input), rng=rng)
        yield Law(begun, cell, readout.blank(d, outputs, rng=rng), np.ones(outputs))


def begun_on(
    starts: Iterator[Law], width: Width, train: HiddenRuns, beginnings: Shown, stuck: Stuck
) -> tuple[Law, float]:
    """Step 1 begun: of several starts the one that is best on the first sites.

    Where squares of four variables are to be told apart most starts get stuck; where starts are no
    guess, or those of all runs are fitted beside, others are a waste.
    """
    count, steps = _FEW_STARTS
    if width.dimension >= _MANY and train.alike:
        count, steps = readout_class(width.decoder).many_starts
    return best_of(
        (next(starts) for _ in range(count)),
        beginnings,
        lengths(beginnings.sites)[:_FIRST],
        max_steps=steps,
        enough=ROUNDING,
        stop=_STOP,
        stuck=stuck,
    )


def taken_on(
    law: Law, loss: float, beginnings: Shown, stuck: Stuck, first: int | None = None
) -> tuple[Law, float]:
    """Step 1 to the end of the beginnings, or until the seed is beaten; where a law is known it may
    be taken on later.
    """
    later = lengths(beginnings.sites)[_FIRST:] if first is None else [first]
    for length in later:
        if not np.isfinite(loss):
            break
        part = beginnings.first(length)
        law, loss = fit(law, part, max_steps=_STEPS, stop=_STOP)
        if stuck.beaten(length, loss):
            return law, loss
    stuck.exact |= loss <= ROUNDING
    return law, loss


def _refined_on_windows(
    law: Law, at_beginnings: float, beginnings: Shown, train: HiddenRuns, rng: np.random.Generator
) -> Law:
    """Step 3: encode the windows' first states, refit cell and decoder, encode again.

    Where hidden states carry errors of their own (a GRU's do), so do the starts of the windows, and
    a law fitted to them is biased towards nothing happening (regression dilution). Such a
    refinement gives itself away by making the runs' beginnings worse, where the start is fitted; it
    is dropped.
    """
    nothing = layout(law).mask()
    for _ in range(_REFINEMENTS):
        if not np.isfinite(at_beginnings):
            break
        windows, before = train.windows(len(train.input), rng)
        latent = encoder_of(law, beginnings, rng)(before)
        if not np.isfinite(latent).all():
            break
        refined, loss = fit(
            law.but(preparation=Own(latent)),
            windows,
            max_steps=_REFINE_STEPS,
            starts=False,
            stop=_STOP,
        )
        if not np.isfinite(loss):
            continue
        refined = refined.but(preparation=law.preparation)
        still = LeastSquares(refined, beginnings, nothing, eliminate_weights=True)
        worse = still.at(still.start()).loss
        if worse <= max(_WORSE * at_beginnings, ROUNDING):
            law, at_beginnings = refined, worse
    return law


def encoder_of(law: Law, beginnings: Shown, rng: np.random.Generator) -> Encoder:
    """Step 2: hidden coordinates and latent states at random places of the beginnings as
    anchors.
    """
    sites, runs = beginnings.target.shape[:2]
    chosen = rng.permutation(sites * runs)[:_ANCHORS]
    site, run = chosen // runs, chosen % runs
    return Encoder(law.readout, beginnings.target[site, run], law.states(beginnings)[site, run])


def _judged(
    distiller: Distiller,
    runs: HiddenRuns,
    windows: Shown,
    before: Float[np.ndarray, "window coordinate"],
) -> tuple[float, Float[np.ndarray, " run"]]:
    """The loss over windows, in all and by run; infinite where it diverged."""
    with np.errstate(over="ignore", invalid="ignore"):
        rebuilt = distiller(before, windows.input)
        misfit = np.sum((rebuilt - np.swapaxes(windows.target, 0, 1)) ** 2, axis=2).mean(axis=1)
    which = np.arange(len(misfit)) % len(runs.input)
    by_run = np.bincount(which, misfit) / np.bincount(which)
    loss = float(misfit.mean())
    return loss if loss < _DIVERGED else np.inf, by_run
