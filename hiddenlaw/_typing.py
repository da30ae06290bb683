"""Names for types that several modules share."""

from typing import Any

AnyArray = Any
"""NumPy's arrays or JAX's: the first almost everywhere, the second while JAX trains or
differentiates. Whatever has a shape and a dtype serves, so that JAX need not be imported to say so.
"""
