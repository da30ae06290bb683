"""Double precision in JAX where it is needed, without touching JAX's configuration.

`jax.enable_x64` is a context and thread-local, so whoever computes with JAX enters it itself. What
leaves such a function is NumPy: a float64 JAX array turns into float32 at the next operation
outside the context. JAX is imported when such a function is first called, and not before.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def float64(function: Callable[P, T]) -> Callable[P, T]:
    """Run `function` with 64-bit JAX. For plain functions: a generator would leak the context."""

    @wraps(function)
    def inside(*args: P.args, **kwargs: P.kwargs) -> T:
        import jax

        with jax.enable_x64(True):
            return function(*args, **kwargs)

    return inside
