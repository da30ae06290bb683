"""Data whose inputs act late."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from hiddenlaw.data.dataset import Dataset


def acting_late(data: Dataset, dead_time: tuple[float, ...]) -> Dataset:
    """The same data with these dead times, in the unit of x; without any as they are.

    What pushed the first sites was given before the runs began: their responses count as missing.
    """
    if not any(dead_time):
        return data
    first = math.ceil(max(dead_time) / data.dx - 1e-9)
    unknown = np.arange(data.sites)[:, None] < first
    response = np.where(unknown, np.nan, data.response)
    return replace(data, dead_time=dead_time, response=response, allow_missing=True)
