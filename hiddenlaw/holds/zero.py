"""The zero-order hold: the input is constant over a cell and jumps between cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw.holds._base import AbstractHold


class Zero(AbstractHold):
    """Sample i acts over the cell that ends at x[i]; the cell is shown that sample."""

    name: ClassVar[str] = "zero"
    varies: ClassVar[bool] = False
    cells_before: ClassVar[int] = 1

    def check(self, channels: int, sites: int) -> None:
        """It takes any number of either."""

    def within(
        self, values: Float[np.ndarray, "run site"], fractions: Sequence[float]
    ) -> Float[np.ndarray, "run cell fraction"]:
        return np.broadcast_to(values[..., None], (*values.shape, len(fractions)))

    def shown(
        self, input: Float[np.ndarray, "run site channel"]
    ) -> Float[np.ndarray, "run site shown"]:
        return input

    def constant(
        self, values: Float[np.ndarray, "sample channel"]
    ) -> Float[np.ndarray, "sample shown"]:
        return values

    def halved(
        self, input: Float[np.ndarray, "run site channel"]
    ) -> Float[np.ndarray, "run two_sites shown"]:
        return np.repeat(input, 2, axis=1)

    def windowed(
        self, shown: Float[np.ndarray, "window site shown"]
    ) -> Float[np.ndarray, "window site shown"]:
        return shown
