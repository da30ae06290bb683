"""Interpolation at Chebyshev nodes, of functions of one or several variables on a box."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray

_ON_A_NODE = 1e-300  # in place of a gap of 0: the quotient is then 1 at that node alone


@cache
def nodes_on(count: int) -> Float[np.ndarray, " node"]:
    """Chebyshev points of the first kind on [-1, 1]; not to be written to."""
    return _constant(np.cos((2 * np.arange(count) + 1) * np.pi / (2 * count)))


@cache
def _weights_on(count: int) -> Float[np.ndarray, " node"]:
    """The barycentric weights of these points."""
    signs = np.where(np.arange(count) % 2 == 0, 1.0, -1.0)
    return _constant(signs * np.sqrt(1 - nodes_on(count) ** 2))


@cache
def _unit_grid(counts: tuple[int, ...]) -> Float[np.ndarray, "node variable"]:
    axes = np.meshgrid(*[nodes_on(count) for count in counts], indexing="ij")
    return _constant(np.stack(axes, -1).reshape(-1, len(counts)))


def _constant(values: np.ndarray) -> np.ndarray:
    values.setflags(write=False)
    return values


def grid_on(
    low: Float[AnyArray, " variable"], high: Float[AnyArray, " variable"], counts: tuple[int, ...]
) -> Float[np.ndarray, "node variable"]:
    """All combinations of the nodes of every variable, in the box from `low` to `high`."""
    return (low + high + (high - low) * _unit_grid(counts)) / 2


def cardinal_functions(
    values: Float[AnyArray, "*batch variable"],
    low: Float[AnyArray, " variable"],
    high: Float[AnyArray, " variable"],
    counts: tuple[int, ...],
) -> Float[np.ndarray, "*batch node"]:
    """The functions that are 1 at one node of `grid_on` and 0 at all others.

    By the second barycentric formula: Berrut and Trefethen, SIAM Review 46, 501 (2004). Far outside
    the box its denominator rounds to zero, and they are not finite.
    """
    scaled = (2 * np.asarray(values) - low - high) / (high - low)
    result = np.ones((*scaled.shape[:-1], 1))
    for variable, count in enumerate(counts):
        gap = scaled[..., variable, None] - nodes_on(count)
        quotient = _weights_on(count) / np.where(gap == 0, _ON_A_NODE, gap)
        with np.errstate(divide="ignore", invalid="ignore"):
            cardinal = quotient / quotient.sum(-1, keepdims=True)
        result = (result[..., :, None] * cardinal[..., None, :]).reshape(*scaled.shape[:-1], -1)
    return result


def derivative_along(
    cardinal: Float[np.ndarray, "*batch node"],
    low: Float[AnyArray, " variable"],
    high: Float[AnyArray, " variable"],
    counts: tuple[int, ...],
    variable: int,
) -> Float[np.ndarray, "*batch node"]:
    """The cardinal functions' derivatives by one variable, from their values at the same place.

    A derivative of a polynomial on these nodes is one on these nodes: c_n′ = Σ_m c_n′(x_m) c_m.
    """
    count = counts[variable]
    points, weights = nodes_on(count), _weights_on(count)
    gaps = points[:, None] - points + np.eye(count)
    matrix = weights / weights[:, None] / gaps * (1 - np.eye(count))
    matrix -= np.diag(matrix.sum(axis=1))
    batch = cardinal.shape[:-1]
    before, after = int(np.prod(counts[:variable])), int(np.prod(counts[variable + 1 :]))
    parts = cardinal.reshape(*batch, before, count, after)
    moved = np.einsum("...bma,mn->...bna", parts, matrix)
    return moved.reshape(*batch, -1) * 2 / float(high[variable] - low[variable])


def widened(
    low: Sequence[float] | Float[AnyArray, " variable"],
    high: Sequence[float] | Float[AnyArray, " variable"],
) -> tuple[Float[np.ndarray, " variable"], Float[np.ndarray, " variable"]]:
    """The same box, where it has no width given a little."""
    bottom, top = np.asarray(low, float), np.asarray(high, float)
    return bottom, np.where(top > bottom, top, bottom + 1e-9 * np.maximum(1.0, np.abs(bottom)))
