"""What a believed law is judged by: the noise of the response, and whether more than that is left.

Where neither the data nor anybody says how large the noise is, it is what a translator, which knows
no law, leaves on runs that it has not seen.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from hiddenlaw.believed.driven_fit import DrivenFit
from hiddenlaw.believed.driven_law import DrivenLaw
from hiddenlaw.cells import DrivenCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.errors import DataError
from hiddenlaw.holds import hold_called
from hiddenlaw.preparations import Own, between
from hiddenlaw.training.curriculum import ROUNDING
from hiddenlaw.translator.dead_time import dead_times
from hiddenlaw.translator.search import train_translator

_RUNS, _MOST_RUNS = 10, 60  # of a translator of driven laws, at least and at most
_SITES, _SHORTEST = 96, 12  # of a piece of a long record, and of one that is too short
_HELD_BACK = 0.35  # of the pieces; half of their samples are given
_SPARE = 2  # variables that such a translator has beyond those of the law
_ALIKE = 0.25  # sites: dead times that are one
_SELDOM = 1e-3  # the chance of luck, where a law is rejected


class Noise(NamedTuple):
    """The standard deviation of every sample's noise, who says so, and from how many samples.

    `judged` is infinite where nothing had to be measured.
    """

    deviation: Float[np.ndarray, "run site"]
    source: str
    judged: float = math.inf


def stated_noise(data: Dataset, column: int, given: float | None) -> Noise | None:
    """As given, or by the data's own errors; None where nobody says anything."""
    if given is not None:
        return Noise(np.full(data.response.shape[:2], float(given)), "as given")
    if data.response_error is not None:
        return Noise(data.response_error[..., column], "of the data's errors")
    return None


def left_by_translator(data: Dataset, column: int, seed: int) -> Noise:
    """For a law that inputs multiply."""
    train, heldout = data.split(0.2, seed)
    fit = train_translator(train, Heldout(heldout), seed=seed)
    deviation, judged = _measured(fit.heldout_error, heldout, column)
    everywhere = np.full(data.response.shape[:2], deviation)
    return Noise(everywhere, "left by a translator on unseen runs", judged)


def left_by_driven_translator(
    system: DrivenLaw, fit: DrivenFit, data: Dataset, column: int, seed: int
) -> Noise:
    """For a law that inputs drive. Each run starts from a state of its own.

    A translator is shown the inputs as late as the law found them, and another one as late as a
    search finds them that knows no law; what counts is what the better one leaves. Raises
    `DataError` where the records are too short to hold any of them back.
    """
    ours, ends = _of_channels(system, data, column), hold_called(data.hold).cells_before
    pieces = _in_pieces(replace(ours, dead_time=()), 0)
    train, _ = pieces.split(_HELD_BACK, seed)
    others = tuple(found.value / data.dx for found in dead_times(train, seed=seed))
    tried = [fit.late]
    if np.abs(np.subtract(others, fit.late)).max() > _ALIKE:
        tried.append(others)
    noises = []
    for late in tried:
        shown = replace(ours, dead_time=tuple(sites * data.dx for sites in late))
        unknown = max(math.ceil(max(late, default=0.0)) - ends, 0)
        noises.append(_left_of_unseen(system, _in_pieces(shown, unknown), seed))
    deviation, judged = min(noises)
    everywhere = np.full(data.response.shape[:2], deviation)
    return Noise(everywhere, "left by a translator on unseen runs", judged)


def _left_of_unseen(system: DrivenLaw, data: Dataset, seed: int) -> tuple[float, float]:
    """The deviation of what a translator leaves, and of how many samples."""
    train, heldout = data.split(_HELD_BACK, seed)
    unseen = between(Heldout(heldout))  # spare variables would run away behind the last sample
    trained = train_translator(
        train, unseen, cell=DrivenCell.name, preparation=Own,
        hidden=system.dimension + _SPARE, seed=seed,
    )  # fmt: skip
    return _measured(trained.heldout_error, unseen.judged, 0)


def _measured(error: float, judged: Dataset, output: int) -> tuple[float, float]:
    """The deviation, and how many samples it is of; `error` is over the variance of these."""
    left = float(np.sqrt(max(error, ROUNDING) * judged.variance[output]))
    return left, float(judged.observed[..., output].sum())


def _of_channels(system: DrivenLaw, data: Dataset, column: int) -> Dataset:
    """What drives the law, and the response."""
    channels = system.input(data)
    return Dataset(
        data.x,
        channels,
        data.response[:, :, column : column + 1],
        tuple(f"channel{k}" for k in range(channels.shape[2])),
        (data.response_names[column],),
        data.x_name,
        hold=data.hold,
        allow_missing=True,
    )


def _in_pieces(data: Dataset, unknown: int) -> Dataset:
    """Long records, and few ones, in pieces; some from all over, where they are many.

    Of each so many sites are `unknown`, since what was late there was given before it began.
    """
    sites = data.sites
    if data.runs < _RUNS:
        sites = min(sites // math.ceil(_RUNS / data.runs), _SITES + unknown)
    elif sites > 2 * _SITES:
        sites = _SITES + unknown
    if sites < _SHORTEST + unknown:
        raise DataError(
            f"{data.runs} runs of {data.sites} sites are too few to hold some back and tell the "
            "noise; give response_error"
        )
    count = data.sites // sites

    def cut(values: Float[np.ndarray, "run site k"]) -> Float[np.ndarray, "piece short k"]:
        return values[:, : count * sites].reshape(-1, sites, values.shape[2])

    response, channels = np.array(cut(data.response)), cut(data.input)
    response[:, :unknown] = np.nan
    chosen = np.flatnonzero(np.isfinite(response).any(axis=(1, 2)))
    chosen = chosen[np.unique(np.linspace(0, len(chosen) - 1, _MOST_RUNS).astype(int))]
    return replace(data, x=data.x[:sites], input=channels[chosen], response=response[chosen])


def beyond_noise(chi_square: float, freedom: float, noise: Noise, inflation: float) -> bool:
    """Whether luck would leave so much once in a thousand times.

    By the chi-square distribution, or Fisher's where the noise was measured from so many samples;
    of those that remember one another `inflation` count as one.
    """
    from scipy.stats import chi2, f

    freedom = max(freedom / inflation, 1.0)
    if math.isinf(noise.judged):
        return bool(chi2.sf(chi_square * freedom, freedom) < _SELDOM)
    return bool(f.sf(chi_square, freedom, max(noise.judged / inflation, 1.0)) < _SELDOM)
