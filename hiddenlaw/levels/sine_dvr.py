"""A discrete-variable representation of -d²/dx² between two walls.

Colbert and Miller, J. Chem. Phys. 96, 1982 (1992), appendix A: the functions
φ_k(x) = √(2/L) sin(kπ(x - a)/L), k = 1…N-1, vanish at both ends of the interval, and on the points
x_j = a + jL/N a potential is diagonal. For a smooth potential the levels converge faster than any
power of 1/N.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True)
class SineBasis:
    """The sines that vanish at `low` and `high`, and the N-1 points between them.

    Expansions are over the vectors of an orthonormal problem on the points: a wave function ψ has
    the components √dx ψ(x_j).
    """

    low: float
    high: float
    intervals: int

    @property
    def length(self) -> float:
        return self.high - self.low

    @property
    def points(self) -> Float[np.ndarray, " point"]:
        return self.low + self.length * np.arange(1, self.intervals) / self.intervals

    @property
    def wave_numbers(self) -> Float[np.ndarray, " k"]:
        return np.pi * np.arange(1, self.intervals) / self.length

    def minus_second_derivative(self) -> Float[np.ndarray, "point point"]:
        """-d²/dx² on the points, eq. (A6) for ħ²/2m = 1; in 1/length²."""
        n = self.intervals
        i = np.arange(1, n)
        minus, plus = i[:, None] - i, i[:, None] + i
        np.fill_diagonal(minus, 1)  # any number that divides; the diagonal is put in below
        near = 1 / np.sin(np.pi * minus / (2 * n)) ** 2
        far = 1 / np.sin(np.pi * plus / (2 * n)) ** 2
        matrix = np.where(minus % 2 == 0, 1.0, -1.0) * (near - far)
        np.fill_diagonal(matrix, (2 * n**2 + 1) / 3 - 1 / np.sin(np.pi * i / n) ** 2)
        return matrix * np.pi**2 / (2 * self.length**2)

    def coefficients(
        self, vectors: Float[np.ndarray, "point state"]
    ) -> Float[np.ndarray, "k state"]:
        """Coefficients over the φ_k of orthonormal vectors on the points."""
        i = np.arange(1, self.intervals)
        transform = np.sqrt(2 / self.intervals) * np.sin(np.pi / self.intervals * np.outer(i, i))
        return transform @ vectors

    def evaluate(
        self, coefficients: Float[np.ndarray, "k state"], x: Float[np.ndarray, " site"]
    ) -> Float[np.ndarray, "site state"]:
        """The wave functions at any x of the interval: no interpolation, the expansion itself."""
        phase = np.outer(np.asarray(x) - self.low, self.wave_numbers)
        return np.sqrt(2 / self.length) * np.sin(phase) @ coefficients

    def end_slopes(
        self, coefficients: Float[np.ndarray, "k state"]
    ) -> tuple[Float[np.ndarray, " state"], Float[np.ndarray, " state"]]:
        """ψ' at the lower and at the upper wall."""
        slopes = np.sqrt(2 / self.length) * self.wave_numbers
        signs = np.where(np.arange(1, self.intervals) % 2 == 0, 1.0, -1.0)
        return slopes @ coefficients, (slopes * signs) @ coefficients
