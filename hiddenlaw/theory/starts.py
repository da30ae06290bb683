"""Where a new run starts: the initial state from which a law explains the samples that are given.

A readout with squares makes this a search: from the best of the training runs' own starts, by
Levenberg–Marquardt, every run for itself.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.training.levenberg_marquardt import levenberg_marquardt
from hiddenlaw.training.sensitivities import NormalEquations, Recurrent, Sequences, states

_CANDIDATES = 400
_STEPS = 60


def found_starts(model: Recurrent, given: Sequences) -> Float[np.ndarray, "d run"]:
    """The start of every run, the law being as it is. Samples of weight 0 are not looked at."""
    candidates = np.asarray(model.initial)[:, :_CANDIDATES]
    return np.asarray(_found(model, given, candidates))


@eqx.filter_jit
def _found(
    model: Recurrent, given: Sequences, candidates: Float[AnyArray, "d candidate"]
) -> Float[Array, "d run"]:
    coefficients, readout = jnp.asarray(model.cell.coefficients()), model.readout
    length = len(given.basis)
    one = lambda g: readout.features(g, readout.inner) @ readout.weights  # noqa: E731

    def residual(start, basis, target, root):
        def step(h, c):
            h = jnp.einsum("n,nab,b->a", c, coefficients, h)
            return h, one(h)

        return ((jax.lax.scan(step, start, basis)[1] - target) * root).ravel()

    def loss_of(start):
        everywhere = jnp.broadcast_to(start[:, None], (len(start), given.basis.shape[-1]))
        h = states(coefficients, everywhere, given.basis, length)
        answer = jax.vmap(jax.vmap(one, in_axes=-1, out_axes=-1))(h)
        square = jnp.sum((answer - given.target) ** 2 * given.weight, axis=(0, 1))
        return jnp.where(jnp.isfinite(square), square, jnp.inf)

    best = jnp.argmin(jax.lax.map(loss_of, jnp.asarray(candidates).T), axis=0)

    def search(start, basis, target, weight):
        args = basis, target, jnp.sqrt(weight)
        total = jnp.maximum(jnp.sum(weight), 1e-300)

        def equations(z, args):
            r, j = residual(z, *args), jax.jacfwd(residual)(z, *args)
            return NormalEquations(r @ r / total, j.T @ r / total, j.T @ j / total, jnp.zeros(()))

        return levenberg_marquardt(equations, start, args, max_steps=_STEPS).parameters

    runs_last = (1, 2, 2, 2)
    return jax.vmap(search, in_axes=runs_last, out_axes=1)(
        jnp.asarray(candidates)[:, best], given.basis, given.target, given.weight
    )
