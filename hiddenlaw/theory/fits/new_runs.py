"""Where a new run starts: the initial state from which a law explains the samples that are given.

Where the readout has squares this is no linear problem in the state z, but it is one in z and
Z = z zᵀ together: solved run by run, Z taken to rank one, and the rest done by Levenberg–Marquardt.
A constant of the run that is sought too is first tried on a grid.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells import AbstractGeneratorCell
from hiddenlaw.readouts import Quadratic
from hiddenlaw.training.levenberg_marquardt import levenberg_marquardt
from hiddenlaw.training.recurrent import Recurrent, Sequences, with_constant, with_constants
from hiddenlaw.training.sensitivities import NormalEquations

_STEPS = 60
# Of the constants of the training runs, and beyond them: valleys are narrow where solutions grow.
_GRID, _MARGIN, _VALLEYS = 801, 0.5, 4
_DEPENDENT = 1e-12


def found_starts(
    model: Recurrent, given: Sequences
) -> tuple[Float[np.ndarray, "d run"], Float[np.ndarray, " run"] | None]:
    """The start of every run, and its constant where the law has such.

    The law itself stays as it is. Samples of weight 0 are not looked at.
    """
    if model.constants is None:
        return np.asarray(_found(model, given, jnp.zeros((1, given.start.shape[1])))), None
    known = np.asarray(model.constants)
    margin = _MARGIN * (known.max() - known.min())
    grid = np.linspace(known.min() - margin, known.max() + margin, _GRID)
    found = np.asarray(_found(model, given, np.tile(grid[:, None], (1, given.start.shape[1]))))
    return found[:-1], found[-1]


@eqx.filter_jit
def _found(
    model: Recurrent, given: Sequences, grid: Float[AnyArray, "value run"]
) -> Float[Array, "own run"]:
    """Start and, behind it, constant of every run; the start alone where there is no constant."""

    def attempt(constants):
        here = given
        if model.constants is not None:
            here = with_constants(eqx.tree_at(lambda m: m.constants, model, constants), given)
        starts = jax.vmap(_lifted, in_axes=(None, 2, 2, 2), out_axes=1)(
            model, here.basis, here.target, here.weight
        )
        losses = jax.vmap(_loss, in_axes=(None, 1, 2, 2, 2))(
            model, starts, here.basis, here.target, here.weight
        )
        return starts, jnp.where(jnp.isfinite(losses), losses, jnp.inf)

    starts, losses = jax.lax.map(attempt, jnp.asarray(grid))
    runs = jnp.arange(grid.shape[1])
    input = jnp.zeros((len(runs), 1, 1)) if given.input is None else jnp.asarray(given.input)

    def search(chosen):
        own = starts[chosen, :, runs].T
        if model.constants is not None:
            own = jnp.concatenate([own, jnp.asarray(grid)[chosen, runs][None]])
        return jax.vmap(_searched, in_axes=(None, 1, 2, 2, 2, 0), out_axes=(1, 0))(
            model, own, given.basis, given.target, given.weight, input
        )

    found, loss = jax.lax.map(search, _valleys(losses))
    return found[jnp.argmin(loss, axis=0), :, runs].T


def _valleys(losses: Float[Array, "value run"]) -> Int[Array, "valley run"]:
    """Where the loss is least: the lowest few of those that neighbours do not undercut."""
    beyond = jnp.full((1, losses.shape[1]), jnp.inf)
    left, right = jnp.vstack([beyond, losses[:-1]]), jnp.vstack([losses[1:], beyond])
    lowest = jnp.where((losses <= left) & (losses <= right), losses, jnp.inf)
    return jnp.argsort(lowest, axis=0)[:_VALLEYS]


def _searched(model, own, basis, target, weight, input):
    """Levenberg–Marquardt for one run: (start, constant), and what it leaves."""
    d, cell = model.cell.dimension, model.cell

    def residual(own):
        here = basis
        if model.constants is not None:
            assert isinstance(cell, AbstractGeneratorCell)
            here = cell.basis(with_constant(cell, input[None], own[d:]))[0]
        return _residual(model, own[:d], here, target, weight)

    total = jnp.maximum(jnp.sum(weight), 1e-300)

    def equations(own, _):
        r, j = residual(own), jax.jacfwd(residual)(own)
        return NormalEquations(r @ r / total, j.T @ r / total, j.T @ j / total, jnp.zeros(()))

    scaled = model.constants is not None
    fit = levenberg_marquardt(equations, own, None, max_steps=_STEPS, scaled=scaled)
    return fit.parameters, jnp.where(jnp.isfinite(fit.loss), fit.loss, jnp.inf)


def _loss(model, start, basis, target, weight):
    r = _residual(model, start, basis, target, weight)
    return r @ r


def _residual(model, start, basis, target, weight):
    coefficients = jnp.asarray(model.cell.coefficients())

    def step(h, c):
        h = jnp.einsum("n,nab,b->a", c, coefficients, h)
        return h, model.readout(h)

    return ((jax.lax.scan(step, start, basis)[1] - target) * jnp.sqrt(weight)).ravel()


def _lifted(model, basis, target, weight):
    """The start of one run by linear least squares: for z, and z zᵀ where there are squares."""
    d, coefficients = model.cell.dimension, jnp.asarray(model.cell.coefficients())

    def step(p, c):
        p = jnp.einsum("n,nab,bc->ac", c, coefficients, p)
        return p, p

    products = jax.lax.scan(step, jnp.eye(d), basis)[1]
    weights = jnp.asarray(model.readout.weights)
    squares = isinstance(model.readout, Quadratic)
    linear = weights[1 : 1 + d] if squares else weights
    design = jnp.einsum("do,sde->soe", linear, products)
    first, second = np.triu_indices(d)
    if squares:
        target = target - weights[0]
        form = jnp.zeros((weights.shape[1], d, d)).at[:, first, second].set(weights[1 + d :].T)
        form = (form + form.transpose(0, 2, 1)) / 2
        lifted = jnp.einsum("sda,ode,seb->soab", products, form, products)
        twice = jnp.where(first == second, 1.0, 2.0)
        design = jnp.concatenate([design, lifted[:, :, first, second] * twice], axis=-1)
    root = jnp.sqrt(weight)
    design = (design * root[..., None]).reshape(-1, design.shape[-1])
    scale = jnp.sqrt(jnp.sum(design**2, axis=0))
    scale = jnp.where(scale > 0, scale, 1.0)
    found = jnp.linalg.lstsq(design / scale, (target * root).ravel(), rcond=_DEPENDENT)[0] / scale
    if not squares:
        return found
    outer = jnp.zeros((d, d)).at[first, second].set(found[d:])
    outer = outer + outer.T - jnp.diag(jnp.diag(outer))
    values, vectors = jnp.linalg.eigh(outer)
    start = vectors[:, -1] * jnp.sqrt(jnp.maximum(values[-1], 0.0))
    # The sign is told by linear terms of the readout, if there are any.
    return jnp.where(start @ found[:d] < 0, -start, start)
