"""Which terms a law that is a polynomial of its state may have, in observability coordinates.

The response reads the first variable, z_i′ = z_{i+1}, and the last row is a polynomial of all of
them, at most linear in the input. An input that acts on rows above the last has z_i′ = z_{i+1} +
u g_i(z_1, …, z_i): these are triangular (Gauthier and Bornard, IEEE Trans. Autom. Control 26, 922
(1981)). Where the response is the square of the first variable nothing tells z from −z, and only
odd powers are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int

from hiddenlaw.cells.monomials import exponents_up_to


@dataclass(frozen=True)
class Form:
    """What is on offer.

    - `degree`: of the polynomials in the state.
    - `pushed`: the degree of the g_i, by which inputs act on rows above the last; −1 for none.
    - `odd`: whether only odd powers of the state are.
    """

    degree: int = 3
    pushed: int = 0
    odd: bool = False

    @property
    def said(self) -> str:
        """In words."""
        rows = {-1: "last row alone", 0: "inputs push every row"}.get(self.pushed)
        return f"degree {self.degree}, {rows or 'inputs act on every row'}"

    def offered(
        self, dimension: int, channels: int
    ) -> tuple[Int[np.ndarray, " term"], Int[np.ndarray, "term variable"]]:
        """Row and powers of every term on offer, state first."""
        powers = np.array(exponents_up_to(self.degree + 1, dimension + channels), int)
        of_state, of_input = powers[:, :dimension], powers[:, dimension:].sum(axis=1)
        size = of_state.sum(axis=1)
        kept = (size <= self.degree) & (of_input <= 1)
        if self.odd:
            kept &= size % 2 == 1
        rows, chosen = [], []
        for row in range(dimension):
            mine = kept
            if row < dimension - 1:
                later = of_state[:, row + 1 :].any(axis=1)
                mine = kept & (of_input == 1) & ~later & (size <= self.pushed)
            rows.append(np.full(int(mine.sum()), row))
            chosen.append(powers[mine])
        return np.concatenate(rows), np.concatenate(chosen)

    @property
    def linear(self) -> Form:
        """The same with nothing but what is linear in the state."""
        return Form(1, min(self.pushed, int(self.odd)), self.odd)


def chain(dimension: int, channels: int) -> tuple[np.ndarray, np.ndarray]:
    """The terms z_i′ = z_{i+1}, whose coefficient is 1."""
    powers = np.zeros((dimension - 1, dimension + channels), int)
    powers[np.arange(dimension - 1), np.arange(1, dimension)] = 1
    return np.arange(dimension - 1), powers


def is_chain(
    row: Int[np.ndarray, " term"], powers: Int[np.ndarray, "term variable"], dimension: int
) -> Bool[np.ndarray, " term"]:
    """Which of these terms are those."""
    if not len(row):
        return np.zeros(0, bool)
    after = powers[np.arange(len(row)), np.minimum(row + 1, dimension - 1)]
    return (row < dimension - 1) & (powers.sum(axis=1) == 1) & (after == 1)
