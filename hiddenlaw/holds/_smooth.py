"""What the holds have in common under which the input varies inside a cell.

The cell from x[i-1] to x[i] is shown the input at its two Gauss points, and 1: (V₁, V₂, moves). The
initial state sits at x[0], where the first sample of the response is taken; at that site nothing
has moved yet, and `moves` is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw.errors import DataError
from hiddenlaw.holds._base import AbstractHold
from hiddenlaw.holds._late import GAUSS_POINTS


class SmoothHold(AbstractHold):
    """A hold of one input channel that says how the input runs `within` a cell.

    - `fewest_sites`: how many a run needs.
    """

    varies: ClassVar[bool] = True
    cells_before: ClassVar[int] = 0
    fewest_sites: ClassVar[int] = 2

    def finely_within(
        self, values: Float[np.ndarray, "run site"], fractions: Sequence[float]
    ) -> Float[np.ndarray, "run cell fraction"]:
        """The same by a better curve, where there is one: it tells the error of `within`."""
        return self.within(values, fractions)

    def check(self, channels: int, sites: int) -> None:
        if channels != 1:
            raise DataError(
                f"hold {self.name} takes one input channel and these data have {channels}; "
                "take zero"
            )
        if sites < self.fewest_sites:
            raise DataError(
                f"hold {self.name} needs {self.fewest_sites} sites a run and these data have "
                f"{sites}; take first or zero"
            )

    def shown(
        self, input: Float[np.ndarray, "run site channel"]
    ) -> Float[np.ndarray, "run site shown"]:
        runs, sites, channels = input.shape
        self.check(channels, sites)
        values, shown = input[..., 0], np.ones((runs, sites, 3))
        shown[:, 1:, :2] = self.within(values, GAUSS_POINTS)
        shown[:, 0, :2], shown[:, 0, 2] = values[:, :1], 0.0
        return shown

    def constant(
        self, values: Float[np.ndarray, "sample channel"]
    ) -> Float[np.ndarray, "sample shown"]:
        return np.concatenate([values, values, np.ones_like(values)], axis=1)

    def halved(
        self, input: Float[np.ndarray, "run site channel"]
    ) -> Float[np.ndarray, "run two_sites shown"]:
        runs, sites = input.shape[:2]
        values, shown = input[..., 0], np.ones((runs, 2 * sites, 3))
        first, second = ([(half + point) / 2 for point in GAUSS_POINTS] for half in (0, 1))
        inner = self.finely_within(values, [*first, *second])
        shown[:, 2:, :2] = inner.reshape(runs, -1, 2)
        shown[:, :2, :2], shown[:, :2, 2] = values[:, :1, None], 0.0
        return shown

    def windowed(
        self, shown: Float[np.ndarray, "window site shown"]
    ) -> Float[np.ndarray, "window site shown"]:
        begun = np.array(shown)
        begun[:, 0, 2] = 0.0
        return begun
