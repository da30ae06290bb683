"""Laws once more, in JAX: what automatic differentiation finds is the oracle of written-out slopes.

Each of the three parts of a law (`jax_parts`) is differentiated by `jax.jacfwd`; the chain rule
joins the parts. Numbers stand in the order cell, starts, inner, weights, constants.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import jax
import numpy as np
from jax_parts import FEATURES, STEPS, prepared
from jaxtyping import Float

# Compiled once a kind: laws of equal shapes that differ in nothing but trained numbers share it.


@lru_cache(maxsize=64)
def _mover(key):
    cell = key.cell

    def states(flat, start, shown):
        def step(h, v):
            h = STEPS[type(cell)](cell, flat, h, v)
            return h, h

        return jax.lax.scan(step, start, shown)[1]

    slopes = jax.jacfwd(states, argnums=(0, 1, 2))
    return jax.jit(
        jax.vmap(lambda f, s, v: (states(f, s, v), *slopes(f, s, v)), in_axes=(None, 0, 0))
    )


@lru_cache(maxsize=64)
def _reader(kind, d, outputs):
    def read(g, inner, weights):
        return FEATURES[kind](g, inner) @ weights.reshape(-1, outputs)

    slopes = jax.jacfwd(read, argnums=(0, 1, 2))

    def both(g, i, w):
        return read(g, i, w), *slopes(g, i, w)

    return jax.jit(jax.vmap(jax.vmap(both, in_axes=(0, None, None)), in_axes=(0, None, None)))


@dataclass(frozen=True)
class _Cell:
    """A cell with its trained numbers zero, by what is fixed of it."""

    cell: object
    key: str

    def __eq__(self, other):
        return self.key == other.key

    def __hash__(self):
        return hash(self.key)

    @classmethod
    def of(cls, cell):
        blank = cell.with_parameters(np.zeros_like(np.asarray(cell.parameters)))
        fields = {name: value for name, value in vars(blank).items() if name != "monomials"}
        monomials = vars(getattr(blank, "monomials", object)) if "monomials" in vars(blank) else {}
        return cls(blank, repr((type(cell).__name__, fields, monomials)))


def split(law, flat):
    """The numbers of the law's parts, from one vector."""
    preparation, readout = law.preparation, law.readout
    shapes = [
        (np.size(law.cell.parameters),),
        np.shape(preparation.numbers),
        np.shape(readout.inner),
        np.shape(readout.weights),
        np.shape(preparation.constants),
    ]
    ends = np.cumsum([0, *(int(np.prod(shape)) for shape in shapes)])
    return [
        flat[a:b].reshape(shape) for a, b, shape in zip(ends[:-1], ends[1:], shapes, strict=True)
    ]


@dataclass(frozen=True)
class Linearised:
    """Of a law along what it is shown: states, answers, and the answers' slopes by all numbers."""

    states: Float[np.ndarray, "site run d"]
    answer: Float[np.ndarray, "site run output"]
    slopes: Float[np.ndarray, "site run output p"]


def linearised(law, shown, flat) -> Linearised:
    with jax.enable_x64(True):
        return _linearised(law, shown, flat)


def _linearised(law, shown, flat):
    cell, numbers, inner, weights, constants = split(law, flat)

    def both(y):
        own = y[: numbers.size].reshape(numbers.shape)
        return prepared(law, shown, own, y[numbers.size :].reshape(constants.shape))

    starts, input = both(np.concatenate([numbers.ravel(), constants.ravel()]))
    units = np.eye(numbers.size + constants.size)
    nothing = both(np.zeros(len(units)))
    by_own_start, by_own_input = (
        np.stack([both(unit)[part] - nothing[part] for unit in units], axis=-1) for part in (0, 1)
    )
    found = _mover(_Cell.of(law.cell))(cell, starts, input)
    states, by_cell, by_start, by_input = map(np.asarray, found)
    by_own = np.einsum("rsdk,rkp->rsdp", by_start, by_own_start)
    by_own += np.einsum("rsdtc,rtcp->rsdp", by_input, by_own_input)
    read = _reader(type(law.readout), law.dimension, weights.shape[1])
    answer, by_state, by_inner, by_weight = map(np.asarray, read(states, inner, weights.ravel()))
    through = np.concatenate([by_cell, by_own], axis=-1)
    through = np.einsum("rsod,rsdp->rsop", by_state, through)
    ends = np.cumsum([cell.size, numbers.size])
    before, after = through[..., : ends[1]], through[..., ends[1] :]
    slopes = np.concatenate([before, by_inner, by_weight, after], axis=-1)
    return Linearised(*(np.swapaxes(part, 0, 1) for part in (states, answer, slopes)))


@dataclass(frozen=True)
class Residual:
    """Residual and Jacobian, times the root of the weights, row by row; and the total weight."""

    residual: Float[np.ndarray, " row"]
    jacobian: Float[np.ndarray, "row p"]
    total: float

    @property
    def loss(self):
        return float(self.residual @ self.residual) / self.total

    @property
    def gradient(self):
        return self.jacobian.T @ self.residual / self.total

    @property
    def matrix(self):
        return self.jacobian.T @ self.jacobian / self.total

    def over(self, free):
        return replace(self, jacobian=self.jacobian[:, free])


def residual_of(law, shown, flat) -> Residual:
    found = linearised(law, shown, flat)
    root = np.sqrt(np.broadcast_to(shown.weight, shown.target.shape))
    total = float(np.sum(shown.weight)) / shown.weight.shape[2]
    jacobian = (found.slopes * root[..., None]).reshape(root.size, -1)
    return Residual(((found.answer - shown.target) * root).ravel(), jacobian, total)
