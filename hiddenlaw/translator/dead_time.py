"""How late an input acts on a driven law: its dead time, with an interval.

Laws of few variables are fitted to the beginnings of the training runs, each run from a start of
its own, with the input so many whole sites late; then, around the best of these, between whole
sites. A law with zeros (an input that pushes each derivative) can feign a short delay, so a dead
time is sought with laws that have poles alone, y^(n) = b u − Σ a_k y^(k) + c. Of laws with as many
numbers the better one counts, and a further number has to halve what is left: so no delay is made
of variables, and no slow variable of a delay.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.training.curriculum import ROUNDING
from hiddenlaw.translator.late_laws import ROUGH, LateFit, LateLaws

_ORDERS = (1, 2, 3)
_RUNS, _SITES = 40, 96  # at most
_HALF = 0.5  # of what is left: what a further number has to come down to
_FINE = 0.02  # sites: a dead time that is nearer to none is none
_CLOSE = 0.004  # sites: how closely the best one is looked for
_GOLDEN = (5**0.5 - 1) / 2
_NORMAL = 1.96


@dataclass(frozen=True)
class DeadTime:
    """The dead time of one input, in the unit of x, and its standard error."""

    input: str
    value: float
    stderr: float

    def to_json(self) -> dict[str, Any]:
        spread = _NORMAL * self.stderr
        low, high = max(self.value - spread, 0.0), self.value + spread
        return {
            "input": self.input,
            "value": self.value,
            "stderr": self.stderr if np.isfinite(self.stderr) else None,
            "ci95": [low if np.isfinite(low) else None, high if np.isfinite(high) else None],
        }


def dead_times(train: Dataset, *, seed: int) -> tuple[DeadTime, ...]:
    """That of every input channel: zero where none is believed. The others' are kept meanwhile."""
    data = _beginning(train)
    late = [0.0] * len(train.input_names)
    found = []
    for channel, name in enumerate(train.input_names):
        late[channel], error = _of_channel(data, channel, tuple(late), seed)
        found.append(DeadTime(name, late[channel] * train.dx, error * train.dx))
    return tuple(found)


def _beginning(train: Dataset) -> Dataset:
    """No more runs and sites than are needed."""
    seen = train.observed[:, :_SITES].any(axis=(1, 2))
    some = train.select_runs(np.flatnonzero(seen)[:_RUNS])
    error = some.response_error
    return replace(
        some,
        x=some.x[:_SITES],
        input=some.input[:, :_SITES],
        response=some.response[:, :_SITES],
        response_error=None if error is None else error[:, :_SITES],
        truth=None,
        allow_missing=True,
    )


def _of_channel(
    data: Dataset, channel: int, known: tuple[float, ...], seed: int
) -> tuple[float, float]:
    """The dead time of one channel in sites, and its standard error."""
    tried: list[tuple[int, LateFit]] = []  # how many numbers beside b and c, and the fit
    for order in _ORDERS:
        fitter = LateLaws(data, channel, known, order)
        whole = fitter.anew(np.random.default_rng((seed, order, channel)))
        at_once = best = before = fitter.at(0.0, fitter.with_poles_alone(whole.law))
        tried += [(2 * order - 1, whole), (order, at_once)]
        for sites in range(1, fitter.most + 1):
            before = fitter.at(float(sites), before.law, ROUGH)
            best = before if before.loss < best.loss else best
        if best.loss > ROUNDING:
            best = _between(fitter, best)
        tried.append((order + 1, best))
    chosen = _thrifty(tried)
    if chosen.late < _FINE:
        return 0.0, 0.0
    return chosen.late, _standard_error(LateLaws(data, channel, known, chosen.order), chosen)


def _thrifty(fits: list[tuple[int, LateFit]]) -> LateFit:
    """The one with the fewest numbers of which each further one would not halve what is left."""
    counts = sorted({count for count, _ in fits})
    best = {
        count: min((f for c, f in fits if c == count), key=lambda f: f.loss) for count in counts
    }
    chosen = counts[0]
    for count in counts[1:]:
        enough = max(best[count].loss, ROUNDING) <= _HALF ** (count - chosen) * best[chosen].loss
        chosen = count if enough else chosen
    return best[chosen]


def _between(fitter: LateLaws, whole: LateFit) -> LateFit:
    """The best dead time within a site of the best whole one, by the golden section."""
    low, high = max(whole.late - 1, 0.0), min(whole.late + 1, float(fitter.most))
    inner = [high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)]
    fits = [fitter.at(late, whole.law) for late in inner]
    while high - low > _CLOSE:
        if fits[0].loss < fits[1].loss:
            high, inner[1], fits[1] = inner[1], inner[0], fits[0]
            inner[0] = high - _GOLDEN * (high - low)
            fits[0] = fitter.at(inner[0], fits[1].law)
        else:
            low, inner[0], fits[0] = inner[0], inner[1], fits[1]
            inner[1] = low + _GOLDEN * (high - low)
            fits[1] = fitter.at(inner[1], fits[0].law)
    return min([whole, *fits], key=lambda f: f.loss)


def _standard_error(fitter: LateLaws, best: LateFit) -> float:
    """From how the loss rises on either side, everything else at its best, in sites."""
    step = 0.1
    low = max(best.late - step, 0.0)
    left, right = fitter.at(low, best.law), fitter.at(best.late + step, best.law)
    width = best.late - low
    rise = (left.loss - best.loss) / max(width, 1e-9) + (right.loss - best.loss) / step
    curvature = 2 * rise / (step + width)
    samples = float(fitter.data.observed.sum())
    if curvature <= 0 or samples <= 0:
        return float("inf")
    return float(np.sqrt(2 * max(best.loss, 1e-300) / (samples * curvature)))
