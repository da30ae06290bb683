"""The translator: a recurrent network that learns the response to an input.

It is deliberately wider than nature needs (six hidden variables by default), so that the
knowledge distiller has something to compress.
"""

from dataclasses import dataclass
from functools import reduce
from itertools import chain

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from hiddenlaw._precision import float64, to_float64, to_numpy
from hiddenlaw._typing import AnyArray
from hiddenlaw.cells import AbstractCell, AbstractLinearCell, random_cell
from hiddenlaw.dataset import Dataset
from hiddenlaw.errors import TrainingError
from hiddenlaw.holds import Span, applied
from hiddenlaw.misfit import relative_error
from hiddenlaw.readouts import AbstractReadout, Linear, readout_class
from hiddenlaw.training.adam import adam
from hiddenlaw.training.curriculum import fit_seeds, gentle_lengths, stack, unstack, where
from hiddenlaw.training.progress import Progress, Silent
from hiddenlaw.training.sensitivities import Recurrent, Sequences
from hiddenlaw.training.starts import best_starts

_HIDDEN = {"linear": 6, "quadratic": 5}  # wider than nature needs
_HIDDEN_BLACK_BOX = 32
_STEPS, _STEPS_BETWEEN = 30, 10  # of Levenberg–Marquardt a stage, and between the beginning and all
_ROUNDS = 4  # at full length
_TRIES = 3  # sets of seeds, where all of one are lost
_BEGINNING = 16  # sites
_STARTS, _START_SITES = 8, 32  # of a quadratic readout: starts a seed, and how far they are taken
_FAIR = 1e-3  # of the variance: whatever explains all but this is not lost
_EXACT = 1e-20  # of the variance: rounding, not physics, from here on


def hidden_size(cell: str, readout: str, widest: int) -> int:
    """How many hidden variables a translator has by default: more than the widest bottleneck.

    A quadratic readout of h variables holds what a linear one of h (h + 3)/2 does.
    """
    if cell == "gru":
        return _HIDDEN_BLACK_BOX
    return max(_HIDDEN[readout], widest + 1 if readout == "linear" else 0)


class Translator(eqx.Module):
    """Initial state, cell, readout: input sequences to response sequences.

    h_0 = initial, h_i = cell(h_{i−1}, V_i), response_i = response_scale · readout(h_i). All runs
    share the initial state, which sits one site before the first, or at it where the input varies
    inside cells (`hiddenlaw.holds`).
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

    def junk(self, train: Dataset) -> float:
        """What noise leaves in the hidden states, over their variance: its share times p / N.

        A fit of p constants to N samples takes p / N of the noise's variance for the response.
        """
        parts = self.translator.cell, self.translator.readout.weights, self.translator.initial
        if isinstance(self.translator.cell, AbstractLinearCell):
            parts = self.translator.cell.matrices, *parts[1:]
        arrays = jax.tree.leaves(eqx.filter(parts, eqx.is_inexact_array))
        constants = sum(leaf.size for leaf in arrays)
        return self.heldout_error * constants / float(train.observed.sum())


def joint_span(*data: Dataset) -> Span:
    """The inputs that cells are shown in several datasets."""
    spans = [applied(d.input, d.hold).span for d in data]
    return reduce(Span.joined, spans)


@float64
def train_translator(
    train: Dataset,
    heldout: Dataset,
    *,
    cell: str = "generator",
    readout: str = "linear",
    hidden: int = 6,
    seeds: int = 3,
    seed: int,
    steps: int = 16_000,
    progress: Progress | None = None,
) -> TranslatorFit:
    """Learn response from input; of several seeds keep the one with the lowest held-out error.

    Linear cells by Levenberg–Marquardt with a length curriculum, others by Adam (`steps` of it).
    `readout` is "linear" or, for linear cells, "quadratic": many products of few hidden variables.

    Raises `TrainingError` when every seed diverged.
    """
    progress = progress or Silent()
    span = joint_span(train, heldout)
    scale = np.sqrt(train.variance)
    rng = np.random.default_rng(seed)

    def new_cells() -> list[AbstractCell]:
        return [random_cell(cell, hidden, span, rng=rng) for _ in range(seeds)]

    cells = new_cells()
    if isinstance(cells[0], AbstractLinearCell):
        candidates = _train_linear(new_cells, rng, train, heldout, scale, readout, progress)
    else:
        candidates = _train_black_box(cells, rng, train, heldout, scale, steps, progress)
    errors = [
        (relative_error(answer_to(t, train), train), relative_error(answer_to(t, heldout), heldout))
        for t in candidates
    ]
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
    weight: Float[np.ndarray, "run site one_or_output"] | None = None,
) -> Sequences:
    """Inputs and targets as a linear cell's least squares wants them: basis taken, runs last.

    `input` is what cells are shown (`hiddenlaw.holds.applied`).
    """
    weight = np.ones((*target.shape[:2], 1)) if weight is None else weight
    return Sequences(
        _basis(cell, input),
        np.ascontiguousarray(target.transpose(1, 2, 0)),
        np.ascontiguousarray(weight.transpose(1, 2, 0)),
        np.zeros((cell.dimension, len(input))),
    )


def measured_sequences(
    cell: AbstractLinearCell, data: Dataset, norm: AnyArray | float
) -> Sequences:
    """A dataset as sequences: the response over `norm`, weighted by its errors, gaps left out.

    Whatever the norm, channels count by their variance, or by their errors.
    """
    target = np.where(data.observed, data.response, 0.0) / norm
    weight = data.weight * (norm**2 / data.variance)
    weight = weight * (data.observed.sum() / weight.sum())
    if np.all(weight == weight[..., :1]):
        weight = weight[..., :1]
    return sequences_for(cell, applied(data.input, data.hold).values, target, weight)


@eqx.filter_jit
def _basis(cell, input):
    return cell.basis(jnp.asarray(input)).transpose(1, 2, 0)


def _train_linear(new_cells, rng, train, heldout, scale, readout, progress) -> list[Translator]:
    """Levenberg–Marquardt, and again from other seeds where all were lost on the way."""
    norm = scale * np.sqrt(train.response.shape[2])
    found: list[Recurrent] = []

    def new_models() -> Recurrent:
        kind = readout_class(readout)
        models = []
        for cell in new_cells():
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
            batches = chain([models], others)
            models, done, beginning = _best_beginnings(batches, shown)
        fitted, lost = _fit_linear(models, done, beginning, shown, kept_back, progress)
        found += [unstack(fitted, i) for i in range(len(models.initial))]
        if not lost:
            break
    return [Translator(m.cell, m.readout, m.initial, jnp.asarray(norm)) for m in found]


def _best_beginnings(batches, shown) -> tuple[Recurrent, int, float]:
    """The best of many starts, how many sites they were fitted to, and the least loss there.

    From random starts a quadratic readout finds the law once in four to ten times, and then at
    once: the others get stuck before the thirtieth site.
    """
    sites = len(shown.basis)
    schedule = [n for n in gentle_lengths(sites) if n <= _START_SITES] or [sites]
    models, loss = best_starts(batches, shown, schedule, max_steps=_STEPS, enough=_EXACT)
    return models, schedule[-1], float(np.min(loss))


def _fit_linear(models, done, beginning, shown, kept_back, progress) -> tuple[Recurrent, bool]:
    """A stack of models, each where its held-out loss was lowest; whether none kept the law.

    They come fitted to `done` sites with a loss of `beginning`. Lost is what explains whole runs
    far worse than the first sites were explained.
    """
    sites = len(shown.basis)
    schedule = [n for n in gentle_lengths(sites) if n > done or n == sites]
    progress.start("translator", len(schedule) + _ROUNDS)
    loss = np.full(len(models.initial), np.inf)
    for length in schedule:
        steps = _STEPS if length <= _BEGINNING or length == sites else _STEPS_BETWEEN
        models, loss = fit_seeds(models, shown, length, max_steps=steps)
        if length <= _BEGINNING:
            beginning = np.nanmin(loss)
        progress.advance("translator", f"{length} sites, loss {np.nanmin(loss):.1e}")
    best, score = models, _heldout_losses(models, kept_back)
    for _ in range(_ROUNDS):
        models, loss = fit_seeds(models, shown, sites, max_steps=_STEPS)
        now = _heldout_losses(models, kept_back)
        progress.advance("translator", f"held-out error {np.nanmin(now):.1e}")
        worthwhile = _EXACT < np.nanmin(now) < 0.5 * np.nanmin(score)
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


def _train_black_box(cells, rng, train, heldout, scale, steps, progress) -> list[Translator]:
    outputs = train.response.shape[2]
    norm = scale * np.sqrt(outputs)
    shown, kept_back = (_black_box_data(data, norm) for data in (train, heldout))
    chunks = 20
    progress.start("translator", chunks * len(cells))

    def loss(translator, input, response, weight):
        answer = jax.vmap(jax.vmap(translator.readout))(translator.hidden_states(input))
        return jnp.mean(jnp.sum((answer - response) ** 2 * weight, axis=-1))

    trained = []
    for cell in cells:
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
                shown,
                key=jax.random.key(int(rng.integers(2**31))),
                steps=steps,
                progress=progress,
                chunks=chunks,
                validate=lambda m, check=check: float(check(m, *kept_back)),
            )
        model = to_float64(to_numpy(model))
        trained.append(eqx.tree_at(lambda m: m.response_scale, model, jnp.asarray(norm)))
    return trained


def _black_box_data(data: Dataset, norm: np.ndarray) -> tuple[np.ndarray, ...]:
    """Input, response and weight in single precision."""
    response = np.where(data.observed, data.response, 0.0) / norm
    parts = (applied(data.input, data.hold).values, response, data.weight)
    return tuple(np.asarray(part, np.float32) for part in parts)


def answer_to(translator: Translator, data: Dataset) -> Float[np.ndarray, "run site response"]:
    """What the translator answers to the inputs of a dataset."""
    return np.asarray(respond(translator, applied(data.input, data.hold).values))


@eqx.filter_jit
def respond(
    translator: Translator, input: Float[AnyArray, "run site channel"]
) -> Float[AnyArray, "run site response"]:
    """The translator's answer, compiled."""
    return translator(input)
