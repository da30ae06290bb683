"""Names for types that several modules share."""

import jax
import numpy as np

AnyArray = jax.Array | np.ndarray
"""NumPy outside, JAX under `jit`: what modules hold, and functions take, on both sides of it."""
