"""Runs of unequal lengths, given as lists with an array for each."""

from __future__ import annotations

from typing import Any

import numpy as np

from hiddenlaw.data.checks import as_channels, as_numbers, check_finite
from hiddenlaw.data.describe import counted
from hiddenlaw.data.padding import filled_up, inside_of, missing_behind
from hiddenlaw.errors import DataError


def arrays_of(
    input: Any, response: Any, response_error: Any = None, allow_missing: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Input, response and its errors as (runs, sites, channels), and which sites lie inside runs.

    The last is None where no lists of unequal lengths are given. Raises `DataError` for what is no
    numbers, and for runs whose input and response have not the same length: all of them at once.
    """
    given = {"input": input, "response": response}
    if response_error is not None:
        given["response_error"] = response_error
    if not any(_unequal(values) for values in given.values()):
        whole = {kind: as_channels(kind, values) for kind, values in given.items()}
        return whole["input"], whole["response"], whole.get("response_error"), None
    runs = {kind: _runs_of(kind, values) for kind, values in given.items()}
    faults = [
        *_disagreeing(runs, "input", "response"),
        *(_disagreeing(runs, "response", "response_error") if "response_error" in runs else ()),
    ]
    if faults:
        raise DataError("; ".join(faults))
    inside = inside_of([len(run) for run in runs["input"]])
    padded = {kind: filled_up(runs[kind]) for kind in runs}
    names = tuple(f"y{c + 1}" for c in range(padded["response"].shape[2]))
    if not allow_missing:
        check_finite("response", padded["response"], names, missing=True)
    behind = missing_behind(padded["response"], inside)
    return padded["input"], behind, padded.get("response_error"), inside


def _unequal(values: Any) -> bool:
    """Whether it is a list of runs of unequal lengths."""
    if not isinstance(values, list | tuple):
        return False
    try:
        return len({len(run) for run in values}) > 1
    except TypeError:
        return False


def _runs_of(kind: str, values: Any) -> list[np.ndarray]:
    """Each run as (sites, channels)."""
    runs = [as_numbers(f"{kind} of run {number}", run) for number, run in enumerate(values)]
    runs = [run[:, np.newaxis] if run.ndim == 1 else run for run in runs]
    for number, run in enumerate(runs):
        if run.ndim != 2 or 0 in run.shape:
            raise DataError(
                f"{kind} of run {number} has shape {np.shape(values[number])}; give each run as "
                "(sites,) or (sites, channels), with one site at least"
            )
        if run.shape[1] != runs[0].shape[1]:
            raise DataError(
                f"{kind} of run {number} has {counted(run.shape[1], 'channel')} and that of run 0 "
                f"has {runs[0].shape[1]}; every run needs the same channels"
            )
    return runs


def _disagreeing(runs: dict[str, list[np.ndarray]], one: str, other: str) -> list[str]:
    """In which runs the two have not the same length."""
    if len(runs[one]) != len(runs[other]):
        return [
            f"{one} has {counted(len(runs[one]), 'run')} but {other} has {len(runs[other])}; every "
            "run needs both"
        ]
    told = [
        f"run {number}: {one} {len(first)}, {other} {len(second)}"
        for number, (first, second) in enumerate(zip(runs[one], runs[other], strict=True))
        if len(first) != len(second)
    ]
    if not told:
        return []
    where = "; ".join(told)
    return [f"{one} and {other} have unequal numbers of samples ({where}); cut them alike"]
