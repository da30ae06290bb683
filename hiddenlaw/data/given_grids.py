"""The grid as it is given: none, a step, one for all runs, or one for each; numbers or dates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hiddenlaw.data.checks import as_numbers
from hiddenlaw.data.dates import seconds_of
from hiddenlaw.data.grid import common_grid
from hiddenlaw.errors import DataError

Given = np.ndarray | list[np.ndarray] | None
"""One grid for all runs, one for each, or none."""


def as_grids(x: Any, name: str) -> tuple[Given, bool]:
    """x as numbers, dates as seconds since the first of each run, and whether it had any."""
    if x is None:
        return None, False
    try:
        several = isinstance(x, list | tuple) and len(x) > 0 and all(np.ndim(g) == 1 for g in x)
        several = several or np.ndim(x) == 2
    except ValueError:  # of lists in lists
        several = False
    if not several:
        seconds = seconds_of(x) if np.ndim(x) == 1 else None
        return (as_numbers(name, x), False) if seconds is None else (seconds, True)
    found = [seconds_of(grid) for grid in x]
    seconds = [grid for grid in found if grid is not None]
    if len(seconds) == len(found):
        return seconds, True
    return [as_numbers(name, grid) for grid in x], False


def one_grid(
    x: Given, dx: float | None, name: str, sites: np.ndarray, labels: Sequence[str]
) -> tuple[np.ndarray, float, list[str]]:
    """The grid of all runs, of so many sites each; its jitter and what there is to say of it.

    Raises `DataError` where the runs have none in common.
    """
    if isinstance(x, list):
        _check_sites(x, sites, name)
        return common_grid(x, labels, name)
    if x is not None:
        return x, 0.0, []
    step = 1.0 if dx is None else float(dx)
    if not (np.isfinite(step) and step > 0):
        raise DataError(f"dx is {step:g}; it must be a positive number")
    return step * np.arange(1, int(sites.max()) + 1), 0.0, []


def each_grid(x: Given, dx: float | None, name: str, sites: np.ndarray) -> list[np.ndarray]:
    """The grid of each run, whatever its steps. Raises `DataError` for one of another length."""
    if not isinstance(x, list):
        shared = one_grid(x, dx, name, sites, ())[0]
        if shared.shape != (sites.max(),):
            raise DataError(f"{name} has shape {shared.shape}; give one value a site")
        x = [shared[:count] for count in sites]
    _check_sites(x, sites, name)
    return x


def _check_sites(own: Sequence[np.ndarray], sites: np.ndarray, name: str) -> None:
    if [len(grid) for grid in own] != sites.tolist():
        raise DataError(
            f"{name} has runs of {_listed([len(grid) for grid in own])} sites and the data of "
            f"{_listed(sites.tolist())}; give every site its value"
        )


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:10])) + (", …" if len(numbers) > 10 else "")
