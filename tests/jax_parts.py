"""The parts of a law once more, in JAX: as their docstrings define them, one run at a time."""

from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
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

    return interpolated(at, cell.low, cell.high, cell.counts, v) @ h


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
