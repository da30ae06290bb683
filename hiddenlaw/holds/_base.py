"""How the input runs between samples, and what of it a cell of the grid is shown.

- zero: constant over a cell. The cell is shown the sample at its end; the initial state of a run
  sits one site before the first.
- first (linear between samples) and cubic (a spline through them): the cell from x[i-1] to x[i] is
  shown the input at its two Gauss points. The initial state sits at x[0], where the first sample of
  the response is taken, so the first site moves nothing.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.interpolate import CubicSpline, make_interp_spline

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import DataError

_SPLINE = 4  # sites
_GAUSS = (0.5 - np.sqrt(3) / 6, 0.5 + np.sqrt(3) / 6)


class Span(NamedTuple):
    """The inputs that cells are made for: lowest and highest of every channel.

    `step` is the largest change between the Gauss points of a cell, None where the input is held
    constant over it.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    step: float | None = None

    def joined(self, other: "Span") -> "Span":
        """The least span that holds both."""
        steps = [s for s in (self.step, other.step) if s is not None]
        return Span(
            tuple(map(min, self.low, other.low)),
            tuple(map(max, self.high, other.high)),
            max(steps) if steps else None,
        )


@dataclass(frozen=True)
class Applied:
    """The input as cells take it: (run, site, channel), or (run, site, 3) for a smooth hold.

    Behind it, `constants` numbers that stay the same along a run.
    """

    values: Float[np.ndarray, "run site channel"]
    smooth: bool
    constants: int = 0

    @property
    def span(self) -> Span:
        low, high = self.values.min(axis=(0, 1)), self.values.max(axis=(0, 1))
        if not self.smooth:
            return Span(tuple(map(float, low)), tuple(map(float, high)))
        step = float(np.abs(self.values[..., 1] - self.values[..., 0]).max())
        low, high = [low[:2].min(), *low[3:]], [high[:2].max(), *high[3:]]
        return Span(tuple(map(float, low)), tuple(map(float, high)), step)

    def with_constants(self, constants: Float[np.ndarray, "run constant"] | None) -> "Applied":
        """The same with constants of the runs behind it."""
        if constants is None:
            return self
        shape = (*self.values.shape[:2], constants.shape[1])
        everywhere = np.broadcast_to(constants[:, None], shape)
        values = np.concatenate([self.values, everywhere], axis=2)
        return Applied(values, self.smooth, constants.shape[1])


def applied_to(data: Dataset) -> Applied:
    """What every cell is shown of the input of a dataset; see `applied`."""
    return applied(data.input, data.hold).with_constants(data.constants)


def applied(input: Float[np.ndarray, "run site channel"], hold: str) -> Applied:
    """What every cell is shown of `input`: itself, or (V₁, V₂, moves) for a smooth hold.

    Raises `DataError` where a smooth hold meets several channels, or too few sites for a spline.
    """
    if hold == "zero":
        return Applied(input, False)
    if input.shape[2] != 1:
        raise DataError(
            f"hold {hold} takes one input channel and these data have {input.shape[2]}; take zero"
        )
    if hold == "cubic" and input.shape[1] < _SPLINE:
        raise DataError(
            f"hold cubic needs {_SPLINE} sites a run and these data have {input.shape[1]}; take "
            "first or zero"
        )
    sites = np.arange(input.shape[1])
    points = sites[1:, None] - 1 + np.array(_GAUSS)
    values = input[..., 0]
    if hold == "first":
        inner = values[:, :-1, None] + np.diff(values)[..., None] * np.array(_GAUSS)
    else:
        inner = CubicSpline(sites, values, axis=1)(points)
    shown = np.ones((*values.shape, 3))
    shown[:, 1:, :2] = inner
    shown[:, 0, :2], shown[:, 0, 2] = values[:, :1], 0.0
    return Applied(shown, True)


def halved(
    input: Float[np.ndarray, "run site channel"], hold: str
) -> Float[np.ndarray, "run two_sites 3"]:
    """The same input over cells half as wide; for hold cubic by a spline of fifth degree.

    What changes with it is the error of the cells and of the spline.
    """
    runs, sites = input.shape[:2]
    values, at = input[..., 0], np.arange(sites)
    halves = (np.arange(2)[:, None] + np.array(_GAUSS)) / 2
    points = (at[1:, None, None] - 1 + halves).reshape(-1, 2)
    if hold == "first":
        whole = np.minimum(points.astype(int), sites - 2)
        inner = values[:, whole] + np.diff(values)[:, whole] * (points - whole)
    else:
        inner = make_interp_spline(at, values, k=5 if sites > 5 else 3, axis=1)(points)
    shown = np.ones((runs, 2 * sites, 3))
    shown[:, 2:, :2] = inner
    shown[:, :2, :2], shown[:, :2, 2] = values[:, :1, None], 0.0
    return shown


def constant(values: Float[np.ndarray, "sample channel"], hold: str) -> np.ndarray:
    """What a cell is shown of an input that stays at `values`: (sample, channel or 3)."""
    if hold == "zero":
        return values
    return np.concatenate([values, values, np.ones_like(values)], axis=1)
