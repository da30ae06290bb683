"""A driven law as engineers write it: dz/ds = A z + B u, y = C z, and its transfer functions.

s = x/dx counts samples; inputs and responses are in their own units. How all of it moves with the
numbers of the law is carried along, so whatever is read off has its error by the delta method.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Complex, Float

from hiddenlaw.cells import DrivenCell
from hiddenlaw.law import Law

STILL = 1e-12
"""A sample: a pole so near to zero is an integrator's, but for rounding."""

_ROUNDING = 1e-9  # of what a coefficient is the sum of
_SURE = 3.0  # standard errors: as far from nothing a zero must be to be told
_CLOSE = 0.1  # of a pole: a zero that cancels it is no farther


@dataclass(frozen=True, eq=False)
class StateSpace:
    """A, B, C of a driven law, and their slopes by its numbers.

    The numbers are those of the cell, row by row, and then the weights of the readout.

    - `covariance` of these numbers; None where it is not known.
    """

    matrix: Float[np.ndarray, "d d"]
    push: Float[np.ndarray, "d input"]
    read: Float[np.ndarray, "response d"]
    matrix_slopes: Float[np.ndarray, "p d d"]
    push_slopes: Float[np.ndarray, "p d input"]
    read_slopes: Float[np.ndarray, "p response d"]
    dx: float
    covariance: Float[np.ndarray, "p p"] | None

    @classmethod
    def of(
        cls, law: Law, dx: float, covariance: Float[np.ndarray, "p p"] | None = None
    ) -> StateSpace:
        """Of a law whose cell is a driven one, read linearly."""
        cell, weights = law.cell, np.asarray(law.readout.weights)
        assert isinstance(cell, DrivenCell)
        rates, unit = np.asarray(cell.rates), np.asarray(law.scale)
        d, columns = rates.shape
        outputs = weights.shape[1]
        per_input = 1 / np.asarray(cell.scale)
        each = np.zeros((rates.size + weights.size, d, columns))
        each[: rates.size] = np.eye(rates.size).reshape(rates.size, d, columns)
        of_weights = np.zeros((len(each), d, outputs))
        of_weights[rates.size :] = np.eye(weights.size).reshape(weights.size, d, outputs)
        return cls(
            rates[:, :d],
            rates[:, d:-1] * per_input,
            (weights * unit).T,
            each[..., :d],
            each[..., d:-1] * per_input,
            np.swapaxes(of_weights * unit, 1, 2),
            dx,
            covariance,
        )

    @property
    def dimension(self) -> int:
        return len(self.matrix)

    def stderr(self, slopes: Float[np.ndarray, "p ..."]) -> np.ndarray:
        """The standard errors of what moves with the law's numbers by these slopes.

        NaN where the covariance is not known.
        """
        if self.covariance is None:
            return np.full(slopes.shape[1:], np.nan)
        with np.errstate(over="ignore", invalid="ignore"):
            squares = np.einsum("p...,pq,q...->...", slopes, self.covariance, slopes)
        return np.asarray(np.sqrt(np.maximum(squares, 0.0)))

    @property
    def integrates(self) -> bool:
        """Whether a state never comes to rest under a constant push."""
        return bool(np.abs(np.linalg.eigvals(self.matrix)).min() <= STILL)

    def poles(self) -> tuple[Complex[np.ndarray, " d"], Complex[np.ndarray, "p d"]]:
        """The eigenvalues of A a sample, and their slopes: NaN where two are one and the same."""
        values, vectors = np.linalg.eig(self.matrix)
        values, vectors = values.astype(complex), vectors.astype(complex)
        try:
            left = np.linalg.inv(vectors)
        except np.linalg.LinAlgError:
            left = np.full_like(vectors, np.nan)
        return values, np.einsum("ki,pij,jk->pk", left, self.matrix_slopes, vectors)

    def transfer(self) -> TransferFunctions:
        """C (s - A)⁻¹ B as polynomials over a polynomial, by Faddeev and LeVerrier."""
        d, numbers = self.dimension, len(self.matrix_slopes)
        one = np.eye(d)
        adjugate, moved = one, np.zeros((numbers, d, d))
        over, of_over, below, of_below = [], [], [1.0], [np.zeros(numbers)]
        for k in range(1, d + 1):
            over.append(self.read @ adjugate @ self.push)
            of_over.append(
                self.read_slopes @ (adjugate @ self.push)
                + self.read @ moved @ self.push
                + self.read @ adjugate @ self.push_slopes
            )
            moved = self.matrix_slopes @ adjugate + self.matrix @ moved
            adjugate = self.matrix @ adjugate
            below.append(-float(np.trace(adjugate)) / k)
            of_below.append(-np.trace(moved, axis1=1, axis2=2) / k)
            adjugate = adjugate + below[k] * one
            moved = moved + of_below[k][:, None, None] * one
        return TransferFunctions(
            np.stack(over, axis=-1),
            np.stack(of_over, axis=-1),
            np.array(below),
            np.stack(of_below, axis=-1),
        )

    def zeros(
        self, response: int, channel: int
    ) -> tuple[Complex[np.ndarray, " zero"], Complex[np.ndarray, "p zero"]]:
        """Those of one transfer function, a sample, and their slopes.

        A leading coefficient that is zero within three standard errors is zero: what it would make
        is a zero far away of which nothing is known. What cancels a pole within as much is none.
        """
        whole = self.transfer()
        over, slopes = whole.over[response, channel], whole.over_slopes[:, response, channel]
        unsure = np.nan_to_num(_SURE * self.stderr(slopes))
        size = np.max(np.abs(over), initial=0.0)
        told = np.flatnonzero(np.abs(over) > np.maximum(unsure, _ROUNDING * size))
        first = int(told[0]) if told.size else len(over)
        values, moved = roots(over[first:], slopes[:, first:])
        kept = ~self._cancelled(values, moved)
        return values[kept], moved[:, kept]

    def _cancelled(self, zeros: np.ndarray, moved: np.ndarray) -> np.ndarray:
        """Which of the zeros are poles as well, within errors."""
        poles, shifts = self.poles()
        apart = zeros[:, None] - poles
        by = moved[:, :, None] - shifts[:, None, :]
        unsure = np.hypot(self.stderr(np.real(by)), self.stderr(np.imag(by)))
        margin = np.maximum(_SURE * np.nan_to_num(unsure), _ROUNDING * np.abs(poles))
        near = np.abs(apart) <= np.minimum(margin, _CLOSE * np.abs(poles))
        return np.asarray(near.any(axis=1))


@dataclass(frozen=True, eq=False)
class TransferFunctions:
    """over(s)/below(s) from each input to each response, the highest power first, and slopes."""

    over: Float[np.ndarray, "response input d"]
    over_slopes: Float[np.ndarray, "p response input d"]
    below: Float[np.ndarray, " degree"]
    below_slopes: Float[np.ndarray, "p degree"]


def roots(
    polynomial: Float[np.ndarray, " degree"], slopes: Float[np.ndarray, "p degree"]
) -> tuple[Complex[np.ndarray, " root"], Complex[np.ndarray, "p root"]]:
    """The roots of a polynomial, the highest power first, and how they move with it."""
    values = np.roots(polynomial).astype(complex)
    powers = values[:, None] ** np.arange(len(polynomial))[::-1]
    steep = np.polyval(np.polyder(polynomial), values) if len(values) else values
    with np.errstate(divide="ignore", invalid="ignore"):
        return values, -(slopes @ powers.T) / steep
