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
from hiddenlaw.data.heldout import Heldout, measured_at
from hiddenlaw.errors import DataError
from hiddenlaw.preparations import Own, Shared
from hiddenlaw.training.curriculum import ROUNDING
from hiddenlaw.translator.search import train_translator

_RUNS, _MOST_RUNS = 10, 60  # of a translator of driven laws, at least and at most
_SITES, _SHORTEST = 96, 12  # of a piece of a long record, and of one that is too short
_SPARE = 2  # variables that such a translator has beyond those of the law
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
    return _measured(data, column, fit.heldout_error, heldout, column)


def left_by_driven_translator(
    system: DrivenLaw, fit: DrivenFit, data: Dataset, column: int, seed: int
) -> Noise:
    """For a law that inputs drive: the translator is shown them as late as the law found them.

    Raises `DataError` where the records are too short to hold any of them back.
    """
    whole = _late_data(system, fit, data, column)
    pieces, own = _in_pieces(whole), fit.own or data.runs < _RUNS or data.sites > 2 * _SITES
    train, heldout = pieces.split(0.2, seed)
    given = Own.given(heldout)
    unseen = Heldout(heldout)
    if own:
        unseen = Heldout(measured_at(heldout, ~given), measured_at(heldout, given))
    trained = train_translator(
        train, unseen, cell=DrivenCell.name, preparation=Own if own else Shared,
        hidden=system.dimension + _SPARE, seed=seed,
    )  # fmt: skip
    return _measured(data, column, trained.heldout_error, unseen.judged, 0)


def _measured(data: Dataset, column: int, error: float, judged: Dataset, output: int) -> Noise:
    deviation = float(np.nanstd(data.response[:, :, column]))
    left = deviation * float(np.sqrt(max(error, ROUNDING)))
    count = float(judged.observed[..., output].sum())
    return Noise(
        np.full(data.response.shape[:2], left), "left by a translator on unseen runs", count
    )


def _late_data(system: DrivenLaw, fit: DrivenFit, data: Dataset, column: int) -> Dataset:
    """What drives the law, late as it was found, and the response where that is known."""
    channels = system.input(data)
    seen = np.isfinite(fit.residuals)[..., None]
    return Dataset(
        data.x,
        channels,
        np.where(seen, data.response[:, :, column : column + 1], np.nan),
        tuple(f"channel{k}" for k in range(channels.shape[2])),
        (data.response_names[column],),
        data.x_name,
        hold=data.hold,
        allow_missing=True,
        dead_time=tuple(sites * data.dx for sites in fit.late),
    )


def _in_pieces(data: Dataset) -> Dataset:
    """Long records, and few ones, in pieces; some from all over, where they are many."""
    sites = data.sites
    if data.runs < _RUNS:
        sites = min(sites // math.ceil(_RUNS / data.runs), _SITES)
    elif sites > 2 * _SITES:
        sites = _SITES
    unknown = math.ceil(max(data.late, default=0.0))
    if sites < data.sites:
        sites = min(sites + unknown, data.sites)
    if sites < _SHORTEST + unknown:
        raise DataError(
            f"the data hold {data.runs} runs of {data.sites} sites, too few to hold some back and "
            "tell the noise; give response_error"
        )
    count = data.sites // sites

    def cut(values: Float[np.ndarray, "run site k"]) -> Float[np.ndarray, "piece short k"]:
        return values[:, : count * sites].reshape(-1, sites, values.shape[2])

    response, channels = np.array(cut(data.response)), cut(data.input)
    if sites < data.sites:
        response[:, :unknown] = np.nan
    chosen = np.flatnonzero(np.isfinite(response).any(axis=(1, 2)))
    chosen = chosen[np.unique(np.linspace(0, len(chosen) - 1, _MOST_RUNS).astype(int))]
    return replace(
        data, x=data.x[:sites], input=channels[chosen], response=response[chosen]
    )


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
