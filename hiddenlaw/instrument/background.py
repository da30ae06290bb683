"""A background: a constant under the response, and a slope along x."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import DrivenCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.instrument import Instrument
from hiddenlaw.instrument._base import AbstractCorrection, estimate
from hiddenlaw.law import Law

_STEP = 1e-3  # of the response's standard deviation


class Background(AbstractCorrection):
    """Two numbers a response: at the first site, and the rise from site to site."""

    name: ClassVar[str] = "background"

    def starts(self, law: Law, data: Dataset) -> Sequence[Float[np.ndarray, " number"]]:
        """Idle for driven laws: what surrounds them is part of the law, and so is its drift."""
        if isinstance(law.cell, DrivenCell):
            return []
        return [np.zeros(2 * data.response.shape[2])]

    def steps(self, data: Dataset) -> Float[np.ndarray, " number"]:
        size = _STEP * np.sqrt(data.variance)
        return np.stack([size, size / data.sites], axis=1).ravel()

    def joined(self, instrument: Instrument, numbers: Float[np.ndarray, " number"]) -> Instrument:
        rows = numbers.reshape(-1, 2).tolist()
        return replace(instrument, background=tuple((start, rise) for start, rise in rows))

    def told(
        self, numbers: Float[np.ndarray, " number"], stderr: np.ndarray, data: Dataset
    ) -> list[dict[str, Any]]:
        """The value at x[0], and the slope over x."""
        rows = zip(data.response_names, numbers.reshape(-1, 2), stderr.reshape(-1, 2), strict=True)
        return [
            {
                "response": name,
                "x": float(data.x[0]),
                "constant": estimate(value[0], error[0]),
                "slope": estimate(value[1] / data.dx, error[1] / data.dx),
            }
            for name, value, error in rows
        ]
