"""A translator linear in its state whose runs all start alike: Levenberg–Marquardt, many seeds."""

from collections.abc import Callable, Iterable
from itertools import chain

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from hiddenlaw.cells import AbstractCell, AbstractLinearCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.readouts import readout_class
from hiddenlaw.training.curriculum import fit_seeds, gentle_lengths, stack, unstack, where
from hiddenlaw.training.multistart import best_of_many
from hiddenlaw.training.progress import Progress
from hiddenlaw.training.recurrent import Recurrent, Sequences
from hiddenlaw.translator.model import Translator
from hiddenlaw.translator.sequences import measured_sequences

STEPS, STEPS_BETWEEN = 30, 10  # of Levenberg–Marquardt a stage, and between the beginning and all
_ROUNDS = 4  # at full length
_TRIES = 3  # sets of seeds, where all of one are lost
_BEGINNING = 16  # sites
_STARTS, _START_SITES = 8, 32  # of a quadratic readout: starts a seed, and how far they are taken
_FAIR = 1e-3  # of the variance: whatever explains all but this is not lost
EXACT = 1e-20  # of the variance: rounding, not physics, from here on


def train_linear(
    new_cells: Callable[[], list[AbstractCell]],
    rng: np.random.Generator,
    train: Dataset,
    heldout: Dataset,
    norm: Float[np.ndarray, " response"],
    readout: str,
    progress: Progress,
) -> list[Translator]:
    """Levenberg–Marquardt, and again from other seeds where all were lost on the way."""
    found: list[Recurrent] = []

    def new_models() -> Recurrent:
        kind = readout_class(readout)
        models = []
        for cell in new_cells():
            assert isinstance(cell, AbstractLinearCell)
            d = cell.dimension
            features = kind.features(jnp.zeros(d), np.zeros(0)).shape[0]
            weights = np.zeros((features, len(norm)))
            models.append(Recurrent(cell, kind(weights, np.zeros(0)), rng.normal(size=d)))
        return stack(models)

    for _ in range(_TRIES):
        models, done, beginning = new_models(), 0, np.inf
        first = unstack(models, 0).cell
        shown = measured_sequences(first, train, norm)
        kept_back = measured_sequences(first, heldout, norm)
        if readout != "linear":
            others = (new_models() for _ in range(_STARTS - 1))
            models, done, beginning = _best_beginnings(chain([models], others), shown)
        fitted, lost = _fit_linear(models, done, beginning, shown, kept_back, progress)
        found += [unstack(fitted, i) for i in range(len(models.initial))]
        if not lost:
            break
    return [Translator(m.cell, m.readout, m.initial, jnp.asarray(norm)) for m in found]


def _best_beginnings(
    batches: Iterable[Recurrent], shown: Sequences
) -> tuple[Recurrent, int, float]:
    """The best of many starts, how many sites they were fitted to, and the least loss there.

    From random starts a quadratic readout finds the law once in four to ten times, and then at
    once: the others get stuck before the thirtieth site.
    """
    sites = len(shown.basis)
    schedule = [n for n in gentle_lengths(sites) if n <= _START_SITES] or [sites]
    models, loss = best_of_many(batches, shown, schedule, max_steps=STEPS, enough=EXACT)
    return models, schedule[-1], float(np.min(loss))


def _fit_linear(
    models: Recurrent,
    done: int,
    beginning: float,
    shown: Sequences,
    kept_back: Sequences,
    progress: Progress,
) -> tuple[Recurrent, bool]:
    """A stack of models, each where its held-out loss was lowest; whether none kept the law.

    They come fitted to `done` sites with a loss of `beginning`. Lost is what explains whole runs
    far worse than the first sites were explained.
    """
    sites = len(shown.basis)
    schedule = [n for n in gentle_lengths(sites) if n > done or n == sites]
    progress.start("translator", len(schedule) + _ROUNDS)
    loss = np.full(len(models.initial), np.inf)
    for length in schedule:
        steps = STEPS if length <= _BEGINNING or length == sites else STEPS_BETWEEN
        models, loss = fit_seeds(models, shown, length, max_steps=steps)
        if length <= _BEGINNING:
            beginning = np.nanmin(loss)
        progress.advance("translator", f"{length} sites, loss {np.nanmin(loss):.1e}")
    best, score = models, _heldout_losses(models, kept_back)
    for _ in range(_ROUNDS):
        models, loss = fit_seeds(models, shown, sites, max_steps=STEPS)
        now = _heldout_losses(models, kept_back)
        progress.advance("translator", f"held-out error {np.nanmin(now):.1e}")
        worthwhile = EXACT < np.nanmin(now) < 0.5 * np.nanmin(score)
        best = where(now < score, models, best)
        score = np.fmin(now, score)
        if not worthwhile:
            break
    kept = np.nanmin(loss, initial=np.inf) <= max(10 * beginning, _FAIR)
    return best, not kept


@eqx.filter_jit
def _losses(models: Recurrent, sequences: Sequences) -> Float[Array, " seed"]:
    def one(model):
        square = (model.outputs(sequences) - sequences.target) ** 2 * sequences.weight
        return jnp.sum(square) / jnp.sum(sequences.weight) * sequences.weight.shape[1]

    return eqx.filter_vmap(one)(models)


def _heldout_losses(models: Recurrent, sequences: Sequences) -> np.ndarray:
    loss = np.asarray(_losses(models, sequences))
    return np.where(np.isfinite(loss), loss, np.inf)
