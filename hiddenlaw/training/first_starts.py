"""Where runs start, as far as their first samples tell without any law: a polynomial through them.

Where squares are read, ψ is the root of the response up to a sign, which changes where ψ crosses
zero: of all sites at which it may do so the one counts through which a polynomial fits best.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from hiddenlaw.law import Law, Shown
from hiddenlaw.readouts import Linear
from hiddenlaw.training.normal_equations import pseudo_inverses

_SPARE = 2  # samples beyond those that a polynomial needs
_LEAST = 1e-4  # of the unit of the response: what is below has no root


def first_starts(
    law: Law, shown: Shown, varies: bool, reach: int | None = None
) -> Float[np.ndarray, "run d"]:
    """A start for every run, in the units of `law`, whose readout says what is measured.

    Zero where the response reads nothing but derivatives of the first variable. `varies`: whether
    inputs vary inside cells, and the first sample is that of the start itself. With a `reach` all
    samples are looked at, and the start is as many sites behind the first.
    """
    d, weights = law.dimension, np.asarray(law.readout.weights)[:, 0]
    if isinstance(law.readout, Linear):
        weights = np.concatenate([[0.0], weights, [0.0]])
    blind, after = int(np.argmax((shown.weight > 0).any(axis=(1, 2)))), d + 1 + _SPARE
    if reach is not None:
        blind, after = 0, shown.sites
    few = slice(blind, blind + after)
    target, weight = shown.target[few, :, 0].T, shown.weight[few, :, 0].T
    x = np.arange(blind, blind + target.shape[1]) - (reach or 0) + (0.0 if varies else 1.0)
    constant, straight, square = weights[0], weights[1], weights[1 + d]
    if square:
        inside = straight**2 + 4 * square * (target - constant)
        root = np.sqrt(np.maximum(inside, _LEAST * np.abs(square)))
        return _crossing(root, straight, square, weight, x, d)
    if straight:
        return _fitted((target - constant) / straight, weight, x, d)[0]
    return np.zeros((shown.runs, d))


def reads_first(law: Law) -> bool:
    """Whether the only response is the first variable, or its square, and the variables after it
    are what a run starts from: such are laws in observability coordinates.
    """
    weights, preparation = np.asarray(law.readout.weights), law.preparation
    if weights.shape[1] != 1 or np.shape(preparation.numbers)[-1:] != (law.dimension,):
        return False
    read = np.flatnonzero(weights[:, 0])
    return len(read) == 1 and int(read[0]) == (law.readout.fixed()[1])


def _crossing(
    root: Float[np.ndarray, "run few"],
    straight: float,
    square: float,
    weight: Float[np.ndarray, "run few"],
    x: Float[np.ndarray, " few"],
    d: int,
) -> Float[np.ndarray, "run d"]:
    """By the branch of the root that is smoothest; it begins with the positive one."""
    every, left = [], []
    for crossed in range(len(x), 0, -1):
        signs = np.where(np.arange(len(x)) < crossed, 1.0, -1.0)
        start, misfit = _fitted((signs * root - straight) / (2 * square), weight, x, d)
        every.append(start)
        left.append(misfit)
    best = np.argmin(left, axis=0)
    return np.array(every)[best, np.arange(len(best))]


def _fitted(
    values: Float[np.ndarray, "run few"],
    weight: Float[np.ndarray, "run few"],
    x: Float[np.ndarray, " few"],
    d: int,
) -> tuple[Float[np.ndarray, "run d"], Float[np.ndarray, " run"]]:
    """The value and its derivatives at x = 0 of a polynomial of degree d, and what it misses."""
    far = float(max(x[-1], 1.0))
    powers = (x[:, None] / far) ** np.arange(min(d, len(x) - 1) + 1)
    turned = weight[:, None, :] * powers.T
    found = (pseudo_inverses(turned @ powers) @ (turned @ values[..., None]))[..., 0]
    misfit = np.sum(weight * (values - found @ powers.T) ** 2, axis=1)
    k = np.arange(d)
    factor = np.cumprod(np.maximum(k, 1)) / far**k
    start = np.zeros((len(values), d))
    count = min(d, found.shape[1])
    start[:, :count] = found[:, :count] * factor[:count]
    return start, misfit
