"""The eigenvalues λ of -ψ'' + f ψ between two walls, on ever more points until they stand.

The trap is interpolated by a quintic spline, and the problem solved in a basis of sines (see
`sine_dvr`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from hiddenlaw.errors import DataError
from hiddenlaw.levels.curvature import CurvatureLaw
from hiddenlaw.levels.sine_dvr import SineBasis

_MOST_POINTS = 2000
_STANDS = 1e-10  # change of a level, over its height, below which more points are idle


@dataclass(frozen=True)
class Solved:
    """Levels below the edge, their vectors, and the input on the points.

    - `shift`: what wider walls would bring; `change`: what the last refinement brought;
      `sampling`: what a cubic spline in place of the quintic one would bring, to first order.
    - `settled`: how many levels, from the lowest, the walls leave alone.
    """

    basis: SineBasis
    input: Float[np.ndarray, " point"]
    levels: Float[np.ndarray, " level"]
    vectors: Float[np.ndarray, "point level"]
    shift: Float[np.ndarray, " level"]
    change: Float[np.ndarray, " level"]
    sampling: Float[np.ndarray, " level"]
    settled: int


def solve(
    law: CurvatureLaw,
    sites: Float[np.ndarray, " site"],
    values: Float[np.ndarray, " site"],
    count: int | None,
    tolerance: float,
) -> Solved:
    """The levels of a trap with these `values` at `sites`, walls at its ends.

    `count` of the lowest are to stand, or all that the walls shift by less than `tolerance` times
    their height above the bottom. Raises `DataError` where there would be too many to compute.
    """
    from scipy.interpolate import make_interp_spline

    low, high = float(sites[0]), float(sites[-1])
    smooth, rough = (make_interp_spline(sites, values, k=k) for k in (5, 3))
    walls = law.varying(values[[0, -1]])
    bottom = float(law.varying(smooth(np.linspace(low, high, 4001))).min())
    points = _least_points(law, float(walls.min()) - bottom, high - low)
    before = np.zeros(0)
    while True:
        solved = _on_points(law, SineBasis(low, high, points), smooth, rough, walls)
        levels, height = solved.levels, solved.levels - bottom
        settled = int(np.logical_and.accumulate(solved.shift <= tolerance * height).sum())
        common = min(len(before), len(levels))
        change = np.full(len(levels), np.inf)
        change[:common] = np.abs(levels[:common] - before[:common])
        wanted = settled if count is None else min(settled, count)
        idle = change <= _STANDS * height + 1e-2 * solved.sampling
        stands = before.size == levels.size and idle[:wanted].all()
        if stands or points == _MOST_POINTS:
            return replace(solved, change=change, settled=min(settled, common))
        before, points = levels, min(int(1.5 * points), _MOST_POINTS)


def _least_points(law: CurvatureLaw, depth: float, width: float) -> int:
    """Half a wave to a point at the edge's kinetic energy; then some more."""
    points = int(1.3 * np.sqrt(max(depth, 0.0)) * width / np.pi) + 48
    if points > _MOST_POINTS // 2:
        raise DataError(
            f"the trap is so deep and wide that it may bind {points} levels, more than can be "
            f"computed; give {law.input} on an x that holds only the levels you want"
        )
    return points


def _on_points(
    law: CurvatureLaw,
    basis: SineBasis,
    smooth: Callable[[np.ndarray], np.ndarray],
    rough: Callable[[np.ndarray], np.ndarray],
    walls: Float[np.ndarray, " wall"],
) -> Solved:
    """The levels in one basis; nothing is known yet of how they change."""
    from scipy.linalg import eigh

    matrix, input = basis.minus_second_derivative(), smooth(basis.points)
    varying = law.varying(input)
    matrix[np.diag_indices_from(matrix)] += varying
    levels, vectors = eigh(matrix, subset_by_value=(-np.inf, float(walls.min())))
    slopes = np.array(basis.end_slopes(basis.coefficients(vectors)))
    # The last level may lie on the edge itself to rounding.
    decay = np.sqrt(np.maximum(walls[:, None] - levels, 1e-300))
    shift = (slopes**2 / (2 * decay)).sum(axis=0)
    sampling = np.abs((law.varying(rough(basis.points)) - varying) @ vectors**2)
    unknown = np.full(len(levels), np.inf)
    return Solved(basis, input, levels, vectors, shift, unknown, sampling, 0)
