"""Runs cut into windows, each of which has a start of its own (multiple shooting)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Bool, Int

from hiddenlaw.data.dataset import Dataset


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
