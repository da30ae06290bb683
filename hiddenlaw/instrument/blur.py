"""A blur: each sample of the response has something of its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.instrument import Instrument
from hiddenlaw.instrument._base import AbstractCorrection, estimate
from hiddenlaw.law import Law
from hiddenlaw.preparations import Shared

_BEGIN, _STEP = 0.5, 0.01  # sites


class Blur(AbstractCorrection):
    """One number: the width of a Gaussian, its standard deviation in sites."""

    name: ClassVar[str] = "blur"

    def starts(self, law: Law, data: Dataset) -> Sequence[Float[np.ndarray, " number"]]:
        """Idle where runs have numbers of their own: these are found from blurred samples."""
        return [np.full(1, _BEGIN)] if isinstance(law.preparation, Shared) else []

    def steps(self, data: Dataset) -> Float[np.ndarray, " number"]:
        return np.full(1, _STEP)

    def joined(self, instrument: Instrument, numbers: Float[np.ndarray, " number"]) -> Instrument:
        return replace(instrument, blur=float(abs(numbers[0])))

    def told(
        self, numbers: Float[np.ndarray, " number"], stderr: np.ndarray, data: Dataset
    ) -> list[dict[str, Any]]:
        """The width in the unit of x."""
        return [estimate(data.dx * abs(numbers[0]), data.dx * stderr[0])]
