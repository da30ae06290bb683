"""Length curriculum: fit the first sites, then twice as many, and so on, many seeds at once.

Products of 64 random matrices overflow, products of four do not. Each stage starts where the last
one ended; the loop itself is shortened (a traced bound), so short stages are cheap and one
compilation serves all lengths, all seeds and all stages.
"""

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Bool, Float

from hiddenlaw._precision import to_numpy
from hiddenlaw._typing import AnyArray
from hiddenlaw.training.levenberg_marquardt import Fit, levenberg_marquardt
from hiddenlaw.training.recurrent import Recurrent, Sequences
from hiddenlaw.training.sensitivities import NormalEquations, eliminate


def lengths(sites: int, first: int = 4) -> list[int]:
    """first, 2·first, … and at last all sites; no stage for the last third alone."""
    doubling = [first * 2**k for k in range(64) if first * 2**k <= 2 * sites / 3]
    return [*doubling, sites]


def gentle_lengths(sites: int, first: int = 4, doubled: int = 16) -> list[int]:
    """Doubling up to `doubled`, then a quarter more at a time, and at last all sites.

    A model wider than the law fits noise with its spare variables, and these grow along a run: what
    explains 32 noisy sites can be off by orders of magnitude at the 64th, and is lost.
    """
    stages = [n for n in lengths(sites, first) if n <= doubled] or [sites]
    while (longer := round(1.25 * stages[-1])) <= 0.9 * sites:
        stages.append(longer)
    return stages if stages[-1] == sites else [*stages, sites]


def fit_seeds(
    models: Recurrent,
    sequences: Sequences,
    length: int,
    *,
    max_steps: int = 30,
    free_initial: bool = True,
) -> tuple[Recurrent, Float[np.ndarray, " seed"]]:
    """Levenberg–Marquardt on the first `length` sites, over a batch of seeds.

    `models` in and out carry a leading seed axis; the losses that come back may not be finite.
    Compiled once per shape: length and steps are traced. With `free_initial=False` the initial
    state stays as it is (windows whose first state an encoder gives). The `start` of the sequences
    may have a seed axis.
    """
    if sequences.start.ndim == 2:
        seeds = len(models.initial)
        start = np.broadcast_to(sequences.start, (seeds, *sequences.start.shape))
        sequences = eqx.tree_at(lambda s: s.start, sequences, start)
    fitted, fit = _fit(
        models,
        sequences,
        np.asarray(length),
        np.asarray(free_initial, float),
        np.asarray(max_steps),
    )
    return to_numpy(fitted), np.asarray(fit.loss)


def compile_fit(models: Recurrent, sequences: Sequences) -> None:
    """Compile `fit_seeds` for arguments of these shapes, without running it."""
    start = np.zeros((len(models.initial), *sequences.start.shape))
    sequences = eqx.tree_at(lambda s: s.start, sequences, start)
    arguments = models, sequences, np.asarray(1), np.asarray(1.0), np.asarray(1)
    # Equinox hides from type checkers that what `filter_jit` returns can be lowered.
    _fit.lower(*arguments).compile()  # pyright: ignore[reportFunctionMemberAccess]


@eqx.filter_jit
def _fit(
    models: Recurrent,
    sequences: Sequences,
    length: AnyArray,
    free_initial: AnyArray,
    max_steps: AnyArray,
) -> tuple[Recurrent, Fit]:
    def one(model: Recurrent, start: AnyArray) -> tuple[Recurrent, Fit]:
        flat, unravel = ravel_pytree(model.searched)
        matrices, initial, inner = model.searched
        mask = jnp.concatenate(
            [
                jnp.ones(matrices.size),
                jnp.full(initial.size, free_initial),
                jnp.ones(inner.size),
            ]
        )

        def equations(y, args):
            sequences, length = args
            e = eliminate(model.with_searched(unravel(y)), sequences, length)
            return NormalEquations(
                e.loss, e.gradient * mask, e.matrix * mask * mask[:, None], e.weights
            )

        here = eqx.tree_at(lambda s: s.start, sequences, start)
        fit = levenberg_marquardt(equations, flat, (here, length), max_steps=max_steps)
        fitted = model.with_searched(unravel(fit.parameters))
        return eqx.tree_at(lambda m: m.readout.weights, fitted, fit.weights), fit

    return eqx.filter_vmap(one)(models, sequences.start)


def stack(models: Sequence[Recurrent]) -> Recurrent:
    """Models of one structure, with a leading seed axis."""
    return jax.tree.map(lambda *leaves: np.stack(leaves), *models)


def unstack(models: Recurrent, index: int) -> Recurrent:
    """One seed of a stack."""
    return jax.tree.map(lambda leaf: leaf[index], models)


def where(choose: Bool[np.ndarray, " seed"], yes: Recurrent, no: Recurrent) -> Recurrent:
    """Seed by seed, one stack or the other."""
    return jax.tree.map(
        lambda a, b: np.where(choose.reshape(-1, *[1] * (a.ndim - 1)), a, b), yes, no
    )
