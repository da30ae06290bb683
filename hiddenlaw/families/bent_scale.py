"""Whether a polynomial law may be one that is linear in its state, seen on a bent scale.

Of y = f(x), where x'' is linear in x and x', the second derivative has the term (f''/f'²) y'². A
cube of y' is none of it: damping that grows looks like that.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import PolynomialCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.law import Law, Shown
from hiddenlaw.theory.theory import Theory

_MATTERS = 0.1  # of the largest term that bends: what the square of a derivative must come to


def bends(theory: Theory) -> bool:
    """Whether its law is not linear in its state."""
    cell = theory.law.cell
    return isinstance(cell, PolynomialCell) and bool(
        (cell.powers[:, : cell.dimension].sum(axis=1) > 1).any()
    )


def as_bent_scale(law: Law, train: Dataset) -> bool:
    """Whether the square of a derivative matters beside the other powers in the law, along the runs
    to which it was fitted.
    """
    cell = law.cell
    if not isinstance(cell, PolynomialCell):
        return False
    d = cell.dimension
    last = cell.row == d - 1
    squares = last & (cell.powers[:, 1:d] == 2).any(axis=1)
    if not squares.any():
        return False
    bent = last & (cell.powers[:, :d].sum(axis=1) > 1)
    sizes = _sizes(law, train)
    return bool(sizes[squares].max() >= _MATTERS * sizes[bent].max())


def _sizes(law: Law, train: Dataset) -> Float[np.ndarray, " term"]:
    """The root mean square of every term."""
    cell = law.cell
    assert isinstance(cell, PolynomialCell)
    with np.errstate(over="ignore", invalid="ignore"):
        states = law.states(Shown.measured(train, law.scale))
    seen = np.swapaxes(train.observed.any(axis=2), 0, 1) & np.isfinite(states).all(axis=2)
    inputs = np.swapaxes(train.input, 0, 1)[seen] / cell.scale[: train.input.shape[2]]
    constants = np.ones((len(inputs), cell.channels - inputs.shape[1]))
    values = np.concatenate([states[seen], inputs, constants], axis=1)
    mean = [np.mean(np.prod(values**powers, axis=1) ** 2) for powers in cell.powers]
    return np.abs(np.asarray(cell.coefficients)) * np.sqrt(mean)
