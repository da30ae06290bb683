"""The translator: a recurrent network that learns the response to an input.

It is deliberately wider than nature needs (six hidden variables by default), so that the
knowledge distiller has something to compress.
"""

from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from hiddenlaw._precision import float64, to_float64, to_numpy
from hiddenlaw._typing import AnyArray
from hiddenlaw.cells import (
    AbstractCell,
    AbstractLinearCell,
    GeneratorCell,
    GRUCell,
    Monomials,
    TaylorCell,
)
from hiddenlaw.dataset import Dataset
from hiddenlaw.errors import SettingsError, TrainingError
from hiddenlaw.readouts import AbstractReadout, Linear
from hiddenlaw.training.adam import adam
from hiddenlaw.training.curriculum import fit_seeds, lengths, stack, unstack, where
from hiddenlaw.training.progress import Progress, Silent
from hiddenlaw.training.sensitivities import Recurrent, Sequences

CELLS = ("generator", "taylor", "gru")
HIDDEN = {"generator": 6, "taylor": 6, "gru": 32}  # wider than nature needs
TAYLOR_DEGREE = 3
_ROUNDS = 4  # at full length, each of up to 30 steps
_EXACT = 1e-20  # of the variance: rounding, not physics, from here on


class Translator(eqx.Module):
    """Initial state, cell, readout: input sequences to response sequences.

    h_0 = initial, h_i = cell(h_{i−1}, V_i), response_i = response_scale · readout(h_i). All runs
    share the initial state, which sits one site before the first.
    """

    cell: AbstractCell
    readout: AbstractReadout
    initial: Float[AnyArray, " hidden"]
    response_scale: Float[AnyArray, " channel"]

    def hidden_states(
        self, input: Float[AnyArray, "run site channel"]
    ) -> Float[Array, "run site hidden"]:
        """The hidden state after every site."""

        def one_run(sequence):
            def step(h, v):
                h = self.cell(h, v)
                return h, h

            return jax.lax.scan(step, self.initial, sequence)[1]

        return jax.vmap(one_run)(jnp.asarray(input))

    def respond(
        self, hidden: Float[AnyArray, "run site hidden"]
    ) -> Float[AnyArray, "run site response"]:
        """The response that hidden states show, in the data's units."""
        return jax.vmap(jax.vmap(self.readout))(hidden) * self.response_scale

    def __call__(
        self, input: Float[AnyArray, "run site channel"]
    ) -> Float[AnyArray, "run site response"]:
        return self.respond(self.hidden_states(input))


@dataclass(frozen=True)
class TranslatorFit:
    """The chosen translator (NumPy arrays) and how every seed did.

    Errors are mean squares relative to the pooled variance of the response; a diverged seed has
    an error that is not finite and is never chosen.
    """

    translator: Translator
    train_error: float
    heldout_error: float
    seed_errors: tuple[tuple[float, float], ...]  # (train, held-out) of each seed


def random_cell(
    name: str, dimension: int, low: np.ndarray, high: np.ndarray, *, rng: np.random.Generator
) -> AbstractCell:
    """A cell of a named kind with random weights, for inputs between `low` and `high`."""
    ends = tuple(map(float, low)), tuple(map(float, high))
    if name == "generator":
        return GeneratorCell.random(Monomials.spanning(low, high, 1), dimension, *ends, rng=rng)
    if name == "taylor":
        monomials = Monomials.spanning(low, high, TAYLOR_DEGREE)
        return TaylorCell.random(monomials, dimension, rng=rng)
    if name == "gru":
        scaling = Monomials.spanning(low, high, 1)
        return GRUCell.random(scaling.offset, scaling.scale, dimension, rng=rng)
    raise SettingsError(f"no cell called {name!r}; choose from {', '.join(CELLS)}")


def joint_range(
    *inputs: Float[np.ndarray, "_ site channel"],
) -> tuple[Float[np.ndarray, " channel"], Float[np.ndarray, " channel"]]:
    """The least and the largest value of every channel over several sets of runs."""
    low = np.min([values.min(axis=(0, 1)) for values in inputs], axis=0)
    high = np.max([values.max(axis=(0, 1)) for values in inputs], axis=0)
    return low, high


@float64
def train_translator(
    train: Dataset,
    heldout: Dataset,
    *,
    cell: str = "generator",
    hidden: int = 6,
    seeds: int = 3,
    seed: int,
    steps: int = 16_000,
    progress: Progress | None = None,
) -> TranslatorFit:
    """Learn response from input; of several seeds keep the one with the lowest held-out error.

    Linear cells by Levenberg–Marquardt with a length curriculum, others by Adam (`steps` of it).

    Raises `TrainingError` when every seed diverged.
    """
    progress = progress or Silent()
    low, high = joint_range(train.input, heldout.input)
    scale = train.response.std(axis=(0, 1))
    streams = np.random.default_rng(seed).spawn(seeds)
    cells = [random_cell(cell, hidden, low, high, rng=rng) for rng in streams]
    if isinstance(cells[0], AbstractLinearCell):
        candidates = _train_linear(cells, streams, train, heldout, scale, progress)
    else:
        candidates = _train_black_box(cells, streams, train, heldout, scale, steps, progress)
    errors = [(_error(t, train), _error(t, heldout)) for t in candidates]
    finite = [i for i, (_, e) in enumerate(errors) if np.isfinite(e)]
    if not finite:
        raise TrainingError(
            f"all {seeds} seeds of the {cell} translator diverged; "
            "try another --seed, more runs, or --cell gru"
        )
    best = min(finite, key=lambda i: errors[i][1])
    progress.finish("translator", f"held-out error {errors[best][1]:.1e}")
    return TranslatorFit(to_numpy(candidates[best]), *errors[best], tuple(errors))


def sequences_for(
    cell: AbstractLinearCell,
    input: Float[np.ndarray, "run site channel"],
    target: Float[np.ndarray, "run site output"],
    weight: Float[np.ndarray, "run site"] | None = None,
) -> Sequences:
    """Inputs and targets as a linear cell's least squares wants them: basis taken, runs last."""
    weight = np.ones(target.shape[:2]) if weight is None else weight
    return Sequences(
        _basis(cell, input),
        np.ascontiguousarray(target.transpose(1, 2, 0)),
        np.ascontiguousarray(weight.T),
        np.zeros((cell.dimension, len(input))),
    )


@eqx.filter_jit
def _basis(cell, input):
    return cell.basis(jnp.asarray(input)).transpose(1, 2, 0)


def _train_linear(cells, streams, train, heldout, scale, progress) -> list[Translator]:
    outputs = train.response.shape[2]
    models = []
    for cell, rng in zip(cells, streams, strict=True):
        readout = Linear(np.zeros((cell.dimension, outputs)), np.zeros(0))
        models.append(Recurrent(cell, readout, rng.normal(size=cell.dimension)))
    norm = scale * np.sqrt(outputs)
    shown = sequences_for(cells[0], train.input, train.response / norm)
    kept_back = sequences_for(cells[0], heldout.input, heldout.response / norm)
    models = stack(models)
    schedule = lengths(train.sites)
    progress.start("translator", len(schedule) + _ROUNDS)
    for length in schedule:
        models, loss = fit_seeds(models, shown, length)
        progress.advance("translator", f"{length} sites, loss {np.nanmin(loss):.1e}")
    best, score = models, _heldout_losses(models, kept_back)
    for _ in range(_ROUNDS):
        models, loss = fit_seeds(models, shown, train.sites)
        now = _heldout_losses(models, kept_back)
        progress.advance("translator", f"held-out error {np.nanmin(now):.1e}")
        worthwhile = _EXACT < np.nanmin(now) < 0.5 * np.nanmin(score)
        best = where(now < score, models, best)
        score = np.fmin(now, score)
        if not worthwhile:
            break
    chosen = [unstack(best, i) for i in range(len(cells))]
    return [Translator(m.cell, m.readout, m.initial, jnp.asarray(norm)) for m in chosen]


@eqx.filter_jit
def _losses(models: Recurrent, sequences: Sequences) -> Float[Array, " seed"]:
    def one(model):
        return jnp.mean(jnp.sum((model.outputs(sequences) - sequences.target) ** 2, axis=1))

    return eqx.filter_vmap(one)(models)


def _heldout_losses(models: Recurrent, sequences: Sequences) -> np.ndarray:
    loss = np.asarray(_losses(models, sequences))
    return np.where(np.isfinite(loss), loss, np.inf)


def _train_black_box(cells, streams, train, heldout, scale, steps, progress) -> list[Translator]:
    outputs = train.response.shape[2]
    norm = scale * np.sqrt(outputs)
    target, unseen = train.response / norm, heldout.response / norm
    chunks = 20
    progress.start("translator", chunks * len(cells))

    def loss(translator, input, response):
        answer = jax.vmap(jax.vmap(translator.readout))(translator.hidden_states(input))
        return jnp.mean(jnp.sum((answer - response) ** 2, axis=-1))

    trained = []
    for cell, rng in zip(cells, streams, strict=True):
        weights = rng.normal(size=(cell.dimension, outputs)) / 10
        readout, initial = Linear(weights, np.zeros(0)), np.zeros(cell.dimension)
        with jax.enable_x64(False):
            model = Translator(cell, readout, initial, np.ones(outputs))
            model = jax.tree.map(
                lambda leaf: jnp.asarray(leaf, jnp.float32) if eqx.is_inexact_array(leaf) else leaf,
                model,
            )
            check = eqx.filter_jit(loss)
            model = adam(
                model,
                loss,
                np.asarray(train.input, np.float32),
                np.asarray(target, np.float32),
                key=jax.random.key(int(rng.integers(2**31))),
                steps=steps,
                progress=progress,
                chunks=chunks,
                validate=lambda m, check=check: float(
                    check(m, np.asarray(heldout.input, np.float32), np.asarray(unseen, np.float32))
                ),
            )
        model = to_float64(to_numpy(model))
        trained.append(eqx.tree_at(lambda m: m.response_scale, model, jnp.asarray(norm)))
    return trained


def _error(translator: Translator, data: Dataset) -> float:
    """Mean square error over the pooled variance of the response, all channels alike."""
    answer = np.asarray(respond(translator, data.input))
    variance = data.response.var(axis=(0, 1))
    return float(np.mean((answer - data.response) ** 2 / variance))


@eqx.filter_jit
def respond(
    translator: Translator, input: Float[AnyArray, "run site channel"]
) -> Float[AnyArray, "run site response"]:
    """The translator's answer, compiled."""
    return translator(input)
