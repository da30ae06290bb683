"""A translator linear in its state whose runs all start alike: Levenberg–Marquardt, many seeds."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from hiddenlaw.readouts import Linear
from hiddenlaw.training.curriculum import fit_seeds, gentle_lengths, stack, unstack, where
from hiddenlaw.training.sensitivities import Recurrent, Sequences
from hiddenlaw.translator.model import Translator
from hiddenlaw.translator.sequences import measured_sequences

STEPS, STEPS_BETWEEN = 30, 10  # of Levenberg–Marquardt a stage, and between the beginning and all
_ROUNDS = 4  # at full length
_TRIES = 3  # sets of seeds, where all of one are lost
_BEGINNING = 16  # sites
_FAIR = 1e-3  # of the variance: whatever explains all but this is not lost
EXACT = 1e-20  # of the variance: rounding, not physics, from here on


def train_linear(new_cells, rng, train, heldout, scale, progress) -> list[Translator]:
    """Levenberg–Marquardt, and again from other seeds where all were lost on the way."""
    outputs = train.response.shape[2]
    norm = scale * np.sqrt(outputs)
    found: list[Recurrent] = []
    for _ in range(_TRIES):
        cells = new_cells()
        models = []
        for cell in cells:
            readout = Linear(np.zeros((cell.dimension, outputs)), np.zeros(0))
            models.append(Recurrent(cell, readout, rng.normal(size=cell.dimension)))
        shown = measured_sequences(cells[0], train, norm)
        kept_back = measured_sequences(cells[0], heldout, norm)
        fitted, lost = _fit_linear(stack(models), shown, kept_back, progress)
        found += [unstack(fitted, i) for i in range(len(cells))]
        if not lost:
            break
    return [Translator(m.cell, m.readout, m.initial, jnp.asarray(norm)) for m in found]


def _fit_linear(models, shown, kept_back, progress) -> tuple[Recurrent, bool]:
    """A stack of models, each where its held-out loss was lowest; whether none kept the law.

    Lost is what explains whole runs far worse than the first sites were explained.
    """
    sites = len(shown.basis)
    schedule = gentle_lengths(sites)
    progress.start("translator", len(schedule) + _ROUNDS)
    beginning, loss = np.inf, np.full(len(models.initial), np.inf)
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
