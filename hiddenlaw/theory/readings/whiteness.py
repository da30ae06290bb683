"""Whether what a law leaves is noise: its correlations with itself and with each input.

What remembers itself may be the noise's own colour; what goes with an input is a law that is
missing. Bounds and tests are those of Ljung, System Identification (2nd ed., 1999), 16.6. Residuals
e are white where

    Q = Σ_k N_k r_k²,   k = 1 … M,   is χ² with M degrees of freedom,

r_k being correlations and N_k how many pairs they are the mean of. Their cross-correlations with an
input u have, if the two are independent, the covariances

    g(k − l) / N,   g(m) = Σ_j ρ_e(j) ρ_u(j + m),

which count what both remember of themselves: white residuals are not asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.described import Described
from hiddenlaw.theory.equations.intervals import NORMAL

_LAGS = 25  # at most
_SHARE = 4  # of a run: lags go no farther
_MEMORY = 500  # lags over which correlations are summed, at most
_DISTINCT = 0.02  # of the largest: directions that an input hardly moves in are not judged


@dataclass(frozen=True, eq=False)
class Test(Described):
    """One question to the residuals: `statistic` is χ² of so many `degrees` where nothing is left.

    - `chance` that it is as large by mere luck; `largest` correlation, at so many samples `lag`.
    """

    statistic: float
    degrees: int
    chance: float
    samples: int
    largest: float
    lag: int

    def to_json(self) -> dict[str, Any]:
        return {
            "statistic": self.statistic,
            "degrees": self.degrees,
            "chance": self.chance,
            "samples": self.samples,
            "largest": self.largest,
            "lag": self.lag,
        }


@dataclass(frozen=True, eq=False)
class Correlations(Described):
    """Correlations of residuals, and the bounds within which 95 % of them lie if nothing is left.

    - `lags` (lag,): from 0; `auto`, `auto_bound` (lag, response).
    - `cross_lags` (shift,): from negative to positive ones, at which the input comes first;
      `cross`, `cross_bound` (shift, response, input), NaN for an input that is constant.
    - `whiteness` by response; `independence` by response and input, of lags from 0 on, None for an
      input that is constant.
    """

    lags: np.ndarray
    auto: Float[np.ndarray, "lag response"]
    auto_bound: Float[np.ndarray, "lag response"]
    cross_lags: np.ndarray
    cross: Float[np.ndarray, "shift response input"]
    cross_bound: Float[np.ndarray, "shift response input"]
    whiteness: tuple[Test, ...]
    independence: tuple[tuple[Test | None, ...], ...]


def correlations(
    left: Float[np.ndarray, "run site response"], input: Float[np.ndarray, "run site channel"]
) -> Correlations | None:
    """Of residuals and the inputs of the same runs; what is missing is NaN.

    None where there is nothing to correlate: fewer than 20 samples of a response, or no residuals.
    """
    reach = min(_LAGS, left.shape[1] // _SHARE)
    e = [_Signal.of(left[..., response]) for response in range(left.shape[2])]
    u = [_Signal.of(input[..., channel]) for channel in range(input.shape[2])]
    if reach < 1 or any(each.samples < 20 or not each.spread > 0 for each in e):
        return None
    lags, shifts = np.arange(reach + 1), np.arange(-reach, reach + 1)
    alone = [_with_itself(each, reach) for each in e]
    pairs = [[_with_input(each, other, reach) for other in u] for each in e]
    return Correlations(
        lags,
        np.stack([found for found, _, _ in alone], axis=1),
        np.stack([bound for _, bound, _ in alone], axis=1),
        shifts,
        np.moveaxis(np.array([[found for found, _, _ in row] for row in pairs]), 2, 0),
        np.moveaxis(np.array([[bound for _, bound, _ in row] for row in pairs]), 2, 0),
        tuple(test for _, _, test in alone),
        tuple(tuple(test for _, _, test in row) for row in pairs),
    )


@dataclass(frozen=True, eq=False)
class _Signal:
    """Values about their mean over their spread, 0 where missing, and where they are not."""

    values: Float[np.ndarray, "run site"]
    there: np.ndarray
    spread: float

    @classmethod
    def of(cls, raw: Float[np.ndarray, "run site"]) -> _Signal:
        there = np.isfinite(raw)
        if not there.any():
            return cls(np.zeros(raw.shape), there, 0.0)
        centred = np.where(there, raw - raw[there].mean(), 0.0)
        spread = float(np.sqrt(np.mean(centred[there] ** 2)))
        # A constant is no signal, whatever rounding makes of it.
        if not spread > 1e-12 * float(np.max(np.abs(raw[there]))):
            return cls(np.zeros(raw.shape), there, 0.0)
        return cls(centred / spread, there, spread)

    @property
    def samples(self) -> int:
        return int(self.there.sum())

    def times(self, earlier: _Signal, lag: int) -> tuple[float, int]:
        """The sum of its products with another so many samples earlier, and of how many pairs."""
        sites = self.values.shape[1]
        late = slice(max(lag, 0), sites + min(lag, 0))
        soon = slice(max(-lag, 0), sites - max(lag, 0))
        total = np.vdot(self.values[:, late], earlier.values[:, soon])
        return float(total), int(np.sum(self.there[:, late] & earlier.there[:, soon]))

    def memory(self, reach: int) -> Float[np.ndarray, " lag"]:
        """Correlations with itself from 0 on, fading to nothing at `reach` (Bartlett)."""
        apart = 1 << (self.values.shape[1] + reach).bit_length()  # that no end meets a beginning
        power = np.sum(np.abs(np.fft.rfft(self.values, apart, axis=1)) ** 2, axis=0)
        sums = np.fft.irfft(power, apart)[:reach]
        return sums / self.samples * (1 - np.arange(reach) / reach)


def _with_itself(e: _Signal, reach: int) -> tuple[np.ndarray, np.ndarray, Test]:
    sums = [e.times(e, lag) for lag in range(reach + 1)]
    total, pairs = (np.array(part, float) for part in zip(*sums, strict=True))
    found = total / np.maximum(pairs, 1)
    bound = NORMAL / np.sqrt(np.maximum(pairs, 1))
    bound[0] = 0.0  # each is itself
    largest = int(np.argmax(np.abs(found[1:]))) + 1
    statistic = float(np.sum(pairs[1:] * found[1:] ** 2))
    chance = chance_of(statistic, reach)
    test = Test(statistic, reach, chance, e.samples, float(found[largest]), largest)
    return found, bound, test


def _with_input(e: _Signal, u: _Signal, reach: int) -> tuple[np.ndarray, np.ndarray, Test | None]:
    if not u.spread > 0:
        nothing = np.full(2 * reach + 1, np.nan)
        return nothing, nothing, None
    sums = [e.times(u, lag) for lag in range(-reach, reach + 1)]
    total, pairs = (np.array(part, float) for part in zip(*sums, strict=True))
    found = total / np.maximum(pairs, 1)
    far = max(reach + 2, min(_MEMORY, e.values.shape[1] // 2))
    shared = _shared_memory(e.memory(far), u.memory(far), reach)
    bound = NORMAL * np.sqrt(shared[0] / np.maximum(pairs, 1))
    causal = slice(reach, None)
    standing = total[causal] / np.sqrt(np.maximum(pairs[causal], 1))
    statistic, degrees = _in_distinct_directions(standing, shared)
    largest = int(np.argmax(np.abs(found[causal])))
    chance = chance_of(statistic, degrees)
    value = float(found[causal][largest])
    return found, bound, Test(statistic, degrees, chance, e.samples, value, largest)


def _shared_memory(
    e: Float[np.ndarray, " lag"], u: Float[np.ndarray, " lag"], reach: int
) -> Float[np.ndarray, " shift"]:
    """g(0) … g(reach)."""
    both_e = np.concatenate([e[:0:-1], e])
    both_u = np.concatenate([u[:0:-1], u])
    every = np.convolve(both_e, both_u)
    middle = len(every) // 2
    return every[middle : middle + reach + 1]


def _in_distinct_directions(
    standing: Float[np.ndarray, " lag"], shared: Float[np.ndarray, " lag"]
) -> tuple[float, int]:
    """Squares over their variances, summed over the directions in which there is any."""
    lags = np.arange(len(standing))
    values, vectors = np.linalg.eigh(shared[np.abs(lags[:, None] - lags)])
    kept = values > _DISTINCT * values[-1]
    along = vectors[:, kept].T @ standing
    return float(np.sum(along**2 / values[kept])), int(kept.sum())


def chance_of(statistic: float, degrees: int) -> float:
    """That a χ² of so many degrees of freedom is as large."""
    from scipy.special import gammaincc

    return float(gammaincc(degrees / 2, statistic / 2))
