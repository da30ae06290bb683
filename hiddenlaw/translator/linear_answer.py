"""The best linear answer to the past of the input: a bound on what any driven law explains.

Of y = Σ_k g_k u_{i-k} + what the start leaves, all coefficients are found by one linear
least-squares fit, so this takes a fraction of a second. Three ways to treat the start, of which the
best counts: all runs start alike, which leaves a constant for every site; each starts on its own,
and what is seen are sites so late that the start is forgotten; or the response's own past says it
(an autoregression, run freely from the first samples on).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.dataset import Dataset

_RUNS, _SITES = 300, 128  # at most: more teach nothing new
_PAST = 8  # samples of the autoregression
_SHARE = 3  # samples for every coefficient, at least


def linear_answer(train: Dataset, heldout: Dataset) -> float:
    """The held-out error of the best linear answer, over the variance; of several responses the
    mean.
    """
    size = np.sqrt(np.mean(train.input**2, axis=(0, 1))) + 1e-300
    known, unseen = (_beginning(data, size) for data in (train, heldout))
    errors = [
        min(
            _alike(known, unseen, output),
            _forgotten(known, unseen, output),
            _from_the_past(known, unseen, output),
        )
        for output in range(len(train.response_names))
    ]
    return float(np.mean(errors))


def _beginning(data: Dataset, size: Float[np.ndarray, " channel"]) -> tuple[np.ndarray, np.ndarray]:
    """Input over `size`, and response, of no more runs and sites than are needed."""
    runs, sites = slice(0, _RUNS), slice(0, _SITES)
    return data.input[runs, sites] / size, data.response[runs, sites]


def _lags(input: Float[np.ndarray, "run site channel"], count: int) -> np.ndarray:
    """The input now and at the sites before, as features (run, site, count × channel)."""
    padded = np.concatenate([np.zeros((len(input), count, input.shape[2])), input], axis=1)
    sites = input.shape[1]
    return np.concatenate([padded[:, count - k : count - k + sites] for k in range(count)], axis=2)


def _alike(known: tuple, unseen: tuple, output: int) -> float:
    """A constant for every site, and the whole past."""
    sites = known[0].shape[1]

    def rows(input: np.ndarray) -> np.ndarray:
        start = np.broadcast_to(np.eye(sites), (len(input), sites, sites))
        return np.concatenate([_lags(input, sites), start], axis=2)

    return _error(rows, known, unseen, output, 0)


def _forgotten(known: tuple, unseen: tuple, output: int) -> float:
    """The past of half a run, judged at the sites of the other half."""
    count = known[0].shape[1] // 2

    def rows(input: np.ndarray) -> np.ndarray:
        ones = np.ones((*input.shape[:2], 1))
        return np.concatenate([_lags(input, count), ones], axis=2)

    return _error(rows, known, unseen, output, count)


def _error(rows, known: tuple, unseen: tuple, output: int, first: int) -> float:
    """Of the least-squares fit to the sites from `first` on; infinite where there are too few."""
    design, target = (part[:, first:] for part in (rows(known[0]), known[1][..., output]))
    seen = np.isfinite(target)
    if seen.sum() < _SHARE * design.shape[2]:
        return np.inf
    weights = np.linalg.lstsq(design[seen], target[seen], rcond=1e-10)[0]
    there = unseen[1][:, first:, output]
    answer = rows(unseen[0])[:, first:] @ weights
    return _relative(there - answer, known[1][..., output])


def _from_the_past(known: tuple, unseen: tuple, output: int) -> float:
    """An autoregression with inputs, run freely from the first samples of every run on.

    It is fitted where all of the past was measured. Runs of which one of the first samples is
    missing do not count.
    """
    past = min(_PAST, known[0].shape[1] // 6)
    response = [part[1][..., output] for part in (known, unseen)]
    started = np.isfinite(response[1][:, :past]).all(axis=1)
    if past < 1 or not np.isfinite(response[1][started, past:]).any():
        return np.inf
    inputs = [_lags(part[0], past + 1) for part in (known, unseen)]
    before = _lags(np.roll(response[0], 1, axis=1)[..., None], past)
    ones = np.ones((*response[0].shape, 1))
    design = np.concatenate([before, inputs[0], ones], axis=2)[:, past:]
    target = response[0][:, past:]
    seen = np.isfinite(target) & np.isfinite(design).all(axis=2)
    if seen.sum() < _SHARE * design.shape[2]:
        return np.inf
    weights = np.linalg.lstsq(design[seen], target[seen], rcond=1e-10)[0]
    answer = np.array(response[1])
    with np.errstate(over="ignore", invalid="ignore"):
        for site in range(past, answer.shape[1]):
            own = answer[:, site - past : site][:, ::-1]
            now = np.concatenate([own, inputs[1][:, site], np.ones((len(own), 1))], axis=1)
            answer[:, site] = now @ weights
        return _relative((answer - response[1])[:, past:], response[0])


def _relative(left: np.ndarray, response: np.ndarray) -> float:
    error = float(np.nanmean(left**2) / np.nanvar(response))
    return error if np.isfinite(error) else np.inf
