"""Inputs that vary inside cells and act late: read off the curve through their samples."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

GAUSS_POINTS = (0.5 - np.sqrt(3) / 6, 0.5 + np.sqrt(3) / 6)


def smooth_late(
    within: Callable[..., np.ndarray],
    shown: Float[np.ndarray, "run site 3"],
    values: Float[np.ndarray, "run site"],
    late: float,
) -> Float[np.ndarray, "run site 3"]:
    """What cells are shown of an input so many sites late, at both Gauss points; zero before it.

    `within` is the hold's curve inside cells, and `shown` what cells are shown where it acts at
    once.
    """
    moved, whole = np.array(shown), int(np.floor(late))
    moved[..., :2] = 0.0
    for column, point in enumerate(GAUSS_POINTS):
        place = point - (late - whole)
        shift = 1 + whole + (place < 0)
        inner = within(values, [place % 1.0])[..., 0]
        moved[:, shift:, column] = inner[:, : max(values.shape[1] - shift, 0)]
    return moved
