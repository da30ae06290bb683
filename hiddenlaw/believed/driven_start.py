"""Where the fit of a driven law begins: constants from a regression that solves no equation.

Integrated n times over a stretch of a record, y^{(n)} = Σ a_k y^{(k)} + Σ b_j u_j + c reads

    y = p(x) + Σ a_k I^{n−k} y + Σ b_j I^n u_j + c x^n/n!

with a polynomial p of degree n − 1 for whatever the state was where the stretch begins. That is
linear in the coefficients, and integrals smooth noise, which derivatives would raise (Young,
Automatica 17, 23 (1981), reviews such methods). How long stretches should be depends on law and
noise: several lengths are offered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import factorial

import numpy as np
from jaxtyping import Float

from hiddenlaw.believed.driven_problem import DrivenProblem
from hiddenlaw.holds import applied

_SHORTEST = 8  # sites of a stretch


def first_constants(
    problem: DrivenProblem, delays: tuple[float, ...]
) -> list[Float[np.ndarray, " p"]]:
    """Constants for every length of stretches, with dead times of so many sites.

    Of a law whose coefficients are sums of the constants.
    """
    nothing = np.zeros(len(problem.system.constants))
    rest, slopes = problem.coefficients(nothing), problem.slopes(nothing)
    found = []
    for matrix, vector in _regressions(problem, delays):
        row, change = rest[: len(vector)], slopes[: len(vector)]
        turned = change.T @ matrix @ change
        unit = np.sqrt(np.maximum(np.diag(turned), 1e-300))
        right = change.T @ (vector - matrix @ row) / unit
        scaled = turned / unit / unit[:, None]
        if np.isfinite(scaled).all() and np.isfinite(right).all():
            found.append(np.linalg.lstsq(scaled, right, rcond=1e-12)[0] / unit)
    return found


def _regressions(
    problem: DrivenProblem, delays: tuple[float, ...]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """XᵀX and Xᵀy of stretches of 8, 16, … sites, and of the longest there are."""
    records, n = problem.records, problem.system.dimension
    late = problem.late(delays)
    response = _without_gaps(records.target, records.weight)
    inputs = applied(records.channels, records.hold, late if any(late) else ())
    if inputs.smooth:  # the mean over a cell
        means = inputs.values[..., :2].mean(axis=2, keepdims=True)
    else:
        means = inputs.values
    channels = means / records.size
    first = max(records.blind, records.unseen(late))
    sites, shortest = response.shape[1] - first, max(_SHORTEST, 3 * n)
    lengths = [shortest * 2**k for k in range(8) if shortest * 2**k < 0.7 * sites]
    for length in [*lengths, sites]:
        rows = _Stretches(length, first, n).rows(response, channels)
        every = np.einsum("wsk,wsl->kl", rows, rows, optimize=True)
        yield every[:-1, :-1], every[:-1, -1]


@dataclass(frozen=True)
class _Stretches:
    """Stretches of so many sites from the first that counts on, for a law of that order."""

    length: int
    first: int
    order: int

    def rows(
        self,
        response: Float[np.ndarray, "run site"],
        channels: Float[np.ndarray, "run site channel"],
    ) -> Float[np.ndarray, "stretch short row"]:
        """Regressors and, last, the response; what a polynomial takes back is taken off."""
        n, y = self.order, self._cut(response[..., None])
        pushes = _sums(self._cut(channels))
        for _ in range(n - 1):
            pushes = _integral(pushes)
        integrals = [y]
        for _ in range(n):
            integrals.append(_integral(integrals[-1]))
        x = np.arange(y.shape[1], dtype=float)
        constant = np.broadcast_to((x**n / factorial(n))[:, None], y.shape)
        rows = np.concatenate([*integrals[:0:-1], pushes, constant, y], axis=2)
        basis = np.linalg.qr((x[:, None] / len(x)) ** np.arange(n))[0]
        return rows - basis @ (basis.T @ rows)

    def _cut(
        self, values: Float[np.ndarray, "run site part"]
    ) -> Float[np.ndarray, "stretch short part"]:
        values = values[:, self.first :]
        count = values.shape[1] // self.length
        return values[:, : count * self.length].reshape(-1, self.length, values.shape[2])


def _integral(values: Float[np.ndarray, "w s k"]) -> Float[np.ndarray, "w s k"]:
    """From the first site on, by trapezoids."""
    found = np.zeros_like(values)
    found[:, 1:] = np.cumsum((values[:, 1:] + values[:, :-1]) / 2, axis=1)
    return found


def _sums(means: Float[np.ndarray, "w s k"]) -> Float[np.ndarray, "w s k"]:
    """The integral of what has these means over the cells that end at the sites."""
    found = np.zeros_like(means)
    found[:, 1:] = np.cumsum(means[:, 1:], axis=1)
    return found


def _without_gaps(
    target: Float[np.ndarray, "run site"], weight: Float[np.ndarray, "run site"]
) -> Float[np.ndarray, "run site"]:
    """With straight lines over the samples that are missing."""
    filled, sites = np.array(target), np.arange(target.shape[1])
    for row, seen in zip(filled, weight > 0, strict=True):
        if seen.any() and not seen.all():
            row[~seen] = np.interp(sites[~seen], sites[seen], row[seen])
    return filled
