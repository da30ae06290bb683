"""Many monomials of a few variables at once, each the product of two smaller ones.

1 and the variables stand first. Every further monomial is the product of two of about half its
degree, so that all of them up to degree 4 take two multiplications of arrays, and up to degree 8
three. Places are last, so that every row is contiguous.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

Powers = tuple[int, ...]


class _Level(NamedTuple):
    """The rows `rows` are the products of the rows `first` and `second`."""

    rows: slice
    first: Int[np.ndarray, " row"]
    second: Int[np.ndarray, " row"]


class Filling(NamedTuple):
    """The `result`: rows that are products of a `left` and a `right`, which are `taken` before."""

    of: Int[np.ndarray, " factor"]
    taken: Float[np.ndarray, "factor place"]
    left: Float[np.ndarray, "row place"]
    right: Float[np.ndarray, "row place"]
    result: Float[np.ndarray, "row place"]

    def fill(self, rows: Float[np.ndarray, "row place"]) -> None:
        rows.take(self.of, 0, self.taken, "clip")  # "raise" would copy once more
        np.multiply(self.left, self.right, out=self.result)


class Products:
    """The monomials of `powers` (term, n), those of their derivatives, and what makes them up.

    - `place` (term,): the row of each.
    - `count`: how many rows there are.
    - `slopes`: for every variable and term whose derivative by it is not zero: variable, term, the
      row of the monomial that it is a multiple of, and the factor.
    """

    def __init__(self, powers: Int[np.ndarray, "term n"]) -> None:
        self.variables = powers.shape[1]
        every = [tuple(map(int, row)) for row in powers]
        lower = [
            (k, term, _less(row, k), row[k])
            for term, row in enumerate(every)
            for k in range(self.variables)
            if row[k]
        ]
        rows = _ordered([*every, *(row for _, _, row, _ in lower)], self.variables)
        index = {row: i for i, row in enumerate(rows)}
        self.count = len(rows)
        self.place = np.array([index[row] for row in every], int)
        self.slopes = np.array([(k, t, index[r], f) for k, t, r, f in lower], int).reshape(-1, 4)
        self._levels: list[_Level] = []
        at, reach = 1 + self.variables, 2
        while at < len(rows):
            end = at + sum(reach // 2 < sum(row) <= reach for row in rows[at:])
            halves = [_halves(row) for row in rows[at:end]]
            first, second = (np.array([index[half[i]] for half in halves], int) for i in (0, 1))
            if end > at:
                self._levels.append(_Level(slice(at, end), first, second))
            at, reach = end, 2 * reach

    def room(self, *shape: int) -> Float[np.ndarray, "*shape"]:
        """Somewhere to write to: rows before the last axis, the first of them 1."""
        found = np.empty((*shape[:-1], self.count, shape[-1]))
        found[..., 0, :] = 1.0
        return found

    def scratch(self, places: int) -> Float[np.ndarray, "factor place"]:
        """Room for the factors of a level."""
        return np.empty((2 * max((len(level.first) for level in self._levels), default=0), places))

    def filling(
        self, rows: Float[np.ndarray, "row place"], scratch: Float[np.ndarray, "factor place"]
    ) -> list[Filling]:
        """How the rows behind the variables are filled from these, over and over."""
        found = []
        for level in self._levels:
            half, both = len(level.first), np.concatenate([level.first, level.second])
            taken = scratch[: 2 * half]
            found.append(Filling(both, taken, taken[:half], taken[half:], rows[level.rows]))
        return found


def products(powers: Int[np.ndarray, "term n"]) -> Products:
    """The same for the same powers: it is worked out once."""
    powers = np.ascontiguousarray(powers, dtype=np.int64)
    return _products(powers.shape, powers.tobytes())


@lru_cache(maxsize=64)
def _products(shape: tuple[int, ...], powers: bytes) -> Products:
    return Products(np.frombuffer(powers, dtype=np.int64).reshape(shape))


def _ordered(wanted: list[Powers], variables: int) -> list[Powers]:
    """1, the variables, then these and all that they are products of, by degree."""
    first = [(0,) * variables, *(tuple(map(int, row)) for row in np.eye(variables, dtype=int))]
    found, waiting = set(first), list(wanted)
    while waiting:
        row = waiting.pop()
        if row not in found:
            found.add(row)
            waiting += _halves(row)
    return first + sorted(found - set(first), key=lambda row: (sum(row), row[::-1]))


def _less(row: Powers, variable: int) -> Powers:
    """One power fewer of this variable."""
    return tuple(power - (k == variable) for k, power in enumerate(row))


def _halves(row: Powers) -> tuple[Powers, Powers]:
    """Two monomials of about half the degree, whose product this is."""
    left = (sum(row) + 1) // 2
    first = []
    for power in row:
        first.append(min(power, left))
        left -= first[-1]
    return tuple(first), tuple(power - taken for power, taken in zip(row, first, strict=True))
