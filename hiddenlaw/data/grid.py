"""The step of a uniform grid, as the short decimal that made it."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64


def step_of(x: Float64[np.ndarray, " site"]) -> float:
    """The step of the grid x: of the numbers that x allows to rounding, a short one."""
    cells = len(x) - 1
    step = (x[-1] - x[0]) / cells
    short = float(f"{step:.12g}")
    rounding = 2 * np.spacing(np.abs(x).max()) / cells
    return short if abs(short - step) <= max(rounding, np.spacing(step)) else float(step)
