"""The step of the samples in files that do not say where these are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import DataError


def in_steps(dataset: Dataset, dx: float) -> Dataset:
    """The dataset with its samples dx apart, if they are only numbered so far.

    Raises `DataError` for a step that is none, and where the samples are known to be elsewhere.
    """
    if not (np.isfinite(dx) and dx > 0):
        raise DataError(f"dx is {dx:g}; the step of the samples must be a positive number")
    number = np.arange(1, dataset.sites + 1)
    if dataset.x_name == "x" and np.array_equal(dataset.x, number):
        return replace(dataset, x=dx * number)
    if abs(dataset.dx - dx) <= 1e-6 * dx:
        return dataset
    raise DataError(
        f"dx is given as {dx:g}, and {dataset.x_name} has steps of {dataset.dx:g}; leave dx away, "
        "it is for files that do not say where their samples are"
    )
