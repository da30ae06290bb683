"""Length curriculum: fit the first sites, then twice as many, and so on, over several seeds at once.

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
from jaxtyping import Array, Float

from hiddenlaw.training.levenberg_marquardt import Fit, levenberg_marquardt
from hiddenlaw.training.sensitivities import NormalEquations, Recurrent, Sequences, eliminate


def lengths(sites: int, first: int = 4) -> list[int]:
    """first, 2·first, … and at last all sites."""
    doubling = [first * 2**k for k in range(64) if first * 2**k < sites]
    return [*doubling, sites]


class SeededFit(eqx.Module):
    """Levenberg–Marquardt over a batch of seeds, compiled once per shape.

    `models` in and out are `Recurrent`s whose arrays carry a leading seed axis.
    """

    max_steps: int = eqx.field(static=True, default=30)

    def __call__(
        self,
        models: Recurrent,
        sequences: Sequences,
        length: int,
        *,
        free_initial: bool = True,
        shared_sequences: bool = True,
    ) -> tuple[Recurrent, Float[np.ndarray, " seed"]]:
        """Fit the first `length` sites; the losses that come back may not be finite.

        With `free_initial=False` the initial state stays as it is (windows whose first state an
        encoder gives). With `shared_sequences=False` the `start` of the sequences has a seed axis.
        """
        fitted, fit = _fit(
            models,
            sequences,
            jnp.asarray(length),
            jnp.asarray(free_initial, float),
            shared_sequences,
            self.max_steps,
        )
        return fitted, np.asarray(fit.loss)


@eqx.filter_jit
def _fit(
    models: Recurrent,
    sequences: Sequences,
    length: Array,
    free_initial: Array,
    shared_sequences: bool,
    max_steps: int,
) -> tuple[Recurrent, Fit]:
    def one(model: Recurrent, start: Array) -> tuple[Recurrent, Fit]:
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

    axis = None if shared_sequences else 0
    return eqx.filter_vmap(one, in_axes=(eqx.if_array(0), axis))(models, sequences.start)


def stack(models: Sequence[Recurrent]) -> Recurrent:
    """Models of one structure, with a leading seed axis."""
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *models)


def unstack(models: Recurrent, index: int) -> Recurrent:
    """One seed of a stack."""
    return jax.tree.map(lambda leaf: leaf[index], models)
