"""Distilling what a black box answers, in place of the states that it is in.

The predictive states of anything but a law linear in its state lie on a curved set, and carry the
black box's own errors in every coordinate, starts of windows included. Its answers along whole runs
are what a law has to give back in the end, and the black box is right about them or about nothing.
So the law of each width, its start being a number as well, is fitted to the answers themselves.
Hidden states are then given back as well as that law can, which makes an encoder.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.distiller.distillation import Distillation, Distiller, Width
from hiddenlaw.distiller.distiller import begun_on, encoder_of, starts_of, taken_on
from hiddenlaw.distiller.hidden_runs import HiddenRuns
from hiddenlaw.distiller.seeds import Seed, of_seeds
from hiddenlaw.holds import Span
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import layout
from hiddenlaw.readouts import readout_class
from hiddenlaw.training.curriculum import Stuck
from hiddenlaw.training.least_squares import LeastSquares

_RUNS = 200  # more teach nothing new


def answer_runs(
    law: Law, train: Dataset, heldout: Dataset, span: Span
) -> tuple[HiddenRuns, HiddenRuns]:
    """What a black box answers along both parts of the data, over the deviation in training.

    Its runs all start alike. `span` bounds the inputs of all runs.
    """
    parts = []
    for data in (train, heldout):
        shown = Shown.measured(data, law.scale)
        parts.append((shown.input, np.swapaxes(law.outputs(shown), 0, 1)))
    spread = np.sqrt(np.sum(parts[0][1].var(axis=(0, 1))))
    of_train, of_heldout = (HiddenRuns(input, said / spread, span) for input, said in parts)
    return of_train.few(_RUNS), of_heldout


def distil_answers(
    train: HiddenRuns,
    heldout: HiddenRuns,
    hidden: HiddenRuns,
    states: Distillation,
    width: Width,
    *,
    seeds: int = 8,
    seed: int,
) -> Distillation:
    """Fit laws of `width` to the answers of a black box, several seeds.

    `hidden` are its hidden states along the training runs, and `states` is what was distilled from
    them: the first seed goes on from there, the others from random starts. Losses are those of
    whole runs, from the start that all share.
    """
    beginnings, kept_back, stuck = train.beginnings(), heldout.beginnings(), Stuck()

    def begun(number: int, rng: np.random.Generator) -> tuple[Law, float]:
        if number == 0:
            law, loss = with_best_weights(states.distiller.law, beginnings, width, rng)
            return taken_on(law, loss, beginnings, stuck, first=beginnings.sites)
        return begun_on(starts_of(width, train, number, rng), width, train, beginnings, stuck)

    def whole(number: int, law: Law, loss: float, rng: np.random.Generator) -> Seed:
        if number:
            law, loss = taken_on(law, loss, beginnings, stuck)
        of_heldout, by_run = _judged(law, kept_back)
        return Seed(loss, of_heldout, by_run, _over_states(law, hidden, width, rng))

    def entropy(number: int) -> tuple[int, ...]:
        return seed, width.dimension, len(width.decoder), number, 1

    return of_seeds(width, seeds, begun, whole, entropy)


def error_of_answers(
    distillation: Distillation, train: HiddenRuns, heldout: HiddenRuns, seed: int
) -> float:
    """What a law that was distilled from states leaves of the answers along held-out runs.

    Its cell and its start stay as they are; how the answers read it is fitted in training.
    """
    cell = type(distillation.distiller.law.cell)
    width = Width(distillation.dimension, distillation.decoder, cell)
    rng = np.random.default_rng(seed)
    law, loss = with_best_weights(distillation.distiller.law, train.beginnings(), width, rng)
    return _judged(law, heldout.beginnings())[0] if np.isfinite(loss) else np.inf


def with_best_weights(
    law: Law, shown: Shown, width: Width, rng: np.random.Generator
) -> tuple[Law, float]:
    """The law with the readout that comes closest to what is shown, and the loss."""
    outputs = shown.target.shape[2]
    readout = readout_class(width.decoder).blank(width.dimension, outputs, rng=rng)
    read = law.but(readout=readout, scale=np.ones(outputs))
    problem = LeastSquares(read, shown, layout(read).mask(), eliminate_weights=True)
    with np.errstate(over="ignore", invalid="ignore"):
        found = problem.at(problem.start())
    return found.law, found.loss


def _over_states(law: Law, hidden: HiddenRuns, width: Width, rng: np.random.Generator) -> Distiller:
    """The law, giving back hidden states as well as it can, and the way from these to its state."""
    beginnings = hidden.beginnings()
    read, _ = with_best_weights(law, beginnings, width, rng)
    return Distiller(read, encoder_of(read, beginnings, rng))


def _judged(law: Law, runs: Shown) -> tuple[float, Float[np.ndarray, " run"]]:
    """The loss along whole runs, in all and by run; infinite where it diverged."""
    with np.errstate(over="ignore", invalid="ignore"):
        by_run = np.sum((law.outputs(runs) - runs.target) ** 2, axis=2).mean(axis=0)
    loss = float(np.mean(by_run))
    return loss if np.isfinite(loss) else np.inf, by_run
