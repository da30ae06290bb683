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
from hiddenlaw.training.recurrent import (
    Recurrent,
    Sequences,
    basis_times,
    readout_features,
    starts,
    states,
    with_constants,
)


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
        products = basis_times(sequences.basis[i], h)
        m = (entries @ sequences.basis[i]).reshape(d, d, runs)
        s = jnp.asarray(sum(m[None, :, b] * s[:, None, b] for b in range(d)))
        s = s.at[:count].add((change @ products).reshape(count, d, runs))
        if sequences.change is not None:
            s = s.at[-1].add(update @ basis_times(sequences.change[i], h))
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


def _pseudo_inverse(gram: Float[Array, "f f"], cut: float) -> Float[Array, "f f"]:
    """Of a Gram matrix whose features may be of any scale; eigenvalues below `cut` are zero."""
    scale = jnp.sqrt(jnp.diag(gram))
    scale = jnp.where(scale > 0, scale, 1.0)
    values, vectors = jnp.linalg.eigh(gram / scale[:, None] / scale)
    good = values > cut * values[-1]
    inverse = jnp.where(good, 1 / jnp.where(good, values, 1.0), 0.0)
    return (vectors * inverse) @ vectors.T / scale[:, None] / scale
