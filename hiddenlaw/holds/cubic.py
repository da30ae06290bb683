"""The cubic hold: the input is the spline of third degree through its samples.

SciPy's splines take half a second to import, so they are imported where one is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw.holds._smooth import SmoothHold

_QUINTIC = 6  # sites that a spline of fifth degree needs


class Cubic(SmoothHold):
    """A cubic spline through the samples of a run, "not-a-knot" at its ends."""

    name: ClassVar[str] = "cubic"
    differentiable: ClassVar[bool] = True
    fewest_sites: ClassVar[int] = 4

    def within(
        self, values: Float[np.ndarray, "run site"], fractions: Sequence[float]
    ) -> Float[np.ndarray, "run cell fraction"]:
        from scipy.interpolate import CubicSpline

        sites = np.arange(values.shape[1])
        return CubicSpline(sites, values, axis=1)(_inside(sites, fractions))

    def finely_within(
        self, values: Float[np.ndarray, "run site"], fractions: Sequence[float]
    ) -> Float[np.ndarray, "run cell fraction"]:
        """By a spline of fifth degree."""
        from scipy.interpolate import make_interp_spline

        sites = np.arange(values.shape[1])
        degree = 5 if len(sites) >= _QUINTIC else 3
        return make_interp_spline(sites, values, k=degree, axis=1)(_inside(sites, fractions))


def _inside(sites: np.ndarray, fractions: Sequence[float]) -> Float[np.ndarray, "cell fraction"]:
    return sites[1:, None] - 1 + np.asarray(fractions)
