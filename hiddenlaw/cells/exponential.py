"""The exponential of many small matrices at once, and its derivatives."""

import numpy as np
from jaxtyping import Float

_ORDER, _SQUARINGS = 12, 4


def exponential(generators: Float[np.ndarray, "n d d"]) -> Float[np.ndarray, "n d d"]:
    """exp of matrices of norm up to about 10: Taylor to order 12 at 1/16, squared four times."""
    scaled = generators / 2**_SQUARINGS
    result = identity = np.eye(generators.shape[-1])
    with np.errstate(over="ignore", invalid="ignore"):
        for order in range(_ORDER, 0, -1):
            result = identity + scaled @ result / order
        for _ in range(_SQUARINGS):
            result = result @ result
    return result


def exponential_slopes(
    generators: Float[np.ndarray, "n d d"], directions: Float[np.ndarray, "#n q d d"]
) -> tuple[Float[np.ndarray, "n d d"], Float[np.ndarray, "n q d d"]]:
    """The exponentials, and their derivatives along q directions (Fréchet): of the same series."""
    d = generators.shape[-1]
    scaled, along = generators / 2**_SQUARINGS, directions / 2**_SQUARINGS
    result = np.broadcast_to(np.eye(d), generators.shape)
    slopes = np.zeros((len(generators), *directions.shape[1:]))
    with np.errstate(over="ignore", invalid="ignore"):
        for order in range(_ORDER, 0, -1):
            slopes = (along @ result[:, None] + scaled[:, None] @ slopes) / order
            result = np.eye(d) + scaled @ result / order
        for _ in range(_SQUARINGS):
            slopes = slopes @ result[:, None] + result[:, None] @ slopes
            result = result @ result
    return result, slopes
