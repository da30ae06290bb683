"""A block inside training that decides between forms: it comes later in time, or is other runs.

A low training error does not protect: with a few powers of the state too many a law follows the
stretch that it was fitted to and no other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.data.misfit import relative_error
from hiddenlaw.law import Law
from hiddenlaw.preparations import AbstractPreparation, Context, hold_back
from hiddenlaw.training.new_runs import answer_to

_MANY = 20  # runs: whole ones are kept back
_SHARE = 4  # every fourth run, or the last fourth of each
_CONTEXT = 50  # samples, at most


@dataclass(frozen=True)
class Parts:
    """What is fitted to, and what the fit has to foretell."""

    fitted: Dataset
    block: Heldout


def parts_of(train: Dataset, kind: type[AbstractPreparation]) -> Parts:
    """Whole runs where these are many, else the ends of all."""
    if train.runs >= _MANY or not kind.per_run:
        kept = np.arange(train.runs) % _SHARE == _SHARE - 1
        if train.runs < 2:
            return Parts(train, Heldout(train))
        kept[-1] |= not kept.any()
        fitted, block = (
            train.select_runs(np.flatnonzero(~kept)),
            train.select_runs(np.flatnonzero(kept)),
        )
    else:
        end = train.sites - train.sites // _SHARE
        fitted, block = _cut(train, slice(0, end)), _cut(train, slice(end, None))
        seen = block.observed.any(axis=(1, 2))
        block = block.select_runs(np.flatnonzero(seen))
    if not kind.per_run:
        return Parts(fitted, Heldout(block))
    context = min(_CONTEXT, max(8, block.sites // 4))
    return Parts(fitted, hold_back(block, Context, context))


def _cut(data: Dataset, part: slice) -> Dataset:
    """These sites of all runs."""
    error, input = data.response_error, data.input[:, part]
    return replace(
        data,
        x=data.dx * np.arange(1, input.shape[1] + 1),
        input=input,
        response=data.response[:, part],
        response_error=None if error is None else error[:, part],
        truth=None,
        allow_missing=True,
    )


def free_run(law: Law, runs: Heldout) -> float:
    """Mean square error of a free run over the variance; infinite where it overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        found = relative_error(answer_to(law, runs), runs.judged)
    return found if np.isfinite(found) else np.inf
