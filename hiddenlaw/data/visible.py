"""Where a response stands above its noise, and runs cut down to there.

The noise of smooth signals shows in high differences: of sixth order, in which a signal that is
sampled well all but vanishes; the median makes it robust.
"""

from dataclasses import replace
from math import comb

import numpy as np
from jaxtyping import Bool, Float, Int

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import DataError
from hiddenlaw.holds import hold_called

_ORDER = 6
_ABOVE = 3.0  # times the noise
_LEAST_NOISE = 0.01  # of the response's deviation: what is smaller teaches nothing
_QUARTILE = 0.6745  # of a normal distribution: half of it lies within so many deviations
_GAP = 6  # sites below the noise that are passed on the way out from the maximum
_FEWEST = 12  # sites a run


def noise_of(data: Dataset) -> Float[np.ndarray, " response"]:
    """Standard deviation of the noise of every channel, from differences along the runs."""
    weights = np.array([(-1) ** k * comb(_ORDER, k) for k in range(_ORDER + 1)], float)
    differences = np.zeros((data.runs, data.sites - _ORDER, data.response.shape[2]))
    for k, weight in enumerate(weights):
        differences += weight * data.response[:, k : data.sites - _ORDER + k]
    spread = np.nanmedian(np.abs(differences), axis=(0, 1)) / _QUARTILE
    return spread / np.sqrt(np.sum(weights**2))


def visible(data: Dataset) -> Bool[np.ndarray, "run site"]:
    """Of every run the stretch around its maximum that stands above three times the noise.

    Averages over three sites are compared, and gaps of a few sites are passed.
    """
    noise = np.maximum(noise_of(data), _LEAST_NOISE * np.sqrt(data.variance))
    size = np.nanmax(np.abs(_smoothed(data.response)) / noise, axis=2)
    size = np.where(np.isfinite(size), size, 0.0)
    seen = np.zeros(size.shape, bool)
    for run, row in enumerate(size):
        first = last = int(np.argmax(row))
        above = np.flatnonzero(row > _ABOVE)
        for site in above[above > last]:
            last = site if site - last <= _GAP else last
        for site in above[above < first][::-1]:
            first = site if first - site <= _GAP else first
        seen[run, first : last + 1] = True
    return seen


def visible_runs(data: Dataset) -> Int[np.ndarray, " run"]:
    """The numbers of the runs that stand above their noise at 12 sites or more."""
    return np.flatnonzero(visible(data).sum(axis=1) >= _FEWEST)


def cut_to_visible(data: Dataset, fewest: int = 4) -> tuple[Dataset, int]:
    """The data with every run beginning at its first visible site, and how many runs had too few.

    All runs are cut to the length of the longest; samples that cannot be seen are missing. The grid
    begins at 0. Raises `DataError` where fewer than `fewest` runs are left.
    """
    seen = visible(data)
    enough = seen.sum(axis=1) >= _FEWEST
    if enough.sum() < fewest:
        raise DataError(
            f"the response stands above three times its noise at {_FEWEST} sites or more in "
            f"{int(enough.sum())} runs only; constants of the runs need at least {fewest} such"
        )
    length = int(seen.sum(axis=1).max())
    index = seen.argmax(axis=1)[enough][:, None] + np.arange(length)
    behind = np.maximum(index - data.sites + 1, 0)
    index, rows = np.minimum(index, data.sites - 1), np.flatnonzero(enough)[:, None]
    kept = seen[rows, index] & (behind == 0)
    # Behind its last sample a smooth input goes straight on: a kink would bend the spline before.
    varies = hold_called(data.hold).varies
    rise = data.input[rows, -1] - data.input[rows, -2] if varies else 0.0
    error, truth = data.response_error, data.truth
    names = tuple(name for name, there in zip(data.run_names, enough, strict=False) if there)
    if truth is not None:
        states = {name: state[rows, index] for name, state in truth.states.items()}
        truth = replace(truth, states=states)
    cut = replace(
        data,
        x=data.dx * np.arange(length),
        input=data.input[rows, index] + behind[..., None] * rise,
        response=np.where(kept[..., None], data.response[rows, index], np.nan),
        response_error=None if error is None else error[rows, index],
        truth=truth,
        run_names=names,
        allow_missing=True,
    )
    return cut, int((~enough).sum())


def uncut(
    values: Float[np.ndarray, "kept length number"], data: Dataset
) -> Float[np.ndarray, "run site number"]:
    """Values along the runs that `cut_to_visible` made of `data`, at the sites of `data`.

    NaN where a run cannot be seen, and in runs that were left out.
    """
    seen = visible(data)
    seen[seen.sum(axis=1) < _FEWEST] = False
    lengths = seen.sum(axis=1)
    whole = np.full((*seen.shape, values.shape[2]), np.nan)
    whole[seen] = values[np.arange(values.shape[1]) < lengths[lengths > 0][:, None]]
    return whole


def left_out_in_words(runs: int) -> str:
    """That so many runs cannot be used, and why."""
    if runs == 1:
        return "1 run stands above its noise at too few sites and was left out"
    return f"{runs} runs stand above their noise at too few sites and were left out"


def _smoothed(response: Float[np.ndarray, "run site response"]) -> np.ndarray:
    """Means over three sites, of those that were measured."""
    padded = np.pad(response, ((0, 0), (1, 1), (0, 0)), constant_values=np.nan)
    three = np.stack([padded[:, :-2], padded[:, 1:-1], padded[:, 2:]])
    count = np.isfinite(three).sum(axis=0)
    return np.where(count > 0, np.nansum(three, axis=0) / np.maximum(count, 1), np.nan)
