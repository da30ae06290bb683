"""Records with long gaps, cut there: nobody knows what the input did in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from hiddenlaw.data.describe import counted
from hiddenlaw.data.parts import RUNS_FOR_DISCOVERY
from hiddenlaw.data.resampling import Runs

_LONG, _LONGER = 10.0, 5.0  # median steps, and nine-tenths quantiles: shorter gaps are filled in
_SHORTEST = 16  # samples of a piece that says something


def cut_at_gaps(runs: Runs, labels: Sequence[str], x_name: str) -> tuple[Runs, list[str]]:
    """Records cut where nothing was recorded for long, each piece one of its own, and their names.

    Where runs are many all start alike, perhaps, and pieces would not: these are left as they are.
    """
    labels = list(labels)
    if len(runs.x) >= RUNS_FOR_DISCOVERY:
        return runs, labels
    pieces = [(run, part) for run, x in enumerate(runs.x) for part in _pieces(x)]
    kept = [(run, part) for run, part in pieces if part.stop - part.start >= _SHORTEST]
    if len(pieces) == len(runs.x) or not kept:
        return runs, labels
    short = sum(part.stop - part.start for _, part in pieces) - sum(
        part.stop - part.start for _, part in kept
    )
    said = (
        f"{x_name} has {counted(len(pieces) - len(runs.x), 'long gap')}, in which nobody knows "
        f"what the input did: what is between is taken for {counted(len(kept), 'record')} of "
        "their own"
    )
    if short:
        said += f"; {counted(short, 'sample')} in shorter pieces are left out"

    def taken(arrays: Sequence[np.ndarray] | None) -> list[np.ndarray] | None:
        return None if arrays is None else [arrays[run][part] for run, part in kept]

    cut = replace(
        runs,
        x=taken(runs.x),
        input=taken(runs.input),
        response=taken(runs.response),
        error=taken(runs.error),
        remarks=[*runs.remarks, said],
    )
    return cut, [_named(labels[run], part, runs.x[run], x_name) for run, part in kept]


def _pieces(x: np.ndarray) -> list[slice]:
    steps = np.diff(x)
    if not len(steps):
        return [slice(0, len(x))]
    long = max(_LONG * float(np.median(steps)), _LONGER * float(np.quantile(steps, 0.9)))
    edges = [0, *(np.flatnonzero(steps > long) + 1).tolist(), len(x)]
    return [slice(a, b) for a, b in pairwise(edges)]


def _named(label: str, part: slice, x: np.ndarray, x_name: str) -> str:
    return f"{label} from {x_name} = {x[part.start]:.6g}"
