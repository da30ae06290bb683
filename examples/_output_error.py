"""A linear output-error fit by SciPy alone: what the measured examples are held against.

y_k = −a₁ y_{k−1} − … − a_n y_{k−n} + b₀ u_{k−d} + … + b_n u_{k−d−n} + c, run freely: of the
measured y the model sees only where a run starts. For given a and d the answer is linear in b, c
and the starts, so the search is for a alone (Golub and Pereyra, SIAM J. Numer. Anal. 10, 413
(1973)), and of the whole delays d the one of least error is taken. Nothing here is hiddenlaw's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import block_diag
from scipy.optimize import least_squares
from scipy.signal import lfilter


@dataclass(frozen=True)
class OutputError:
    """`a` begins with 1, `b` is as long, `error` is the root mean square over what was fitted.

    A dead time that is no whole number of samples is `delay` and a share that b takes up.
    """

    a: np.ndarray
    b: np.ndarray
    constant: float
    delay: int
    error: float

    @property
    def gain(self) -> float:
        return float(self.b.sum() / self.a.sum())

    @property
    def rates(self) -> np.ndarray:
        """The poles in continuous time, per sample, the slowest first; of a pair one."""
        rates = np.log(np.roots(self.a).astype(complex))
        return np.array(sorted(rates[rates.imag >= 0], key=abs))

    def free_run(self, u, y, begin: int, end: int, context: int) -> np.ndarray:
        """The answer over [begin, end) from a start that suits the first `context` samples."""
        free = _free(self.a, end - begin)
        forced = lfilter(self.b, self.a, _late(u, self.delay)[begin:end]) + self.constant
        left = (y[begin:end] - forced)[:context]
        return forced + free @ np.linalg.lstsq(free[:context], left, rcond=1e-8)[0]


def fitted(runs, order: int, delays=(0,)) -> OutputError:
    """The model of this order for `runs`, pairs of u and y, an array (samples,) each."""
    return min((_fitted(runs, order, delay) for delay in delays), key=lambda fit: fit.error)


def _fitted(runs, order: int, delay: int) -> OutputError:
    late, y = [_late(u, delay) for u, _ in runs], np.concatenate([y for _, y in runs])

    def solved(numbers):
        """b, c and the starts for these a, and what they leave."""
        a = np.concatenate([[1.0], numbers])
        pushed = np.concatenate([_shifted(lfilter([1.0], a, u), order) for u in late])
        starts = block_diag(*(_free(a, len(u)) for u in late))
        table = np.hstack([pushed, np.ones((len(y), 1)), starts])
        if not np.abs(table).max() < 1e12:  # a law that explodes
            return np.zeros(table.shape[1]), np.full(len(y), 1e3 * y.std())
        linear = np.linalg.lstsq(table, y, rcond=1e-12)[0]
        return linear, table @ linear - y

    # A place to begin: one sample ahead of the measured ones the model is linear in a as well.
    rows = [np.hstack([-_shifted(y, order), _shifted(u, order)])[order:]
            for u, (_, y) in zip(late, runs, strict=True)]  # fmt: skip
    rows = np.pad(np.concatenate(rows), ((0, 0), (0, 1)), constant_values=1.0)
    begun = np.linalg.lstsq(rows[:, 1:], -rows[:, 0], rcond=None)[0][:order]
    with np.errstate(over="ignore", invalid="ignore"):
        numbers = least_squares(lambda a: solved(a)[1], begun, x_scale="jac", max_nfev=60).x
    linear, left = solved(numbers)
    a = np.concatenate([[1.0], numbers])
    b, constant = linear[: order + 1], float(linear[order + 1])
    return OutputError(a, b, constant, delay, float(np.sqrt(np.mean(left**2))))


def _late(u, delay: int) -> np.ndarray:
    """u so many samples later; before its first sample it was what it is there."""
    return np.concatenate([np.full(delay, u[0]), u[: len(u) - delay]])


def _shifted(values, order: int) -> np.ndarray:
    """Values 0, 1, …, order samples later, 0 before (samples, order + 1)."""
    return np.stack([np.pad(values, (k, 0))[: len(values)] for k in range(order + 1)], axis=1)


def _free(a, samples: int) -> np.ndarray:
    """Answers without a push, from every start there is (samples, order)."""
    return np.asarray(lfilter([1.0], a, np.eye(len(a) - 1, samples), axis=1)).T
