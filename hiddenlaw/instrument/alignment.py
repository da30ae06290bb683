"""Alignment: an input that acts later, or earlier, than the grid says it was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import DrivenCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.instrument import Instrument
from hiddenlaw.holds import hold_called
from hiddenlaw.instrument._base import AbstractCorrection, estimate
from hiddenlaw.law import Law

_BEGIN, _STEP = 0.3, 0.01  # sites


class Alignment(AbstractCorrection):
    """One number a channel of the input: how many sites late it acts."""

    name: ClassVar[str] = "alignment"

    def starts(self, law: Law, data: Dataset) -> Sequence[Float[np.ndarray, " number"]]:
        """Idle for driven laws, which have their dead times, and where a spline runs through the
        input, which can be read anywhere.
        """
        if isinstance(law.cell, DrivenCell) or hold_called(data.hold).varies:
            return []
        channels = data.input.shape[2]
        return [np.full(channels, _BEGIN), np.full(channels, -_BEGIN)]

    def steps(self, data: Dataset) -> Float[np.ndarray, " number"]:
        return np.full(data.input.shape[2], _STEP)

    def joined(self, instrument: Instrument, numbers: Float[np.ndarray, " number"]) -> Instrument:
        return replace(instrument, alignment=tuple(numbers.tolist()))

    def told(
        self, numbers: Float[np.ndarray, " number"], stderr: np.ndarray, data: Dataset
    ) -> list[dict[str, Any]]:
        """How late, in the unit of x."""
        rows = zip(data.input_names, data.dx * numbers, data.dx * stderr, strict=True)
        return [{"input": name} | estimate(value, error) for name, value, error in rows]
