"""The first-order hold: the input is linear between samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw.holds._smooth import SmoothHold


class First(SmoothHold):
    """Straight pieces from sample to sample."""

    name: ClassVar[str] = "first"

    def within(
        self, values: Float[np.ndarray, "run site"], fractions: Sequence[float]
    ) -> Float[np.ndarray, "run cell fraction"]:
        return values[:, :-1, None] + np.diff(values)[..., None] * np.asarray(fractions)
