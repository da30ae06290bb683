"""Runs that start where they like: each one's initial state eliminated from the least squares.

Where cell and readout are linear in the state, the response is linear in the initial state z of
each run, y = Φ z with Φ = ∂y/∂z products of update matrices. So for given matrices the best z of
every run is a linear least-squares problem of its own, and the Gauss–Newton step in the matrices
projects it out: variable projection in Kaufman's form (BIT 15, 49 (1975)), run by run.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from hiddenlaw._typing import AnyArray
from hiddenlaw.training.recurrent import Recurrent, Sequences, with_constants
from hiddenlaw.training.sensitivities import (
    NormalEquations,
    features_and_root,
    fitted,
    searched_blocks,
    shares,
    total_weight,
)

_DEPENDENT = 1e-13  # of the largest eigenvalue: directions that a run's response does not see


def eliminate_starts(
    model: Recurrent, sequences: Sequences, length: Int[AnyArray, ""] | int
) -> NormalEquations:
    """Normal equations in the cell's matrices, the start of every run being at its best.

    The readout is linear and stays as it is; what comes back as `weights` are the starts (d, run).
    Where runs have constants, these are parameters too, behind the matrices; runs may be cut into
    windows then, of which each has a start and those of a run share its constant.
    """
    sequences = with_constants(model, sequences)
    start = best_starts(model, sequences, length)
    model = eqx.tree_at(lambda m: m.initial, model, start - sequences.start)
    features, root = features_and_root(model, sequences, length)
    residual = sequences.target * root - fitted(features, model.readout.weights)
    blocks = searched_blocks(model, sequences, length, features, residual, root)
    own, d = blocks.own, model.cell.dimension
    assert own is not None
    inverse, to_starts = _inverses(own.matrix[:d, :d]), own.cross[:, :d]
    solved = jnp.einsum("abr,pbr->par", inverse, to_starts)
    matrix = blocks.matrix - jnp.einsum("par,qar->pq", solved, to_starts)
    gradient = blocks.gradient - jnp.einsum("par,ar->p", solved, own.gradient[:d])
    total = total_weight(root)
    if sequences.change is not None:
        mine = jnp.einsum("abr,br->ar", inverse, own.matrix[:d, d])
        corner = own.matrix[d, d] - jnp.sum(mine * own.matrix[:d, d], axis=0)
        cross = own.cross[:, d] - jnp.einsum("par,ar->pr", to_starts, mine)
        slope = own.gradient[d] - jnp.sum(mine * own.gradient[:d], axis=0)
        share = shares(model, sequences)
        cross, corner = cross @ share, jnp.diag(corner @ share)
        matrix = jnp.block([[matrix, cross], [cross.T, corner]])
        gradient = jnp.concatenate([gradient, slope @ share])
    return NormalEquations(jnp.sum(residual**2) / total, gradient / total, matrix / total, start)


def best_starts(
    model: Recurrent, sequences: Sequences, length: Int[AnyArray, ""] | int
) -> Float[Array, "d run"]:
    """The state before its first site from which each run explains its first `length` sites best.

    Of the states that explain alike, the smallest. The readout is linear.
    """
    sequences = with_constants(model, sequences)
    d, runs = model.cell.dimension, sequences.basis.shape[-1]
    weights = jnp.asarray(model.readout.weights)
    entries = model.cell.coefficients().transpose(1, 2, 0).reshape(d * d, -1)

    def along(start):
        """Φᵀ(y − Φ start) and ΦᵀΦ of every run."""

        def step(i, carry):
            s, gradient, gram = carry
            m = (entries @ sequences.basis[i]).reshape(d, d, runs)
            s = jnp.asarray(sum(m[:, b, None] * s[None, b] for b in range(d)))
            seen = jnp.einsum("ho,har->oar", weights, s)
            left = sequences.target[i] - jnp.einsum("oar,ar->or", seen, start)
            weighted = seen * sequences.weight[i][:, None]
            return (
                s,
                gradient + jnp.einsum("oar,or->ar", weighted, left),
                gram + jnp.einsum("oar,obr->abr", weighted, seen),
            )

        eye = jnp.broadcast_to(jnp.eye(d)[:, :, None], (d, d, runs))
        carry = eye, jnp.zeros((d, runs)), jnp.zeros((d, d, runs))
        return jax.lax.fori_loop(0, length, step, carry)[1:]

    start = jnp.zeros((d, runs))
    gradient, gram = along(start)
    inverse = _inverses(gram)
    start = jnp.einsum("abr,br->ar", inverse, gradient)
    # Once more on what is left: the normal equations alone lose half the digits.
    return start + jnp.einsum("abr,br->ar", inverse, along(start)[0])


def _inverses(grams: Float[Array, "d d run"]) -> Float[Array, "d d run"]:
    """Pseudo-inverses of symmetric matrices, one a run."""
    values, vectors = jnp.linalg.eigh(grams.transpose(2, 0, 1))
    good = values > _DEPENDENT * values[:, -1:]
    inverse = jnp.where(good, 1 / jnp.where(good, values, 1.0), 0.0)
    return jnp.einsum("rab,rb,rcb->acr", vectors, inverse, vectors)
