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
from hiddenlaw.training.levenberg_marquardt import levenberg_marquardt
from hiddenlaw.training.normal_equations import NormalEquations

_SHORTEST = 8  # sites of a stretch
_STEPS = 40


def first_constants(
    problem: DrivenProblem,
    delays: tuple[float, ...],
    near: Float[np.ndarray, " p"] | None,
) -> list[Float[np.ndarray, " p"]]:
    """Constants for every length of stretches, with dead times of so many sites.

    `near` are constants that were found for other dead times, if there are any.
    """
    if not problem.system.constants:
        return [np.zeros(0)]
    found, near = [], np.ones(len(problem.system.constants)) if near is None else near
    for regression in _regressions(problem, delays):
        fit = levenberg_marquardt(regression, near, max_steps=_STEPS, scaled=True)
        if np.isfinite(fit.loss):
            found.append(fit.numbers)
            near = fit.numbers
    return found


@dataclass(frozen=True, eq=False)
class Regression:
    """|y − Σ coefficient · regressor|² over all stretches, for `levenberg_marquardt`."""

    problem: DrivenProblem
    matrix: Float[np.ndarray, "k k"]
    vector: Float[np.ndarray, " k"]
    square: float

    def at(self, numbers: Float[np.ndarray, " p"]) -> Regressed:
        row = self.problem.coefficients(numbers)[: len(self.vector)]
        with np.errstate(over="ignore", invalid="ignore"):
            loss = (self.square + row @ (self.matrix @ row - 2 * self.vector)) / self.square
        return Regressed(self, numbers, max(float(loss), 0.0) if np.isfinite(loss) else np.inf, row)


@dataclass(eq=False)
class Regressed:
    """The regression at some constants."""

    regression: Regression
    numbers: Float[np.ndarray, " p"]
    loss: float
    row: Float[np.ndarray, " k"]

    def equations(self) -> NormalEquations:
        whole, every = self.regression, np.arange(len(self.numbers))
        slopes = whole.problem.slopes(self.numbers)[: len(self.row)]
        gradient = slopes.T @ (whole.matrix @ self.row - whole.vector) / whole.square
        matrix = slopes.T @ whole.matrix @ slopes / whole.square
        return NormalEquations(len(every), every, gradient, matrix)


def _regressions(problem: DrivenProblem, delays: tuple[float, ...]) -> Iterator[Regression]:
    """Those of stretches of 8, 16, … sites, and of the longest there are."""
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
        regressors, target = rows[..., :-1], rows[..., -1]
        matrix = np.einsum("wsk,wsl->kl", regressors, regressors, optimize=True)
        vector = np.einsum("wsk,ws->k", regressors, target, optimize=True)
        square = float(np.sum(target**2))
        if square > 0:
            yield Regression(problem, matrix, vector, square)


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
