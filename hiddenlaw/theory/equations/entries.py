"""Entries of a law's matrices as coefficients in the data's units, and back.

The matrices hold the law per site over monomials of the scaled input; where the law is driven,
their last row and column belong to a variable that is 1 and does not move.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float

from hiddenlaw.cells.monomials import Exponents
from hiddenlaw.cells.terms import Coefficient


def coefficients(
    matrices: Float[np.ndarray, "term d d"],
    free: Bool[np.ndarray, "term d d"],
    exponents: Exponents,
    scale: Float[np.ndarray, " channel"],
    dx: float,
    orders: Sequence[int],
    *,
    constant: bool = False,
) -> tuple[list[Coefficient], Float[np.ndarray, " p"], list[int]]:
    """Free entries of matrices per site over scaled monomials, in the data's units.

    Returns the coefficients, the factors that turned entries into them, and the entries' flat
    indices (to find their covariance). A state variable is in units of the response over dx to the
    power of its entry in `orders`: how often it is differentiated. With `constant` the last of
    them is 1, and its column drives.
    """
    found, factors, indices = [], [], []
    last = len(orders) - 1 if constant else None
    for flat, (term, row, column) in enumerate(np.ndindex(*matrices.shape)):
        if free[term, row, column]:
            unit = float(np.prod(np.power(scale, exponents[term])))
            factor = dx ** (orders[column] - orders[row] - 1) / unit
            value = float(matrices[term, row, column]) * factor
            state = () if column == last else (column,)
            found.append(Coefficient(row, state, exponents[term], value))
            factors.append(factor)
            indices.append(flat)
    return found, np.array(factors), indices


def raw_matrices(
    found: list[Coefficient],
    exponents: Exponents,
    orders: Sequence[int],
    *,
    waves: int = 1,
    constant: bool = False,
) -> Float[np.ndarray, "term d d"]:
    """The law's matrices over the input itself: z′ = Σ_e matrices[e] V^e z, in the data's units.

    `orders` says how often each variable is differentiated: the variable k is that of the
    derivative of the variable k − `waves`, as a canonical basis has them. With `constant` the last
    variable is 1. Raises `ValueError` for a product of the state, which no matrix holds.
    """
    d = len(orders)
    matrices = np.zeros((len(exponents), d, d))
    for row in range(d - waves):
        matrices[0, row, row + waves] = float(orders[row + waves] == orders[row] + 1)
    for c in found:
        if len(c.state) > 1 or (not c.state and not constant):
            raise ValueError(f"no matrix holds a term with {len(c.state)} factors of the state")
        column = c.state[0] if c.state else d - 1
        matrices[exponents.index(c.input), c.row, column] = c.value
    return matrices
