"""The knowledge distiller: a recurrent auto-encoder over the translator's hidden states.

An encoder maps the first hidden state of a window to a latent state of few dimensions, a second
cell moves it under the same inputs, a decoder gives back the hidden state at every site. The order
of training is the one that works (see `encoder` for why the obvious one does not):

1. cell and decoder from the runs' beginnings, the latent initial state being a parameter,
   with a length curriculum; of runs that start each from a state of its own, one will do if long;
2. the encoder as the inverse of the decoder;
3. cell and decoder again, jointly over windows that start at random sites, encoded by that encoder.

The loss is the mean square of what is not reconstructed over all sites of the windows, in hidden
coordinates of unit variance: 1 means that nothing was understood, as much as the mean.
"""

from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from hiddenlaw._precision import float64, to_numpy
from hiddenlaw._typing import AnyArray
from hiddenlaw.cells import AbstractGeneratorCell, AbstractLinearCell, random_cell
from hiddenlaw.distiller.encoder import Encoder
from hiddenlaw.distiller.hidden_runs import HiddenRuns
from hiddenlaw.readouts import AbstractReadout, readout_class
from hiddenlaw.training.curriculum import compile_fit, fit_seeds, lengths, stack, unstack, where
from hiddenlaw.training.multistart import best_of_many
from hiddenlaw.training.one_step import one_step_start
from hiddenlaw.training.recurrent import Recurrent, Sequences
from hiddenlaw.translator import sequences_for

_ANCHORS = 400
_STEPS, _REFINE_STEPS = 30, 15  # of Levenberg–Marquardt a stage
_REFINEMENTS = {"shared": 2, "own": 2, "one": 4}  # over windows
_WORSE = 1.02  # how much a refinement over windows may cost the beginnings
_EXACT = 1e-20  # of the variance: rounding
_DIVERGED = 1e3  # times the variance


class Distiller(eqx.Module):
    """Encoder, latent cell, decoder. `initial` is the latent state before a run's first site."""

    encoder: Encoder
    cell: AbstractLinearCell
    initial: Float[AnyArray, " d"]

    @property
    def decoder(self) -> AbstractReadout:
        return self.encoder.decoder

    def rollout(
        self, latent: Float[AnyArray, " d"], input: Float[AnyArray, "site channel"]
    ) -> Float[Array, "site d"]:
        """The latent state after each site of `input`, from the one before it."""

        def step(g, v):
            g = self.cell(g, v)
            return g, g

        return jax.lax.scan(step, latent, input)[1]

    def __call__(
        self, hidden: Float[AnyArray, " coordinate"], input: Float[AnyArray, "site channel"]
    ) -> Float[AnyArray, "site coordinate"]:
        """The reconstruction of the sites after a hidden state, from that state and the inputs."""
        return jax.vmap(self.decoder)(self.rollout(self.encoder(hidden), input))


@dataclass(frozen=True)
class Distillation:
    """All seeds of one width and decoder class: losses over windows, and the distillers.

    A diverged seed has an infinite loss.
    """

    dimension: int
    decoder: str
    train_loss: Float[np.ndarray, " seed"]
    heldout_loss: Float[np.ndarray, " seed"]
    heldout_by_run: Float[np.ndarray, "seed run"]
    distillers: tuple[Distiller, ...]

    @property
    def best(self) -> int:
        """The seed with the lowest training loss: held-out runs do not choose."""
        return int(np.argmin(self.train_loss))

    @property
    def distiller(self) -> Distiller:
        return self.distillers[self.best]

    @property
    def others(self) -> tuple[Distiller, ...]:
        """The distillers of the other seeds, the best first."""
        order = np.argsort(self.train_loss, kind="stable")
        return tuple(self.distillers[i] for i in order[1:] if np.isfinite(self.train_loss[i]))


@dataclass(frozen=True)
class Width:
    """What is distilled to: latent dimension, decoder class, kind of latent cell."""

    dimension: int
    decoder: str
    cell: str = "generator"


def _starts(width: Width, own: bool) -> tuple[int, int]:
    """Starts a seed, of which the one best on the first sites goes on, and their steps.

    Where squares of four variables are to be told apart most starts get stuck; where the first is
    no guess (`one_step_start`) others of that width are a waste, and so they are where `own`
    starts are fitted beside.
    """
    if width.dimension < 4 or own:
        return 3, 20
    return (1, 20) if width.decoder == "linear" else (8, 40)


def _first_models(width: Width, train: HiddenRuns, count: int, seed: int) -> Recurrent:
    """A stack of `count` models: random ones, and the first better than that where it can be."""
    readout, d = readout_class(width.decoder), width.dimension
    outputs = train.coordinates.shape[2]
    starts = (d, len(train.input)) if train.starts == "own" else (d,)

    def random_model(rng: np.random.Generator) -> Recurrent:
        latent = random_cell(width.cell, d, train.span, rng=rng)
        assert isinstance(latent, AbstractLinearCell)
        inner = readout.initial_inner(d, rng=rng)
        features = jax.eval_shape(readout.features, np.zeros(d), inner).shape[0]
        weights = np.zeros((features, outputs))
        return Recurrent(latent, readout(weights, inner), rng.normal(size=starts))

    streams = np.random.default_rng((seed, d, len(width.decoder))).spawn(count)
    models = [random_model(rng) for rng in streams]
    guess = width.decoder == "linear" and train.starts == "shared"
    if guess and isinstance(models[0].cell, AbstractGeneratorCell):
        models[0] = one_step_start(models[0].cell, train.input, train.coordinates) or models[0]
    return stack(models)


@float64
def compile_ahead(train: HiddenRuns, width: Width, seeds: int) -> None:
    """Compile what `distil` will call for this width, without running it.

    Compiling takes longer than running; done in another thread it costs nothing. Nothing is
    executed here: two computations at once can starve each other on a CPU of few cores.
    """
    models = _first_models(width, train, seeds, 0)
    runs, sites, outputs = train.coordinates.shape
    basis = jax.eval_shape(lambda c: c.coefficients(), unstack(models, 0).cell).shape[0]
    d = width.dimension
    shapes = ((sites, basis, runs), (sites, outputs, runs), (sites, 1, runs), (d, runs))
    sequences = Sequences(*(np.zeros(shape) for shape in shapes))
    compile_fit(models, sequences)
    if train.starts == "own":
        compile_fit(eqx.tree_at(lambda m: m.initial, models, np.zeros((seeds, d))), sequences)
    chosen = np.zeros((min(_ANCHORS, sites * runs), 2), int)
    arguments = models, sequences, chosen, sequences, np.zeros((runs, outputs))
    # Equinox hides from type checkers that what `filter_jit` returns can be lowered.
    _over_windows.lower(*arguments).compile()  # pyright: ignore[reportFunctionMemberAccess]


@float64
def distil(
    train: HiddenRuns,
    heldout: HiddenRuns,
    width: Width,
    *,
    seeds: int = 8,
    seed: int,
) -> Distillation:
    """Compress hidden runs to the latent variables and decoder class of `width`, several seeds."""
    count, steps = _starts(width, train.starts == "own")
    starts = _first_models(width, train, seeds * count, seed)
    beginnings = sequences_for(unstack(starts, 0).cell, *train.beginnings())
    schedule = lengths(train.input.shape[1])

    batches = (
        jax.tree.map(lambda leaf, i=first: leaf[i : i + seeds], starts)
        for first in range(0, seeds * count, seeds)
    )
    models, at_beginnings = best_of_many(
        batches, beginnings, schedule[:2], max_steps=steps, enough=_EXACT if count > 3 else -1.0
    )
    for length in schedule[2:]:
        models, at_beginnings = fit_seeds(models, beginnings, length, max_steps=_STEPS)

    rng = np.random.default_rng((seed, width.dimension, 1))
    models = _refine_on_windows(models, at_beginnings, beginnings, train, rng)
    chosen = _choose(beginnings, rng)
    same, count = np.random.default_rng(seed), len(train.input)
    train_loss, _, anchors = _window_losses(models, beginnings, chosen, train, count, same)
    heldout_loss, by_run, _ = _window_losses(models, beginnings, chosen, heldout, count, same)
    distillers = []
    for index in range(seeds):
        model = unstack(models, index)
        pairs = jax.tree.map(lambda a, i=index: a[i], to_numpy(anchors))
        distillers.append(Distiller(Encoder(model.readout, *pairs), model.cell, model.initial))
    return Distillation(
        width.dimension, width.decoder, train_loss, heldout_loss, by_run, tuple(distillers)
    )


def _refine_on_windows(
    models: Recurrent,
    at_beginnings: Float[np.ndarray, " seed"],
    beginnings: Sequences,
    train: HiddenRuns,
    rng: np.random.Generator,
) -> Recurrent:
    """Step 3: encode the windows' first states, refit cell and decoder, encode again.

    Where hidden states carry errors of their own (a GRU's do), so do the starts of the windows, and
    a law fitted to them is biased towards nothing happening (regression dilution). Such a
    refinement gives itself away by making the runs' beginnings worse, where the start is fitted; it
    is dropped. Where one run had to do for the beginnings it is the windows that know better.
    """
    for _ in range(_REFINEMENTS[train.starts]):
        windows, start = _window_sequences(models, train, train.input.shape[0], rng)
        chosen = _choose(beginnings, rng)
        _, latent, _ = _over_windows(models, beginnings, chosen, windows, start)
        latent = np.asarray(latent)
        # The latent start of each window is given; the shared initial state adds nothing to it.
        windows = eqx.tree_at(lambda s: s.start, windows, latent.transpose(0, 2, 1))
        initial = models.initial
        centred = eqx.tree_at(lambda m: m.initial, models, np.zeros(initial.shape[:2]))
        refined, loss = fit_seeds(
            centred, windows, train.window, max_steps=_REFINE_STEPS, free_initial=False
        )
        refined = eqx.tree_at(lambda m: m.initial, refined, initial)
        _, still = fit_seeds(refined, beginnings, len(beginnings.basis), max_steps=1)
        sound = np.isfinite(loss)
        if train.starts != "one":
            sound &= still <= np.maximum(_WORSE * at_beginnings, _EXACT)
        models = where(sound, refined, models)
        at_beginnings = np.where(sound, still, at_beginnings)
    return models


def _window_sequences(
    models: Recurrent, runs: HiddenRuns, count: int, rng: np.random.Generator
) -> tuple[Sequences, Float[np.ndarray, "window coordinate"]]:
    """Windows at random sites as sequences, and the coordinates they start from."""
    input, coordinates, start = runs.windows(count, rng)
    return sequences_for(unstack(models, 0).cell, input, coordinates), start


def _choose(beginnings: Sequences, rng: np.random.Generator) -> Int[np.ndarray, "anchor 2"]:
    """Site and run of the anchors."""
    sites, _, runs = beginnings.target.shape
    chosen = rng.permutation(sites * runs)[:_ANCHORS]
    return np.stack([chosen // runs, chosen % runs], axis=1)


def _anchors(
    states: AnyArray, beginnings: Sequences, chosen: AnyArray
) -> tuple[AnyArray, AnyArray]:
    """Hidden coordinates and latent states at the chosen places of the beginnings."""
    site, run = chosen[:, 0], chosen[:, 1]
    return beginnings.target[site, :, run], states[site, :, run]


@eqx.filter_jit
def _over_windows(
    models: Recurrent,
    beginnings: Sequences,
    chosen: Int[AnyArray, "anchor 2"],
    windows: Sequences,
    start: Float[AnyArray, "window coordinate"],
) -> tuple[
    tuple[AnyArray, AnyArray], Float[Array, "seed window d"], Float[Array, "seed site window"]
]:
    """Every seed's anchors, encoding of the windows' first states, square misfit from there on."""

    def one(model):
        anchors = _anchors(model.states(beginnings), beginnings, chosen)
        latent = jax.vmap(Encoder(model.readout, *anchors))(start)
        rolled = eqx.tree_at(lambda s: s.start, windows, latent.T)
        free = eqx.tree_at(lambda m: m.initial, model, jnp.zeros(model.cell.dimension))
        return anchors, latent, jnp.sum((free.outputs(rolled) - windows.target) ** 2, axis=1)

    return eqx.filter_vmap(one)(models)


def _window_losses(
    models: Recurrent,
    beginnings: Sequences,
    chosen: Int[np.ndarray, "anchor 2"],
    runs: HiddenRuns,
    count: int,
    rng: np.random.Generator,
) -> tuple[Float[np.ndarray, " seed"], Float[np.ndarray, "seed run"], tuple[AnyArray, AnyArray]]:
    """Loss of every seed over random windows of `runs`, in all and by run, and its anchors."""
    windows, start = _window_sequences(models, runs, count, rng)
    anchors, _, misfit = _over_windows(models, beginnings, chosen, windows, start)
    misfit = np.asarray(misfit)[:, : runs.window].mean(axis=1)
    which = np.arange(count) % len(runs.input)
    total = np.stack([np.bincount(which, row) for row in misfit]) / np.bincount(which)
    loss = misfit.mean(axis=1)
    return np.where(loss < _DIVERGED, loss, np.inf), total, anchors


@float64
def encoder_check(distiller: Distiller, runs: HiddenRuns) -> dict[str, float]:
    """Encode the hidden state in the middle of each run, roll on, compare."""
    sites = runs.input.shape[1]
    middle = sites // 2
    ahead = min(20, sites - middle)
    after = slice(middle, middle + ahead)
    rebuilt = _rebuilt(distiller, runs.coordinates[:, middle - 1], runs.input[:, after])
    misfit = np.sum((np.asarray(rebuilt) - runs.coordinates[:, after]) ** 2, axis=2)
    return {"sites": ahead, "heldout_loss": float(np.mean(misfit))}


@eqx.filter_jit
def _rebuilt(distiller: Distiller, hidden: AnyArray, input: AnyArray) -> AnyArray:
    return jax.vmap(lambda h, v: distiller(h, v))(hidden, input)
