"""Least squares for recurrent models linear in their state, with sensitivities written out.

Automatic differentiation of a scan with small batched matrices is ten times slower than it need
be. With runs as the last, vectorised axis the forward sensitivities S = ∂h/∂θ obey

    S ← M(V) S + (∂M/∂θ)(V) h,        M(V) = Σ_n c_n(V) K_n(θ),

where the second term is one matrix product a site. Readouts are linear in their last layer,
R = Wᵀ φ(h; w), so their weights W are eliminated (`eliminate`: variable projection in Kaufman's
form, BIT 15, 49 (1975)), or kept as parameters where some of them are fixed by a law (`keep`).

What comes back is all that a Gauss–Newton step needs and no more: loss, gradient and JᵀJ.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells import AbstractGeneratorCell, AbstractLinearCell
from hiddenlaw.readouts import AbstractReadout


class Sequences(eqx.Module):
    """What a fit is shown: runs last. Samples with weight 0 do not count.

    The outputs share one weight a sample, or each has its own. Where a constant of every run is
    sought the basis follows from it, and from the `input` without it; `change` is the basis's
    derivative by that constant, and `owner` says which run's constant is meant where runs are cut
    into windows.
    """

    basis: Float[AnyArray, "site n run"]
    target: Float[AnyArray, "site output run"]
    weight: Float[AnyArray, "site one_or_output run"]
    start: Float[AnyArray, "d run"]
    input: Float[AnyArray, "run site channel"] | None = None
    owner: Int[AnyArray, " run"] | None = None
    change: Float[AnyArray, "site n run"] | None = None


class Recurrent(eqx.Module):
    """Initial state, cell linear in its state, readout: the model that is fitted.

    The state before the first site is `sequences.start` + `initial`, which is one for all runs (d,)
    or one for each (d, run). `constants` are numbers that stay the same along a run and are fitted
    beside the law, one a run: a channel of the input beyond those that are given or, where the cell
    has no such channel, an offset that is taken off the first one.
    """

    cell: AbstractLinearCell
    readout: AbstractReadout
    initial: Float[AnyArray, " d"] | Float[AnyArray, "d run"]
    constants: Float[AnyArray, " run"] | None = None

    @property
    def own_starts(self) -> bool:
        """Whether every run has an initial state of its own."""
        return self.initial.ndim == 2

    def states(self, sequences: Sequences) -> Float[Array, "site d run"]:
        """The state after every site."""
        start, sequences = starts(self, sequences), with_constants(self, sequences)
        return states(self.cell.coefficients(), start, sequences.basis, len(sequences.basis))

    def outputs(self, sequences: Sequences) -> Float[Array, "site output run"]:
        """The readout of the state after every site."""
        features = readout_features(self.readout, self.states(sequences))
        return jnp.einsum("fo,sfr->sor", self.readout.weights, features)

    @property
    def searched(self) -> tuple[AnyArray, AnyArray, AnyArray]:
        """Parameters that enter nonlinearly: the cell's matrices, the initial state, the inner."""
        return self.cell.matrices, self.initial, self.readout.inner

    def with_searched(self, searched: tuple[AnyArray, AnyArray, AnyArray]) -> "Recurrent":
        return eqx.tree_at(lambda m: m.searched, self, searched)


class NormalEquations(NamedTuple):
    """Loss (mean square residual), its half-gradient, the Gauss–Newton matrix JᵀJ, the weights."""

    loss: Float[Array, ""]
    gradient: Float[Array, " p"]
    matrix: Float[Array, "p p"]
    weights: Float[AnyArray, "feature output"]


class OwnBlocks(NamedTuple):
    """The blocks of JᵀJ and Jᵀr in which the start of each run is: its own and no other's.

    Behind the start, as one more number, the run's constant, where there is one.
    """

    gradient: Float[Array, "own run"]
    matrix: Float[Array, "own own run"]
    cross: Float[Array, "p own run"]
    mixed: Float[Array, "feature output own run"]


class Blocks(NamedTuple):
    """Jᵀr, JᵀJ and φᵀJ for J the Jacobian of the residual in the searched parameters.

    Where every run has its own start these are not among the parameters but in `own`.
    """

    gradient: Float[Array, " p"]
    matrix: Float[Array, "p p"]
    mixed: Float[Array, "feature output p"]
    own: OwnBlocks | None


def starts(model: Recurrent, sequences: Sequences) -> Float[AnyArray, "d run"]:
    """The state of every run before its first site."""
    initial = jnp.asarray(model.initial)
    return sequences.start + (initial if model.own_starts else initial[:, None])


def with_constants(model: Recurrent, sequences: Sequences) -> Sequences:
    """The sequences with basis and change at the model's constants."""
    if model.constants is None:
        return sequences
    constants, input, cell = jnp.asarray(model.constants), sequences.input, model.cell
    assert isinstance(cell, AbstractGeneratorCell)
    assert input is not None
    if sequences.owner is not None:
        constants = constants[sequences.owner]

    def basis(constants):
        return cell.basis(with_constant(cell, input, constants))

    value, change = jax.jvp(basis, (constants,), (jnp.ones_like(constants),))
    return eqx.tree_at(
        lambda s: (s.basis, s.change),
        sequences,
        (value.transpose(1, 2, 0), change.transpose(1, 2, 0)),
        is_leaf=lambda leaf: leaf is None,
    )


def with_constant(
    cell: AbstractGeneratorCell,
    input: Float[AnyArray, "run site channel"],
    constants: Float[AnyArray, " run"],
) -> Float[Array, "run site channels"]:
    """The input with each run's constant: one more channel, or taken off the first input."""
    everywhere = jnp.broadcast_to(constants[:, None, None], (*input.shape[:2], 1))
    if cell.shown > input.shape[2]:
        return jnp.concatenate([jnp.asarray(input), everywhere], axis=-1)
    return jnp.asarray(input) - everywhere * jnp.asarray(cell.level)


def states(
    coefficients: Float[AnyArray, "n d d"],
    start: Float[AnyArray, "d run"],
    basis: Float[AnyArray, "site n run"],
    length: Int[AnyArray, ""] | int,
) -> Float[Array, "site d run"]:
    """States after sites 1…length; zero beyond (the loop itself ends there)."""
    n, d, _ = coefficients.shape
    sites, _, runs = basis.shape
    stacked = coefficients.transpose(1, 0, 2).reshape(d, n * d)

    def step(i, carry):
        h, out = carry
        h = stacked @ _products(basis[i], h)
        return h, out.at[i].set(h)

    return jax.lax.fori_loop(0, length, step, (start, jnp.zeros((sites, d, runs))))[1]


def eliminate(
    model: Recurrent, sequences: Sequences, length: Int[AnyArray, ""] | int
) -> NormalEquations:
    """Normal equations in the searched parameters, the readout's weights being at their best.

    `length` may be traced: a length curriculum shortens the loop and compiles once.
    """
    features, root = features_and_root(model, sequences, length)
    target = sequences.target * root
    inverse = jax.vmap(lambda gram: _pseudo_inverse(gram, model.readout.dependent))(_gram(features))
    weights = _solved(inverse, _against(features, target))
    # Once more on what is left: the normal equations alone lose half the digits.
    left = target - fitted(features, weights)
    weights = weights + _solved(inverse, _against(features, left))
    model = eqx.tree_at(lambda m: m.readout.weights, model, weights)
    residual = target - fitted(features, weights)
    blocks = searched_blocks(model, sequences, length, features, residual, root)
    gradient, matrix, mixed = _joined(model, blocks, sequences)
    solved = jax.vmap(_solved, in_axes=(None, -1), out_axes=-1)(inverse, mixed)
    matrix = matrix - jnp.einsum("fop,foq->pq", mixed, solved)
    total = total_weight(root)
    return NormalEquations(jnp.sum(residual**2) / total, gradient / total, matrix / total, weights)


def keep(
    model: Recurrent, sequences: Sequences, length: Int[AnyArray, ""] | int
) -> NormalEquations:
    """Normal equations in searched parameters, the readout's weights (row by row), constants."""
    features, root = features_and_root(model, sequences, length)
    weights = model.readout.weights
    residual = sequences.target * root - fitted(features, weights)
    blocks = searched_blocks(model, sequences, length, features, residual, root)
    gradient, matrix, mixed = _joined(model, blocks, sequences)
    mixed = mixed.reshape(weights.size, -1)
    gram, outputs = _gram(features), weights.shape[1]
    gram = jnp.broadcast_to(gram, (outputs, *gram.shape[1:]))
    corner = jnp.einsum("ofg,op->fogp", gram, jnp.eye(outputs)).reshape(weights.size, -1)
    total = total_weight(root)
    of_weights = -_against(features, residual).reshape(-1)
    gradient = jnp.concatenate([gradient, of_weights])
    matrix = jnp.block([[matrix, mixed.T], [mixed, corner]])
    if model.constants is not None:
        # The constants come last.
        size = len(gradient)
        constants = np.arange(size - weights.size - model.constants.size, size - weights.size)
        order = np.append(np.setdiff1d(np.arange(size), constants), constants)
        gradient, matrix = gradient[order], matrix[order][:, order]
    return NormalEquations(jnp.sum(residual**2) / total, gradient / total, matrix / total, weights)


def features_and_root(model, sequences, length):
    """Features times the root of the weights (site, weighting, feature, run), and that root.

    Both are zero beyond `length`.
    """
    sequences = with_constants(model, sequences)
    h = states(model.cell.coefficients(), starts(model, sequences), sequences.basis, length)
    inside = jnp.arange(len(sequences.weight)) < length
    root = jnp.sqrt(sequences.weight) * inside[:, None, None]
    return readout_features(model.readout, h)[:, None] * root[:, :, None], root


# One weighting for all outputs, or one for each. The shapes say which; sums over sites and runs
# are cheaper, and as many, in the first case.


def total_weight(root):
    """The weight of all samples, outputs averaged."""
    return jnp.sum(root**2) / root.shape[1]


def _gram(features):
    return jnp.einsum("swfr,swgr->wfg", features, features)


def _against(features, values):
    """Σ φ_f · value_o over sites and runs."""
    if features.shape[1] == 1:
        return jnp.einsum("sfr,sor->fo", features[:, 0], values)
    return jnp.einsum("sofr,sor->fo", features, values)


def fitted(features, weights):
    """What the readout answers, times the root of the weights."""
    if features.shape[1] == 1:
        return jnp.einsum("fo,sfr->sor", weights, features[:, 0])
    return jnp.einsum("fo,sofr->sor", weights, features)


def _solved(inverse, values):
    """The inverse Gram matrices times (feature, output)."""
    if len(inverse) == 1:
        return inverse[0] @ values
    return jnp.einsum("ofg,go->fo", inverse, values)


def searched_blocks(model, sequences, length, features, residual, root) -> Blocks:
    """The blocks at a model of which residual, features and root of the weights are known."""
    sequences = with_constants(model, sequences)
    matrices, _, inner = model.searched
    d, count = model.cell.dimension, matrices.size
    n, runs = sequences.basis.shape[1:]
    readout, weights = model.readout, model.readout.weights
    own_starts = model.own_starts
    p = count + inner.size + (0 if own_starts else d)
    own_size = d if sequences.change is None else d + 1
    after = count if own_starts else count + d  # where the inner parameters are

    def coefficients_of(flat):
        cell = eqx.tree_at(lambda c: c.matrices, model.cell, flat.reshape(matrices.shape))
        return cell.coefficients()

    def features_of(z):
        return readout.features(z[:d], z[d:])

    def slope_of(h):
        return jax.jacfwd(features_of)(jnp.concatenate([h, inner]))

    k = model.cell.coefficients()
    dk = jax.jacfwd(coefficients_of)(matrices.reshape(-1))
    update = k.transpose(1, 0, 2).reshape(d, n * d)
    entries = k.transpose(1, 2, 0).reshape(d * d, n)
    change = dk.transpose(3, 1, 0, 2).reshape(count * d, n * d)

    def step(i, carry):
        h, s, blocks = carry
        products = _products(sequences.basis[i], h)
        m = (entries @ sequences.basis[i]).reshape(d, d, runs)
        s = jnp.asarray(sum(m[None, :, b] * s[:, None, b] for b in range(d)))
        s = s.at[:count].add((change @ products).reshape(count, d, runs))
        if sequences.change is not None:
            s = s.at[-1].add(update @ _products(sequences.change[i], h))
        h = update @ products
        slope = jax.vmap(slope_of, in_axes=-1, out_axes=-1)(h)
        slope = jnp.einsum("fo,fzr->ozr", weights, slope) * root[i][:, None]
        through_state = jnp.asarray(sum(slope[None, :, b] * s[:, b, None] for b in range(d)))
        jacobian = jnp.concatenate([through_state[:after], slope[:, d:].transpose(1, 0, 2)])
        flat = jacobian.reshape(p, -1)
        gradient = blocks.gradient - flat @ residual[i].reshape(-1)
        matrix = blocks.matrix + flat @ flat.T
        seen = jnp.broadcast_to(features[i], (residual.shape[1], *features[i].shape[1:]))
        mixed = blocks.mixed + (
            jnp.einsum("fr,por->fop", features[i][0], jacobian)
            if len(features[i]) == 1
            else jnp.einsum("ofr,por->fop", features[i], jacobian)
        )
        own = blocks.own
        if own is not None:
            mine = through_state[count:]
            own = OwnBlocks(
                own.gradient - jnp.einsum("aor,or->ar", mine, residual[i]),
                own.matrix + jnp.einsum("aor,bor->abr", mine, mine),
                own.cross + jnp.einsum("por,bor->pbr", jacobian, mine),
                own.mixed + jnp.einsum("ofr,bor->fobr", seen, mine),
            )
        return h, s, Blocks(gradient, matrix, mixed, own)

    own = None
    if own_starts:
        q = own_size
        shapes = (q, runs), (q, q, runs), (p, q, runs), (*weights.shape, q, runs)
        own = OwnBlocks(*(jnp.zeros(shape) for shape in shapes))
    first = jnp.zeros((count + own_size, d, runs))
    carry = (
        starts(model, sequences),
        first.at[count : count + d].set(jnp.eye(d)[:, :, None]),
        Blocks(jnp.zeros(p), jnp.zeros((p, p)), jnp.zeros((*weights.shape, p)), own),
    )
    return jax.lax.fori_loop(0, length, step, carry)[2]


def shares(model: Recurrent, sequences: Sequences) -> Float[Array, "window run"]:
    """1 where a window is of a run."""
    assert model.constants is not None
    runs = jnp.eye(len(model.constants))
    return runs if sequences.owner is None else runs[sequences.owner]


def _joined(model: Recurrent, blocks: Blocks, sequences: Sequences):
    """Jᵀr, JᵀJ and φᵀJ in the order of `model.searched`, the starts between matrices and inner.

    Behind all of these, the constants of the runs.
    """
    own = blocks.own
    if own is None:
        return blocks.gradient, blocks.matrix, blocks.mixed
    d, runs = model.cell.dimension, own.gradient.shape[1]
    count, p = model.cell.matrices.size, len(blocks.gradient)
    states = d * runs
    cross = own.cross[:, :d].reshape(p, -1)
    corner = jnp.einsum("abr,rs->arbs", own.matrix[:d, :d], jnp.eye(runs)).reshape(states, -1)
    mixed = own.mixed[:, :, :d].reshape(*own.mixed.shape[:2], -1)
    slope = own.gradient[:d].ravel()
    if model.constants is not None:
        # What windows of a run say of its constant adds up.
        share = shares(model, sequences)
        edge = jnp.einsum("ar,rc->arc", own.matrix[:d, d], share).reshape(states, -1)
        corner = jnp.block([[corner, edge], [edge.T, jnp.diag(own.matrix[d, d] @ share)]])
        cross = jnp.concatenate([cross, own.cross[:, d] @ share], axis=1)
        mixed = jnp.concatenate([mixed, own.mixed[:, :, d] @ share], axis=-1)
        slope = jnp.concatenate([slope, own.gradient[d] @ share])
    last = jnp.block([[blocks.matrix, cross], [cross.T, corner]])
    gradient = jnp.concatenate([blocks.gradient, slope])
    mixed = jnp.concatenate([blocks.mixed, mixed], axis=-1)
    mine = np.arange(p, len(gradient))
    order = np.concatenate([np.arange(count), mine[:states], np.arange(count, p), mine[states:]])
    return gradient[order], last[order][:, order], mixed[..., order]


def readout_features(
    readout: AbstractReadout, h: Float[AnyArray, "site d run"]
) -> Float[AnyArray, "site feature run"]:
    """φ(h) for every site and run, runs last."""
    one = lambda g: readout.features(g, readout.inner)  # noqa: E731
    return jax.vmap(jax.vmap(one, in_axes=-1, out_axes=-1))(h)


def _products(
    basis: Float[AnyArray, "n run"], h: Float[AnyArray, "d run"]
) -> Float[AnyArray, "nd run"]:
    return (basis[:, None] * h[None]).reshape(-1, h.shape[-1])


def _pseudo_inverse(gram: Float[Array, "f f"], cut: float) -> Float[Array, "f f"]:
    """Of a Gram matrix whose features may be of any scale; eigenvalues below `cut` are zero."""
    scale = jnp.sqrt(jnp.diag(gram))
    scale = jnp.where(scale > 0, scale, 1.0)
    values, vectors = jnp.linalg.eigh(gram / scale[:, None] / scale)
    good = values > cut * values[-1]
    inverse = jnp.where(good, 1 / jnp.where(good, values, 1.0), 0.0)
    return (vectors * inverse) @ vectors.T / scale[:, None] / scale
