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
    n, d = generators.shape[:2]
    q = directions.shape[1]
    # Rows first, then directions: so products from either side are of one large matrix a node.
    along = np.moveaxis(directions / 2**_SQUARINGS, 1, 2).reshape(len(directions), d * q, d)
    scaled = generators / 2**_SQUARINGS
    result, slopes = np.broadcast_to(np.eye(d), generators.shape), np.zeros((n, d * q, d))

    def after(matrices: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        return (matrices @ slopes.reshape(n, d, q * d)).reshape(n, d * q, d)

    with np.errstate(over="ignore", invalid="ignore"):
        for order in range(_ORDER, 0, -1):
            slopes = (along @ result + after(scaled, slopes)) / order
            result = np.eye(d) + scaled @ result / order
        for _ in range(_SQUARINGS):
            slopes = slopes @ result + after(result, slopes)
            result = result @ result
    return result, np.moveaxis(slopes.reshape(n, d, q, d), 2, 1)
