"""Runs cut into windows, each of which has a start of its own (multiple shooting)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.windows import windows_of
from hiddenlaw.holds import applied_to, hold_called
from hiddenlaw.law import Shown


def windowed(data: Dataset, length: int, scale: Float[AnyArray, " response"]) -> Shown:
    """The observed stretch of every run in windows of about `length` sites, owned by their runs."""
    windows = windows_of(data, length)
    rows = windows.run[:, None]
    shown = np.array(applied_to(data).values[rows, windows.sites])
    weight = data.weight * (np.square(scale) / data.variance)
    weight = weight[rows, windows.sites] * windows.inside[..., None]
    response = np.where(data.observed, data.response, 0.0)[rows, windows.sites] / scale
    weight = weight * ((weight > 0).sum() / weight.sum())
    return Shown.of(hold_called(data.hold).windowed(shown), response, weight, windows.run)
