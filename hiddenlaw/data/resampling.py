"""Runs put on an even grid: responses by interpolation, inputs held or interpolated.

An input that is level for stretches, or jumps from sample to sample, is taken to have acted with
each value up to its sample, from the one before (as `Dataset` takes it); its new values are means
over the new cells, so that it pushes as much in all. Other inputs are interpolated like responses.
Where the response was not measured for long it is missing on the new grid, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from hiddenlaw.data.describe import counted
from hiddenlaw.data.grid import check_increasing, whole_with_gaps
from hiddenlaw.data.interpolation import best_way
from hiddenlaw.data.thresholds import SAME
from hiddenlaw.errors import DataError

_MOST = 100  # new points for every sample measured
_LEVEL = 0.5  # of the steps of an input that is held
_JUMPS = 0.1  # of its deviation, by which interpolation misses an input that is held
_SHORT_GAP = 1.5  # steps, beyond which samples are missing of a grid that is even but for gaps
_GAP, _LONG_GAP = 4.0, 3.0  # of others: median steps, and nine-tenths quantiles
_COARSE, _FINE = 2.0, 0.5  # steps of the sampling
_NEAR = 1e-6  # of a step: a new point that lies on a sample


@dataclass(frozen=True)
class Runs:
    """Runs with grids of their own: x (sites,), and input, response, errors (sites, channels)."""

    x: Sequence[np.ndarray]
    input: Sequence[np.ndarray]
    response: Sequence[np.ndarray]
    error: Sequence[np.ndarray] | None
    remarks: list[str] = field(default_factory=list)


def resampled(
    runs: Runs,
    step: float,
    *,
    x_name: str,
    input_names: Sequence[str],
    response_names: Sequence[str],
    labels: Sequence[str],
    held: bool | None = None,
) -> Runs:
    """The runs on even grids of this step, each from where it began, and what that costs.

    With `held` all inputs are, or none; by default the samples say. Raises `DataError` for grids
    that are not increasing, and for a step that is none, or leaves nothing.
    """
    named = [f"{x_name} of run {label}" if len(labels) > 1 else x_name for label in labels]
    for x, name in zip(runs.x, named, strict=True):
        check_increasing(x, name)
    grids = _grids(runs.x, step, named)
    steps = np.concatenate([np.diff(x) for x in runs.x])
    if np.abs(steps - step).max() <= _NEAR * step:
        return runs
    usual = float(np.median(steps))
    said = [_opening(steps, x_name, step, usual)]
    inputs = [
        _input(runs.x, [u[:, c] for u in runs.input], grids, name, held, said)
        for c, name in enumerate(input_names)
    ]
    responses = [
        _response(runs.x, [y[:, c] for y in runs.response], grids, name, said)
        for c, name in enumerate(response_names)
    ]
    errors = None
    if runs.error is not None:
        errors = [
            np.stack([np.interp(g, x, e[:, c]) for c in range(e.shape[1])], axis=1)
            for g, x, e in zip(grids, runs.x, runs.error, strict=True)
        ]
    said = [*runs.remarks, *said, *_warned(step, usual)]
    return Runs(grids, _by_run(inputs), _by_run(responses), errors, said)


def _grids(every: Sequence[np.ndarray], step: float, named: Sequence[str]) -> list[np.ndarray]:
    if not (np.isfinite(step) and step > 0):
        raise DataError(f"the step to resample to is {step:g}; it must be a positive number")
    spans = [float(x[-1] - x[0]) for x in every]
    wanted, there = sum(spans) / step, sum(map(len, every))
    if wanted > _MOST * there:
        raise DataError(
            f"{step:g} is too short a step to resample to: it makes {wanted:.2g} samples of the "
            f"{there} that were measured; take one near {sum(spans) / there:.3g}"
        )
    if max(spans) < step * (1 - _NEAR):
        raise DataError(
            f"{step:g} is too long a step to resample to: {named[int(np.argmax(spans))]} spans "
            f"{max(spans):g}; take a shorter one"
        )
    return [
        x[0] + step * np.arange(int(span / step + _NEAR) + 1)
        for x, span in zip(every, spans, strict=True)
    ]


def _input(
    grids: Sequence[np.ndarray],
    values: Sequence[np.ndarray],
    onto: Sequence[np.ndarray],
    name: str,
    held: bool | None,
    said: list[str],
) -> list[np.ndarray]:
    samples = list(zip(grids, values, strict=True))
    level = np.concatenate([np.diff(u) == 0 for u in values]).mean()
    way = best_way(samples, spline=all(_without_gaps(x) for x in grids))
    if held is None:
        held = bool(level > _LEVEL or way.missed > _JUMPS)
    if held:
        said.append(f"{name} is held, and its mean taken over every new cell")
        return [_means(x, u, new) for (x, u), new in zip(samples, onto, strict=True)]
    said.append(f"{name} is interpolated by {way.said}{_cost(way.missed, name)}")
    return [way.through(each)(new) for each, new in zip(samples, onto, strict=True)]


def _without_gaps(x: np.ndarray) -> bool:
    """Whether no step is so long that a spline may swing there."""
    return len(x) < 2 or bool(np.diff(x).max() <= _GAP * np.median(np.diff(x)))


def _means(x: np.ndarray, u: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Means over the cells that end at the new points of an input that is held up to each x."""
    sums = np.concatenate([[0.0], np.cumsum(u[1:] * np.diff(x))])
    before = new[1:] - new[:-1]
    means = np.diff(np.interp(new, x, sums)) / before
    # A cell inside one of the old ones has its very value.
    first = np.searchsorted(x, new[:-1] + _NEAR * before)
    last = np.searchsorted(x, new[1:] - _NEAR * before)
    last = np.minimum(last, len(x) - 1)
    return np.concatenate([u[:1], np.where(first == last, u[last], means)])


def _response(
    grids: Sequence[np.ndarray],
    values: Sequence[np.ndarray],
    onto: Sequence[np.ndarray],
    name: str,
    said: list[str],
) -> list[np.ndarray]:
    samples = []
    for x, y in zip(grids, values, strict=True):
        there = np.isfinite(y)
        samples.append((x[there], y[there]))
    way = best_way([each for each in samples if len(each[0])])
    said.append(f"{name} is interpolated by {way.said}{_cost(way.missed, name)}")
    found, missing = [], 0
    for (x, y), new in zip(samples, onto, strict=True):
        if not len(x):
            found.append(np.full(len(new), np.nan))
            continue
        near = _measured_near(x, new)
        found.append(np.where(near, way.through((x, y))(new), np.nan))
        missing += int((~near & (new > x[0]) & (new < x[-1])).sum())
    if missing:
        said.append(
            f"{name} was not measured for long in places: {counted(missing, 'sample')} of it "
            "count as missing there, and inputs are filled in all the same"
        )
    return found


def _measured_near(x: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Which of the new points lie on a sample, or between two that are not far from each other."""
    if len(x) < 2:
        return np.abs(new - x[0]) <= SAME * max(1.0, abs(float(x[0])))
    usual = float(np.median(np.diff(x)))
    near = max(_NEAR * usual, 4 * float(np.spacing(np.abs(x).max())))
    after = np.searchsorted(x, new - near)
    before = np.searchsorted(x, new + near, side="right") - 1
    inside = (after < len(x)) & (before >= 0)
    width = x[np.minimum(after, len(x) - 1)] - x[np.maximum(before, 0)]
    if whole_with_gaps(x):
        most = _SHORT_GAP * usual
    else:
        most = max(_GAP * usual, _LONG_GAP * float(np.quantile(np.diff(x), 0.9)))
    return inside & (width <= most)


def _cost(missed: float, name: str) -> str:
    if not np.isfinite(missed):
        return ""
    share = f"{100 * missed:.2g}" if missed < 0.995 else f"{100 * missed:.0f}"
    return (
        f" (every second sample left out, it misses these by {share} % of the deviation of {name}, "
        "noise included)"
    )


def _opening(steps: np.ndarray, name: str, step: float, usual: float) -> str:
    return (
        f"samples were put on an even grid of {name} with the step {step:.6g}; they were "
        f"{usual:.4g} apart at the median, from {steps.min():.4g} to {steps.max():.4g}"
    )


def _warned(step: float, usual: float) -> list[str]:
    if step > _COARSE * usual:
        return [
            f"the new step is {step / usual:.3g} times the usual one: samples between are passed "
            f"over, and what moves faster than in {2 * step:.4g} is lost or looks slower than it is"
        ]
    if step < _FINE * usual:
        return [
            f"the new step is {usual / step:.3g} times shorter than the usual one: new samples "
            "share the errors of the same measured ones, and errors of the law come out too small"
        ]
    return []


def _by_run(channels: Sequence[Sequence[np.ndarray]]) -> list[np.ndarray]:
    """Values by channel and run as (sites, channels) for every run."""
    return [np.stack(run, axis=1) for run in zip(*channels, strict=True)]
