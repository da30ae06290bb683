"""Runs cut into windows, each of which has a start of its own (multiple shooting)."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Bool, Float, Int

from hiddenlaw.cells import AbstractGeneratorCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.holds._base import applied_to
from hiddenlaw.training.recurrent import Sequences
from hiddenlaw.translator.sequences import open_sequences, sequences_for


@dataclass(frozen=True)
class Windows:
    """Pieces of runs: which run, which sites; pieces are padded at their ends."""

    run: Int[np.ndarray, " window"]
    sites: Int[np.ndarray, "window site"]
    inside: Bool[np.ndarray, "window site"]


def windows_of(data: Dataset, length: int) -> Windows:
    """Every run's observed stretch in equal pieces of about `length` sites."""
    seen = np.asarray(data.observed.any(axis=2))
    pieces = []
    for run, row in enumerate(seen):
        first, last = np.flatnonzero(row)[[0, -1]]
        count = max(1, round((last + 1 - first) / length))
        edges = np.round(np.linspace(first, last + 1, count + 1)).astype(int)
        pieces += [(run, a, b) for a, b in pairwise(edges)]
    run, begin, end = np.array(pieces).T
    sites = begin[:, None] + np.arange((end - begin).max())
    return Windows(run, np.minimum(sites, data.sites - 1), sites < end[:, None])


def cut(
    data: Dataset,
    windows: Windows,
    norm: Float[np.ndarray, " response"],
    cell: AbstractGeneratorCell,
) -> Sequences:
    """The windows as sequences; where the data lack the runs' constants, these are left open."""
    rows = windows.run[:, None]
    values = np.array(applied_to(data).values[rows, windows.sites])
    if data.hold != "zero":
        # A window's own start is at its first site: nothing has moved yet.
        values[:, 0, 2] = 0.0
    weight = data.weight * (norm**2 / data.variance)
    weight = weight[rows, windows.sites] * windows.inside[..., None]
    response = np.where(data.observed, data.response, 0.0)[rows, windows.sites] / norm
    weight = weight * ((weight > 0).sum() / weight.sum())
    if data.constants is None:
        return open_sequences(cell, values, response, weight, windows.run)
    return sequences_for(cell, values, response, weight)
