"""A translator whose runs have each a constant of its own: generators A + B V + C e, e by run.

Multiple shooting. One pass along a run can be hopeless: in a trap |∂ρ/∂E| reaches 1e13 over 64
sites of tunnelling. So runs are first cut into short windows, each with a start of its own that is
eliminated, all windows of a run sharing e. The basis is the observability basis of the response, in
which A is a companion matrix; B and C begin in its last row, where laws of higher order have them.
C stays there: e would else be known only up to a change of basis that depends on it.
"""

from dataclasses import replace

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from hiddenlaw._precision import float64, to_numpy
from hiddenlaw._typing import AnyArray
from hiddenlaw.cells import AbstractGeneratorCell, Monomials, generator_over
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.data.misfit import relative_error
from hiddenlaw.data.visible import noise_of
from hiddenlaw.errors import TrainingError
from hiddenlaw.holds._base import Span
from hiddenlaw.readouts import Linear
from hiddenlaw.training.curriculum import stack, unstack
from hiddenlaw.training.levenberg_marquardt import levenberg_marquardt
from hiddenlaw.training.own_starts import best_starts, eliminate_starts
from hiddenlaw.training.progress import Progress
from hiddenlaw.training.recurrent import Recurrent, Sequences
from hiddenlaw.training.sensitivities import NormalEquations
from hiddenlaw.translator.linear import EXACT
from hiddenlaw.translator.model import Translator, TranslatorFit, answer_to
from hiddenlaw.translator.sequences import joint_span
from hiddenlaw.translator.windows import cut, windows_of

_WINDOW = 13  # sites
_GENTLE = 0.1  # of a random last row, in units of the data's x
_RANGE = 4.0  # of e, in standard deviations: what cells are made for
_STEPS = (30, 80, 250)  # with the last rows free; with all of B; over whole runs
_NARROWEST = 2
_BETTER = 0.9  # of the best held-out error so far: what a wider network has to reach
_NOISE = 1.5  # times the variance of the noise: nothing is left to explain
_GRID = 257  # values of e that are tried for a new run


@float64
def train_run_constants(
    train: Dataset,
    heldout: Heldout,
    *,
    widest: int,
    seeds: int,
    seed: int,
    progress: Progress,
) -> tuple[TranslatorFit, Dataset, Heldout]:
    """The best translator up to `widest` hidden variables, and the data with the runs' constants.

    The constants are those that it found: of the training runs with the law, of the held-out runs
    from what is given of them.

    Raises `TrainingError` where every seed diverged.
    """
    outputs, rng = train.response.shape[2], np.random.default_rng(seed)
    norm = np.sqrt(train.variance * outputs)
    span = joint_span(train, heldout.judged)
    span = Span((*span.low, -_RANGE), (*span.high, _RANGE), span.step)
    widths = range(max(outputs, _NARROWEST), max(widest, outputs, _NARROWEST) + 1)
    progress.start("translator", len(widths))
    best, least = None, np.inf
    floor = max(EXACT, _NOISE * float(np.mean(noise_of(train) ** 2 / train.variance)))
    for width in widths:
        found = [
            _told(translator, train, constants, heldout)
            for translator, constants in _train_width(train, span, norm, width, seeds, rng)
        ]
        errors = [relative_error(answer_to(t, h), h.judged) for t, _, h in found]
        order = np.argsort(np.where(np.isfinite(errors), errors, np.inf))
        error = errors[order[0]] if np.isfinite(errors[order[0]]) else np.inf
        progress.advance("translator", f"{width} hidden variables: held-out error {error:.1e}")
        better = error < _BETTER * least
        if best is None or better:
            best, least = [(found[i], float(errors[i])) for i in order], error
        if least < floor or (not better and least < _BETTER):
            break
    if best is None or not np.isfinite(least):
        raise TrainingError(
            f"all {seeds} seeds diverged; try another --seed, or more runs: constants of the runs "
            "are the harder the fewer there are"
        )
    told = [(relative_error(answer_to(t, Heldout(d, d)), d), e) for (t, d, _), e in best]
    translator, data, runs = best[0][0]
    progress.finish("translator", f"held-out error {least:.1e}")
    return TranslatorFit(to_numpy(translator), *told[0], tuple(told)), data, runs


def _told(
    translator: Translator, train: Dataset, constants: Float[np.ndarray, " run"], heldout: Heldout
) -> tuple[Translator, Dataset, Heldout]:
    """The translator, and the data with the constants that it gives them."""
    assert heldout.given is not None
    new = constants_of(translator, heldout.given)[:, None]
    runs = Heldout(replace(heldout.judged, constants=new), replace(heldout.given, constants=new))
    return translator, replace(train, constants=constants[:, None]), runs


def _train_width(
    train: Dataset,
    span: Span,
    norm: Float[np.ndarray, " response"],
    d: int,
    seeds: int,
    rng: np.random.Generator,
) -> list[tuple[Translator, Float[np.ndarray, " run"]]]:
    """Translators of one width, and the constants that each found."""
    scaled = Monomials.spanning(span.low, span.high, 1)
    units, free = train.dx ** np.arange(d, 0, -1), np.zeros((3, d, d), bool)
    free[:, -1] = True
    models = []
    for _ in range(seeds):
        matrices = np.zeros((3, d, d))
        matrices[0] = np.eye(d, k=1)
        matrices[:, -1] = _GENTLE * rng.normal(size=(3, d)) * units
        readout = Linear(np.eye(d)[:, : len(norm)], np.zeros(0))
        e = rng.normal(size=train.runs)
        models.append(
            Recurrent(generator_over(matrices, scaled, span), readout, np.zeros((d, 1)), e)
        )
    stacked = stack(models)
    short, whole = (
        cut(train, windows_of(train, length), norm, models[0].cell)
        for length in (_WINDOW, train.sites)
    )
    widened = free.copy()
    widened[1] = True
    stages = zip((free, widened, widened), (short, short, whole), _STEPS, strict=True)
    for open_entries, shown, steps in stages:
        stacked = _normalised(stacked)
        stacked = _fit(stacked, shown, open_entries.astype(float), np.asarray(steps))
    stacked = _normalised(stacked)
    fitted = [unstack(stacked, index) for index in range(seeds)]
    return [
        (Translator(m.cell, m.readout, None, jnp.asarray(norm)), np.asarray(m.constants))
        for m in fitted
    ]


def _normalised(models: Recurrent) -> Recurrent:
    """The same laws with constants of mean 0 and deviation 1."""
    e, matrices = np.asarray(models.constants), np.asarray(models.cell.matrices)
    mean, deviation = e.mean(axis=1), np.maximum(e.std(axis=1), 1e-12)
    a, b, c = matrices.transpose(1, 0, 2, 3)
    # The monomial of e is e over its range.
    a = a + c * mean[:, None, None] / _RANGE
    matrices = np.stack([a, b, c * deviation[:, None, None]], axis=1)
    e = (e - mean[:, None]) / deviation[:, None]
    return eqx.tree_at(lambda m: (m.cell.matrices, m.constants), models, (matrices, e))


@eqx.filter_jit
def _fit(
    models: Recurrent,
    shown: Sequences,
    free: Float[AnyArray, "term d d"],
    max_steps: Int[AnyArray, ""],
) -> Recurrent:
    def one(model: Recurrent) -> Recurrent:
        shape, size = model.cell.matrices.shape, model.cell.matrices.size
        base = jnp.concatenate([jnp.ravel(model.cell.matrices), jnp.asarray(model.constants)])
        mask = jnp.concatenate([jnp.ravel(free), jnp.ones(base.size - size)])

        def filled(flat):
            parts = flat[:size].reshape(shape), flat[size:]
            return eqx.tree_at(lambda m: (m.cell.matrices, m.constants), model, parts)

        def equations(flat, shown):
            e = eliminate_starts(filled(jnp.where(mask > 0, flat, base)), shown, len(shown.basis))
            matrix = e.matrix * mask * mask[:, None]
            return NormalEquations(e.loss, e.gradient * mask, matrix, e.weights)

        found = levenberg_marquardt(equations, base, shown, max_steps=max_steps, scaled=True)
        return filled(found.parameters)

    return eqx.filter_vmap(one)(models)


def constants_of(translator: Translator, given: Dataset) -> Float[np.ndarray, " run"]:
    """The constant of every run with which the given samples are explained best.

    From the best of a grid, by Levenberg–Marquardt.
    """
    cell = translator.cell
    assert isinstance(cell, AbstractGeneratorCell)
    model = Recurrent(cell, translator.readout, np.zeros((cell.dimension, 1)), np.zeros(1))
    norm = np.asarray(translator.response_scale)
    shown = cut(given, windows_of(given, given.sites), norm, cell)
    grid = np.linspace(-_RANGE, _RANGE, _GRID)
    losses = np.asarray(_losses(model, shown, grid, np.zeros(given.runs)))
    losses = np.where(np.isfinite(losses), losses, np.inf)
    start = grid[np.argmin(losses, axis=0)]
    one = jax.tree.map(lambda leaf: leaf[None], replace(model, constants=start))
    nothing = np.zeros(model.cell.matrices.shape)
    return np.asarray(_fit(one, shown, nothing, np.asarray(_STEPS[0])).constants)[0]


@eqx.filter_jit
def _losses(model: Recurrent, shown: Sequences, grid, zeros) -> Float[Array, "value run"]:
    def at(value):
        there = replace(model, constants=zeros + value)
        start = best_starts(there, shown, len(shown.basis))
        answer = replace(there, initial=start).outputs(shown)
        return jnp.sum((answer - shown.target) ** 2 * shown.weight, axis=(0, 1))

    return jax.lax.map(at, grid)
