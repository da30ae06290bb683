"""A block inside training that decides between forms: it comes later in time, or is other runs.

A low training error does not protect: with a few powers of the state too many a law follows the
stretch that it was fitted to and no other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hiddenlaw.data.cut import cut
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.data.misfit import relative_error
from hiddenlaw.holds import hold_called
from hiddenlaw.law import Law
from hiddenlaw.preparations import AbstractPreparation, Context, hold_back
from hiddenlaw.preparations.context import LEAST_CONTEXT
from hiddenlaw.training.new_runs import answer_to

_MANY = 20  # runs: whole ones are kept back
_SHARE = 4  # every fourth run, or the last fourth of each
_CONTEXT = 50  # samples, at most
_LONGEST = 256  # sites of a piece
_ENOUGH = 12_000  # samples: as many as it takes to tell forms apart
_SEEN = 0.5  # of the samples of a stretch
_STRETCHES = 4  # of records, from all over them


@dataclass(frozen=True)
class Parts:
    """What is fitted to, and what the fit has to foretell."""

    fitted: Dataset
    block: Heldout


def parts_of(train: Dataset, kind: type[AbstractPreparation]) -> Parts:
    """Whole runs where these are many, else the ends of all, in pieces that run side by side.

    Whole runs, too, where these have constants, of which an end says little.
    """
    if train.runs >= _MANY or not kind.per_run or kind.in_pieces:
        if train.runs < 2:
            return Parts(train, hold_back(train, kind) if kind.in_pieces else Heldout(train))
        kept = np.arange(train.runs) % _SHARE == _SHARE - 1
        kept[-1] |= not kept.any()
        fitted = train.select_runs(np.flatnonzero(~kept))
        block = train.select_runs(np.flatnonzero(kept))
    else:
        end = train.sites - train.sites // _SHARE
        # A spline through the inputs of a short piece is another one near its ends.
        longest = train.sites if hold_called(train.hold).varies else _LONGEST
        fitted, block = _cut(train, 0, end, end), _cut(train, end, train.sites, longest)
        seen = block.observed.all(axis=(1, 2)) | (block.observed.sum(axis=(1, 2)) > _CONTEXT)
        block = block.select_runs(np.flatnonzero(seen))
    if not kind.per_run:
        return Parts(fitted, Heldout(block))
    if kind.in_pieces:
        return Parts(fitted, hold_back(block, kind))
    context = min(_CONTEXT, max(LEAST_CONTEXT, block.sites // 4))
    return Parts(fitted, hold_back(block, Context, context))


def enough_of(train: Dataset, kind: type[AbstractPreparation], samples: int = _ENOUGH) -> Dataset:
    """As many samples as it takes to tell forms apart: some runs, or stretches of long ones."""
    if train.runs * train.sites <= samples:
        return train
    if train.runs >= _MANY or not kind.per_run or kind.in_pieces:
        count = max(samples // train.sites, _MANY)
        if train.runs <= count:
            return train
        return train.select_runs(np.linspace(0, train.runs - 1, count).astype(int))
    each = -(-_STRETCHES // train.runs)
    length = samples // (each * train.runs)
    firsts = np.linspace(0, train.sites - length, each).astype(int).tolist()
    pieces = [(run, slice(k, k + length)) for run in range(train.runs) for k in firsts]
    seen = [piece for piece in pieces if train.observed[piece].any(axis=1).mean() > _SEEN]
    return replace(cut(train, seen), allow_missing=True) if seen else train


def _cut(data: Dataset, begin: int, end: int, length: int) -> Dataset:
    """These sites of all runs, in pieces of so many, as runs; what is left over comes first."""
    length = min(length, end - begin)
    firsts = range(end - length * ((end - begin) // length), end, length)
    pieces = [(run, slice(k, k + length)) for k in firsts for run in range(data.runs)]
    seen = [piece for piece in pieces if data.observed[piece].any()]
    return replace(cut(data, seen), allow_missing=True)


def free_run(law: Law, runs: Heldout) -> float:
    """Mean square error of a free run over the variance; infinite where it overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        found = relative_error(answer_to(law, runs), runs.judged)
    return found if np.isfinite(found) else np.inf
