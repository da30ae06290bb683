"""A dataset as least squares wants it: basis of the cell taken, runs last, weights beside."""

from functools import reduce

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells import AbstractLinearCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.holds._base import Span, applied_to
from hiddenlaw.training.recurrent import Sequences


def joint_span(*data: Dataset) -> Span:
    """The inputs that cells are shown in several datasets."""
    spans = [applied_to(d).span for d in data]
    return reduce(Span.joined, spans)


def sequences_for(
    cell: AbstractLinearCell,
    input: Float[np.ndarray, "run site channel"],
    target: Float[np.ndarray, "run site output"],
    weight: Float[np.ndarray, "run site one_or_output"] | None = None,
) -> Sequences:
    """Inputs and targets as a linear cell's least squares wants them: basis taken, runs last.

    `input` is what cells are shown (`hiddenlaw.holds.applied`).
    """
    weight = np.ones((*target.shape[:2], 1)) if weight is None else weight
    return Sequences(
        _basis(cell, input),
        np.ascontiguousarray(target.transpose(1, 2, 0)),
        np.ascontiguousarray(weight.transpose(1, 2, 0)),
        np.zeros((cell.dimension, len(input))),
    )


def measured_sequences(
    cell: AbstractLinearCell, data: Dataset, norm: AnyArray | float
) -> Sequences:
    """A dataset as sequences: the response over `norm`, weighted by its errors, gaps left out.

    Whatever the norm, channels count by their variance, or by their errors.
    """
    target = np.where(data.observed, data.response, 0.0) / norm
    weight = data.weight * (norm**2 / data.variance)
    weight = weight * (data.observed.sum() / weight.sum())
    if np.allclose(weight, weight[..., :1], rtol=1e-12, atol=0.0):
        weight = weight[..., :1]
    return sequences_for(cell, applied_to(data).values, target, weight)


def open_sequences(
    cell: AbstractLinearCell,
    input: Float[np.ndarray, "run site channel"],
    target: Float[np.ndarray, "run site output"],
    weight: Float[np.ndarray, "run site one_or_output"] | None = None,
    owner: Int[np.ndarray, " run"] | None = None,
) -> Sequences:
    """The same for a model with constants of the runs: the basis waits until these are known."""
    weight = np.ones((*target.shape[:2], 1)) if weight is None else weight
    nodes = jax.eval_shape(cell.coefficients).shape[0]
    runs, sites = input.shape[:2]
    return Sequences(
        np.zeros((sites, nodes, runs)),
        np.ascontiguousarray(target.transpose(1, 2, 0)),
        np.ascontiguousarray(weight.transpose(1, 2, 0)),
        np.zeros((cell.dimension, runs)),
        input,
        owner,
    )


@eqx.filter_jit
def _basis(cell, input):
    return cell.basis(jnp.asarray(input)).transpose(1, 2, 0)
