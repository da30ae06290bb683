"""The grid: even, or so nearly even that it may be taken for even, or refused with the remedy.

A clock that jitters moves each sample a little; a law is found as well from the mean step. Steps
that differ from their mean by more than `MOST_JITTER` of it are no jitter any more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64

from hiddenlaw.errors import DataError, option

MOST_JITTER = 0.05
_ROUNDED = 1e-6  # of a step: that x was rounded when it was written
_GAP = 1.5  # steps, above which samples are missing between two others
_FAR = 0.5  # of a step from the even grid: worth a word


def step_of(x: Float64[np.ndarray, " site"]) -> float:
    """The step of the grid x: of the numbers that x allows to rounding, a short one."""
    cells = len(x) - 1
    step = (x[-1] - x[0]) / cells
    short = float(f"{step:.12g}")
    rounding = 2 * np.spacing(np.abs(x).max()) / cells
    return short if abs(short - step) <= max(rounding, np.spacing(step)) else float(step)


def check_increasing(x: Float64[np.ndarray, " site"], name: str) -> None:
    """Raise `DataError` unless x is finite and increasing."""
    if not np.isfinite(x).all():
        site = int(np.argmax(~np.isfinite(x)))
        raise DataError(f"{name} is {x[site]} at site {site}; every site needs a finite {name}")
    steps = np.diff(x)
    if (steps <= 0).any():
        site = int(np.argmax(steps <= 0))
        again = int((steps == 0).sum())
        if again == (steps <= 0).sum():
            raise DataError(
                f"{name} is not increasing: {x[site]:.9g} at site {site} and again at the next, "
                f"one of {again} such; keep one sample of each, or write {name} with more "
                "digits"
            )
        raise DataError(
            f"{name} is not increasing: {x[site]:.9g} at site {site}, then {x[site + 1]:.9g}; "
            f"sort each run by {name}, and give each run a number of its own"
        )


def evened(
    x: Float64[np.ndarray, " site"], name: str
) -> tuple[Float64[np.ndarray, " site"], float]:
    """The grid with equal steps, and its jitter: how far its steps are from their mean, of which
    it is a share; 0 where that is rounding, and x is then as it was.

    Raises `DataError` for x that is not increasing, or has more than `MOST_JITTER`.
    """
    check_increasing(x, name)
    steps = np.diff(x)
    if len(steps) == 0:
        return x, 0.0
    usual = float(np.median(steps))
    error = np.abs(steps - usual)
    if error.max() <= max(_ROUNDED * usual, 4 * np.spacing(np.abs(x).max())):
        return x, 0.0
    mean = float(x[-1] - x[0]) / len(steps)
    jitter = float(np.abs(steps / mean - 1).max())
    if jitter > MOST_JITTER:
        raise _uneven(x, steps / usual, name)
    return x[0] + mean * np.arange(len(x)), jitter


def jitter_in_words(x: Float64[np.ndarray, " site"], name: str) -> list[str]:
    """How far this grid, which was found to jitter, is from an even one, as sentences."""
    even, jitter = evened(x, name)
    if not jitter:
        return []
    step = float(even[1] - even[0])
    away = float(np.abs(x - even).max()) / step
    said = (
        f"steps of {name} differ from their mean, {step:.6g}, by up to {100 * jitter:.2g} %; it is "
        f"taken for an even grid, from which samples lie up to {away:.2g} steps away"
    )
    return [f"{said}; {_remedy(step)} takes samples from where they are" if away > _FAR else said]


def whole_with_gaps(x: Float64[np.ndarray, " site"]) -> bool:
    """Whether the steps are all of one length, to within jitter, but for some gaps."""
    ratios = np.diff(x) / np.median(np.diff(x))
    gaps = ratios >= _GAP
    return bool(gaps.any() and (gaps | (np.abs(ratios - 1) <= MOST_JITTER)).all())


def common_grid(
    grids: Sequence[np.ndarray], labels: Sequence[str], name: str
) -> tuple[Float64[np.ndarray, " site"], float, list[str]]:
    """One even grid for runs that have each their own, its jitter, and what there is to say.

    It is that of the longest run, and begins where the first one does. Raises `DataError` where
    a run's is not even, or runs have unequal steps.
    """
    longest = max(grids, key=len)
    small = _ROUNDED * np.abs(np.diff(longest)).min(initial=np.inf)
    if all((np.abs(grid - longest[: len(grid)]) <= small).all() for grid in grids):
        return longest, 0.0, []
    found, faults = [], []
    for label, grid in zip(labels, grids, strict=True):
        try:
            found.append(evened(grid, f"{name} of run {label}" if len(grids) > 1 else name))
        except DataError as problem:
            faults.append(str(problem))
    if faults:
        more = f" (and likewise in {len(faults) - 1} more runs)" if len(faults) > 1 else ""
        raise DataError(faults[0] + more)
    _check_steps([(label, *each) for label, each in zip(labels, found, strict=True)], name)
    even = max((grid for grid, _ in found), key=len)
    first = grids[0][0]
    worst = int(np.argmax([jitter for _, jitter in found]))
    said = jitter_in_words(grids[worst], name)
    said += starts_in_words(np.array([grid[0] for grid in grids]), float(even[1] - even[0]), name)
    return even - even[0] + first, found[worst][1], said


def starts_in_words(starts: Float64[np.ndarray, " run"], step: float, name: str) -> list[str]:
    """That runs begin at different x, where they do, as sentences."""
    if np.ptp(starts) <= _ROUNDED * step:
        return []
    return [
        f"runs begin at {name} from {starts.min():.6g} to {starts.max():.6g}; each is counted from "
        "its own beginning"
    ]


def same_step(one: float, other: float, jitter: float, sites: int) -> bool:
    """Whether two steps are one, for grids of so many sites whose steps differ by `jitter`."""
    return abs(one - other) <= (_ROUNDED + jitter / math.sqrt(sites)) * other


def _check_steps(found: Sequence[tuple[str, np.ndarray, float]], name: str) -> None:
    able = [each for each in found if len(each[1]) > 1]
    if not able:
        return
    label, grid, jitter = max(able, key=lambda each: len(each[1]))
    step = step_of(grid)
    for other, own, own_jitter in able:
        if not same_step(step_of(own), step, jitter + own_jitter, len(own)):
            raise DataError(
                f"{name} of run {other} has the step {step_of(own):.9g} and that of run {label} "
                f"{step:.9g}; give all runs the same, or put them on one grid with {_remedy(step)}"
            )


def _uneven(x: np.ndarray, ratios: np.ndarray, name: str) -> DataError:
    """Why this grid is refused; `ratios` are its steps over the usual one."""
    usual = float(np.median(np.diff(x)))
    if whole_with_gaps(x):
        gaps = np.flatnonzero(ratios >= _GAP)
        lost = np.round(ratios[gaps]).astype(int) - 1
        site = int(gaps[0])
        count = f"{lost[0]} sample{'s are' if lost[0] > 1 else ' is'}"
        others = f"{len(gaps) - 1} other place{'s' if len(gaps) > 2 else ''}"
        more = f", and {lost[1:].sum()} more in {others}" if len(gaps) > 1 else ""
        return DataError(
            f"{name} has gaps: {count} missing between site {site} ({x[site]:.9g}) and {site + 1} "
            f"({x[site + 1]:.9g}){more}; {_remedy(usual)} puts the others on one grid and says "
            "that these are missing"
        )
    site = int(np.argmax(np.abs(ratios - 1)))
    return DataError(
        f"{name} is not uniform: the step from site {site} to {site + 1} is "
        f"{usual * ratios[site]:.9g}, where most are {usual:.9g}, and more than "
        f"{100 * MOST_JITTER:.0f} % is no jitter; put it on an even grid with {_remedy(usual)}, "
        f"or, if {name} was rounded, write it with more digits"
    )


def _remedy(step: float) -> str:
    return option("resample", float(f"{step:.6g}"))
