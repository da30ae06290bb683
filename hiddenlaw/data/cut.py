"""Pieces of runs as runs of a dataset of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hiddenlaw.data.dataset import Dataset


def cut(data: Dataset, pieces: Sequence[tuple[int, slice]]) -> Dataset:
    """These pieces of equal length, each a run and its sites, counted from their own beginning.

    What the runs were called is not what they are.
    """

    def taken(array: np.ndarray) -> np.ndarray:
        return np.stack([array[run, part] for run, part in pieces])

    error, sites = data.response_error, pieces[0][1].stop - pieces[0][1].start
    return replace(
        data,
        x=data.dx * np.arange(1, sites + 1),
        input=taken(data.input),
        response=taken(data.response),
        response_error=None if error is None else taken(error),
        truth=None,
        kept_back=(),
        run_names=(),
    )
