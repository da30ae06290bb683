"""Laws once more, in JAX: what automatic differentiation finds is the oracle of written-out slopes.

Each of the three parts of a law is written here as its docstring defines it, one run at a time, and
differentiated by `jax.jacfwd`; the chain rule joins the parts. Numbers stand in the order cell,
starts, inner, weights, constants.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from toy_kinds import LeakyCell, Waves

from hiddenlaw.cells import GeneratorCell, GRUCell, MagnusCell, TaylorCell
from hiddenlaw.preparations import RunConstants
from hiddenlaw.readouts import Linear, Neural, Quadratic

# Cells: one step of one run, as a function of the trained numbers.


def monomials_at(monomials, v):
    scaled = (v - monomials.offset) / monomials.scale
    powers = [[scaled[c] ** int(p) for c, p in enumerate(e) if p] for e in monomials.exponents]
    return jnp.stack([jnp.prod(jnp.array([1.0, *factors])) for factors in powers])


def generator_at(cell, flat, v):
    matrices = flat.reshape(np.shape(cell.matrices))
    return jnp.einsum("t,tab->ab", monomials_at(cell.monomials, v), matrices)


def exponential(matrix):
    """The plain series: enough for matrices of norm up to about 5."""

    def add(carry, order):
        total, term = carry
        term = term @ matrix / order
        return (total + term, term), None

    one = jnp.eye(len(matrix))
    return jax.lax.scan(add, (one, one), jnp.arange(1.0, 40.0))[0][0]


def interpolated(function, low, high, counts, place):
    """The polynomial through `function` at the Chebyshev nodes of a box: Lagrange's formula."""
    axes, cardinals = [], []
    for a, b, count, at in zip(low, high, counts, place, strict=True):
        unit = np.cos((2 * np.arange(count) + 1) * np.pi / (2 * count))
        nodes = (a + b + (b - a) * unit) / 2
        axes.append(nodes)
        others = np.stack([np.delete(nodes, n) for n in range(count)])
        cardinals.append(jnp.prod((at - others) / (nodes[:, None] - others), axis=1))
    values = jax.vmap(function)(np.array(list(product(*axes))))
    weights = cardinals[0]
    for cardinal in cardinals[1:]:
        weights = (weights[:, None] * cardinal).ravel()
    return jnp.einsum("n,nab->ab", weights, values)


def generator_step(cell, flat, h, v):
    def at(place):
        return exponential(generator_at(cell, flat, place))

    return interpolated(at, cell.low, cell.high, (cell.nodes,) * len(cell.low), v) @ h


def magnus_step(cell, flat, h, shown):
    def at(place):
        half, rest = place[1:2] / 2, place[2:]
        one = generator_at(cell, flat, jnp.concatenate([place[:1] - half, rest]))
        two = generator_at(cell, flat, jnp.concatenate([place[:1] + half, rest]))
        turn = np.sqrt(3) / 12 * (two @ one - one @ two)
        return exponential((one + two) / 2 + turn)

    low = [cell.low[0], -cell.step, *cell.low[1:]]
    high = [cell.high[0], cell.step, *cell.high[1:]]
    counts = (cell.nodes, *[4] * len(cell.low))
    place = jnp.stack([(shown[0] + shown[1]) / 2, shown[1] - shown[0], *shown[3:]])
    moved = interpolated(at, low, high, counts, place) @ h
    return shown[2] * moved + (1 - shown[2]) * h


def taylor_step(cell, flat, h, v):
    return generator_at(cell, flat, v) @ h


def gru_step(cell, flat, h, v):
    parts, at, d = [], 0, cell.dimension
    for field in cell.trained:
        shape = np.shape(getattr(cell, field))
        parts.append(flat[at : at + int(np.prod(shape))].reshape(shape))
        at += int(np.prod(shape))
    of_input, of_state, bias, inner = parts
    fed, held = (v - cell.offset) / cell.scale @ of_input + bias, h @ of_state
    r, z = (jax.nn.sigmoid((fed + held)[k * d : (k + 1) * d]) for k in (0, 1))
    n = jnp.tanh(fed[2 * d :] + r * (held[2 * d :] + inner))
    return n + z * (h - n)


def leaky_step(cell, flat, h, v):
    d = cell.dimension
    return jnp.tanh(flat[: d * d].reshape(d, d) @ h + flat[d * d :] * v[0])


STEPS = {
    GeneratorCell: generator_step,
    MagnusCell: magnus_step,
    TaylorCell: taylor_step,
    GRUCell: gru_step,
    LeakyCell: leaky_step,
}

# Readouts: the features of one state.


def quadratic_features(g, inner):
    pairs = [g[i] * g[j] for i in range(len(g)) for j in range(i, len(g))]
    return jnp.concatenate([jnp.ones(1), g, jnp.stack(pairs)])


def neural_features(g, inner):
    layer = inner.reshape(16, len(g) + 1)
    return jnp.concatenate([jnp.ones(1), g, jnp.tanh(layer[:, :-1] @ g + layer[:, -1])])


def waves_features(g, inner):
    return jnp.stack([jnp.ones(()), jnp.sin(inner @ g), jnp.cos(inner @ g)])


FEATURES = {
    Linear: lambda g, inner: g,
    Quadratic: quadratic_features,
    Neural: neural_features,
    Waves: waves_features,
}


# Preparations: starts and what is shown, of all runs. Both are of first degree in the numbers.


def prepared(law, shown, numbers, constants):
    preparation = law.preparation
    held = preparation.held or (None,) * law.dimension
    columns, at = [], 0
    for value in held:
        columns.append(numbers[..., at] if value is None else value)
        at += value is None
    starts = [np.broadcast_to(column, shown.runs) for column in columns]
    input = np.array(shown.input)
    if isinstance(preparation, RunConstants):
        mine = constants if shown.owner is None else constants[shown.owner]
        for k, channel in enumerate(preparation.offset_of):
            # Both Gauss points of a Magnus cell carry the one channel that it has.
            places = [0, 1] if isinstance(law.cell, MagnusCell) else [channel]
            if channel is not None:
                input[..., places] -= mine[:, None, k, None]
        for k, channel in enumerate(preparation.offset_of):
            if channel is None:
                behind = np.broadcast_to(mine[:, None, k, None], (*input.shape[:2], 1))
                input = np.concatenate([input, behind], axis=2)
    return np.stack(starts, axis=1), input


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
