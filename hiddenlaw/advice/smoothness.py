"""How does an input run between its samples? Advice on the hold, from the samples alone.

Every second sample is left out and predicted from its neighbours: by a straight line, and by a
cubic spline. A smooth input is predicted better by the spline, one made of straight pieces is met
by the line exactly but at its kinks, and one that jumps by neither.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.thresholds import SAME

_FEWEST = 9  # sites, below which nothing can be said
_MISSED = 0.1  # an error of this share of the input's variation is no prediction
_TOP, _QUIET = 0.85, 0.01  # of the Nyquist frequency; of the mean power density
_ORDER = ("cubic", "first", "zero")  # from the smoothest to the roughest


def advise_hold(dataset: Dataset) -> tuple[str, str]:
    """The hold that suits the input ("zero", "first" or "cubic"), and a sentence why.

    Of several channels the roughest decides. What made the data may know better: an input that was
    held constant over cells by its maker is of zero-order hold however smooth its samples look.
    """
    if dataset.sites < _FEWEST:
        return "zero", f"{dataset.sites} sites a run are too few to tell"
    found = [_advise(name, dataset.input[:, :, c]) for c, name in enumerate(dataset.input_names)]
    return max(found, key=lambda advice: _ORDER.index(advice[0]))


def may_be_smooth(dataset: Dataset) -> bool:
    """Whether every input that varies has hardly any power near the Nyquist frequency.

    Nothing that runs smoothly from sample to sample has more (Shannon's theorem): what jumps where
    samples are taken does, however it is interpolated.
    """
    inputs = np.moveaxis(dataset.input, 2, 0)
    varying = [each for each in inputs if np.ptp(each) > SAME * np.abs(each).max()]
    return all(_power_near_nyquist(each) < _QUIET for each in varying)


def _power_near_nyquist(values: Float[np.ndarray, "run site"]) -> float:
    """The power density there over its mean, of runs without their straight lines."""
    from scipy.signal import detrend  # half a second

    sites = values.shape[1]
    tapered = detrend(values, axis=1) * np.hanning(sites)
    density = (np.abs(np.fft.rfft(tapered, axis=1)) ** 2).mean(axis=0)[1:]
    top = density[int(_TOP * len(density)) :]
    return float(top.mean() / max(density.mean(), 1e-300))


def _advise(name: str, values: Float[np.ndarray, "run site"]) -> tuple[str, str]:
    variation = float((values - values.mean(axis=1, keepdims=True)).std())
    if variation <= SAME * np.abs(values).max():
        return "cubic", f"{name} does not vary along the runs, so that every hold is the same"
    share = _jumps(values)
    if share > 0.5:
        return "zero", (
            f"{name} jumps: {100 * share:.0f} % of its squared steps are single ones between "
            "level pieces"
        )
    line, spline = (_left_out_errors(values, degree) / variation for degree in (1, 3))
    rms = {degree: float(np.sqrt(np.mean(e**2))) for degree, e in ((1, line), (3, spline))}
    if min(rms.values()) > _MISSED:
        return "zero", (
            f"{name} is not smooth from sample to sample: a spline misses samples that are left "
            f"out by {rms[3]:.2g} of its variation"
        )
    loud = _power_near_nyquist(values)
    if loud > _QUIET:
        return "zero", (
            f"{name} jumps where it is sampled: near the Nyquist frequency it has "
            f"{100 * loud:.2g} % of its mean power density"
        )
    # Kinks are few: the typical sample tells.
    if np.median(line) <= np.median(spline):
        return "first", (
            f"{name} is made of straight pieces: a line meets most samples that are left out"
        )
    return "cubic", (
        f"{name} is smooth: a spline meets samples that are left out within {rms[3]:.1g} of its "
        f"variation, a straight line within {rms[1]:.1g}"
    )


def _jumps(values: Float[np.ndarray, "run site"]) -> float:
    """The share of the squared steps that stands alone, three times above both neighbours."""
    steps = np.abs(np.diff(values, axis=1))
    inner = steps[:, 1:-1]
    alone = inner > 3 * np.maximum(steps[:, :-2], steps[:, 2:])
    total = float((inner**2).sum())
    return float((inner[alone] ** 2).sum()) / total if total else 0.0


def _left_out_errors(
    values: Float[np.ndarray, "run site"], degree: int
) -> Float[np.ndarray, "run left_out"]:
    """|prediction - sample| at odd sites, from the even ones."""
    from scipy.interpolate import make_interp_spline  # half a second

    sites = values.shape[1]
    even = np.arange(0, sites, 2)
    odd = np.arange(1, even[-1], 2)
    predicted = make_interp_spline(even.astype(float), values[:, even], k=degree, axis=1)(odd)
    return np.abs(predicted - values[:, odd])
