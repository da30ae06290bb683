"""Interpolation at Chebyshev nodes, of functions of one or several variables on a box."""

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from hiddenlaw._typing import AnyArray


def nodes_on(count: int) -> Float[np.ndarray, " node"]:
    """Chebyshev points of the first kind on [-1, 1]."""
    return np.cos((2 * np.arange(count) + 1) * np.pi / (2 * count))


def grid_on(
    low: Float[AnyArray, " variable"], high: Float[AnyArray, " variable"], counts: tuple[int, ...]
) -> Float[Array, "node variable"]:
    """All combinations of the nodes of every variable, in the box from `low` to `high`."""
    axes = np.meshgrid(*[nodes_on(count) for count in counts], indexing="ij")
    grid = np.stack(axes, -1).reshape(-1, len(counts))
    return jnp.asarray((low + high + (high - low) * grid) / 2)


def cardinal_functions(
    values: Float[AnyArray, "*batch variable"],
    low: Float[AnyArray, " variable"],
    high: Float[AnyArray, " variable"],
    counts: tuple[int, ...],
) -> Float[Array, "*batch node"]:
    """The functions that are 1 at one node of `grid_on` and 0 at all others.

    By the second barycentric formula: Berrut and Trefethen, SIAM Review 46, 501 (2004).
    """
    scaled = (2 * values - low - high) / (high - low)
    result = jnp.ones((*scaled.shape[:-1], 1))
    for variable, count in enumerate(counts):
        points = nodes_on(count)
        signs = np.where(np.arange(count) % 2 == 0, 1.0, -1.0)
        weights = jnp.asarray(signs * np.sqrt(1 - points**2))
        gap = scaled[..., variable, None] - jnp.asarray(points)
        quotient = weights / jnp.where(gap == 0, 1e-300, gap)
        cardinal = quotient / quotient.sum(-1, keepdims=True)
        result = (result[..., :, None] * cardinal[..., None, :]).reshape(*scaled.shape[:-1], -1)
    return result


def widened(
    low: Sequence[float] | Float[AnyArray, " variable"],
    high: Sequence[float] | Float[AnyArray, " variable"],
) -> tuple[Float[np.ndarray, " variable"], Float[np.ndarray, " variable"]]:
    """The same box, where it has no width given a little."""
    bottom, top = np.asarray(low, float), np.asarray(high, float)
    return bottom, np.where(top > bottom, top, bottom + 1e-9 * np.maximum(1.0, np.abs(bottom)))
