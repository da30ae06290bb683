"""Double precision where it is needed, without touching JAX's configuration.

`jax.enable_x64` is a context and thread-local, so every public entry point enters it itself. What
leaves such a function is NumPy: a float64 JAX array turns into float32 at the next operation
outside the context.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import equinox as eqx
import jax
import numpy as np
from jaxtyping import PyTree

P = ParamSpec("P")
T = TypeVar("T")


def float64(function: Callable[P, T]) -> Callable[P, T]:
    """Run `function` with 64-bit JAX. For plain functions: a generator would leak the context."""

    @wraps(function)
    def inside(*args: P.args, **kwargs: P.kwargs) -> T:
        with jax.enable_x64(True):
            return function(*args, **kwargs)

    return inside


def to_numpy(tree: T) -> T:
    """The same tree with NumPy arrays for JAX's: safe to hand across the border."""
    return jax.tree.map(lambda leaf: np.asarray(leaf) if eqx.is_array(leaf) else leaf, tree)


def to_float64(tree: PyTree) -> PyTree:
    """Floating arrays of the tree as float64 (inside the context)."""
    return jax.tree.map(
        lambda leaf: jax.numpy.asarray(leaf, float) if eqx.is_inexact_array(leaf) else leaf, tree
    )
