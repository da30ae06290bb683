"""A random input as an experiment applies it: its values at the sites, and those in between.

With the zero hold `input[:, i]` acts over the cell (x[i] - dx, x[i]] and there are as many cells as
sites. With the first and cubic holds the input is a function of x that is known at the sites: cell
i runs from x[i-1] to x[i], i ≥ 1, and the first state sits at x[0].
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from hiddenlaw.errors import SettingsError
from hiddenlaw.holds import hold_called
from hiddenlaw.systems.potentials import JAGGED, get_potential

Array = np.ndarray
# Points a site of the grid on which a smooth input is drawn.
FINE = 8


@dataclass(frozen=True, eq=False)
class Drive:
    """The inputs of several runs.

    - `x` (sites,) and `input` (runs, sites): what a dataset shows of them.
    - `hold`: how they run between the sites, see `Dataset`.
    - `spline`: for a hold that is differentiable, the input itself, as a function of x that gives
      (runs, points).
    """

    x: Float64[Array, " site"]
    input: Float64[Array, "run site"]
    hold: str = "zero"
    spline: Callable[[Array], Array] | None = None

    @property
    def dx(self) -> float:
        """The step of the grid."""
        return float(self.x[-1] - self.x[0]) / (self.x.size - 1)

    def within(self, fraction: float) -> Float64[Array, "run cell"]:
        """The input at that fraction of every cell: 0 where it begins, 1 where it ends.

        With the zero hold there are as many cells as sites, else one fewer.
        """
        if self.spline is not None:
            return self.spline(self.x[:-1] + fraction * self.dx)
        return hold_called(self.hold).within(self.input, [fraction])[..., 0]


def draw(
    potentials: str,
    hold: str,
    rng: np.random.Generator,
    *,
    runs: int,
    x: Float64[Array, " site"],
    low: float,
    high: float,
) -> Drive:
    """Random inputs of that family on the grid x, between low and high.

    For a hold that is differentiable (cubic) the family is drawn on a grid 8 times finer; the input
    is the cubic spline through all those points, and every 8th is a site. Raises `SettingsError`
    for an unknown family, or one with jumps or kinks for such a hold: no smooth curve through the
    sites follows those.
    """
    family = get_potential(potentials)
    if not hold_called(hold).differentiable:
        return Drive(x, family(rng, runs, x, low, high), hold)
    if potentials in JAGGED:
        raise SettingsError(
            f"{potentials} have jumps or kinks, which no {hold} hold follows; take another family, "
            "or the zero or first hold"
        )
    from scipy.interpolate import CubicSpline  # half a second

    fine = np.linspace(x[0], x[-1], FINE * (x.size - 1) + 1)
    values = family(rng, runs, fine, low, high, fine=FINE)
    return Drive(x, values[:, ::FINE].copy(), hold, CubicSpline(fine, values, axis=1))
