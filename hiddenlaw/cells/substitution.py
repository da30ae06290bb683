"""A polynomial law for another state: z = S h put into every monomial, exactly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import product

import numpy as np
from jaxtyping import Float

# The row that is moved, and the powers of the state and, behind these, of whatever is not turned.
Key = tuple[int, ...]


def substituted(
    transform: Float[np.ndarray, "d d"], keys: Sequence[Key], values: Sequence[float] | np.ndarray
) -> dict[Key, float]:
    """The terms of z′ for z = `transform` h, given those of h′.

    A term at zero makes terms at zero. Those that were there before come first, in their order.
    """
    d = len(transform)
    back = np.linalg.inv(transform)
    made: dict[Key, dict[Key, float]] = {}
    found: dict[Key, float] = defaultdict(float)
    for (row, *powers), value in zip(keys, values, strict=True):
        state, rest = tuple(powers[:d]), tuple(powers[d:])
        expanded = made.setdefault(state, _expanded(state, back))
        for moved in np.flatnonzero(transform[:, row]):
            for other, factor in expanded.items():
                found[int(moved), *other, *rest] += transform[moved, row] * factor * value
    place = {key: i for i, key in enumerate(keys)}
    ordered = sorted(found, key=lambda key: (place.get(key, len(place)), key))
    return {key: float(found[key]) for key in ordered}


def _expanded(powers: Key, back: Float[np.ndarray, "d d"]) -> dict[Key, float]:
    """Π_j (Σ_k back[j, k] z_k)^p_j, multiplied out."""
    found: dict[Key, float] = {(0,) * len(powers): 1.0}
    for j, power in enumerate(powers):
        for _ in range(power):
            longer: dict[Key, float] = defaultdict(float)
            for (key, value), k in product(found.items(), np.flatnonzero(back[j])):
                more = tuple(p + int(i == k) for i, p in enumerate(key))
                longer[more] += value * float(back[j, k])
            found = longer
    return found
