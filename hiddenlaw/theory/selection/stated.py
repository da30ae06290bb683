"""What the numbers of a law in observability coordinates mean: coefficients in the data's units."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hiddenlaw.cells import PolynomialCell
from hiddenlaw.theory.fits.refit import Fitted
from hiddenlaw.theory.selection.forms import is_chain


class Stated(NamedTuple):
    """One term: in (y^(row))′ = y^(row+1) + …, in the last row without y^(row+1).

    `powers` are those of y, y′, … and then of the inputs. Where the response is a square, y is its
    root.
    """

    row: int
    powers: tuple[int, ...]
    value: float
    stderr: float


def stated(fit: Fitted, dx: float) -> list[Stated]:
    """All terms of the law but y^(row+1), over x in the data's unit.

    The variables of the law are y^(k) in units of the response's scale (or its root) and of sites.
    """
    law, cell = fit.law, fit.law.cell
    assert isinstance(cell, PolynomialCell)
    d, unit = law.dimension, law.readout.state_unit(float(np.asarray(law.scale)[0]))
    sizes = np.concatenate([unit / dx ** np.arange(d), cell.scale])
    factors = sizes[cell.row] / dx / np.prod(sizes**cell.powers, axis=1)
    values, errors = factors * cell.coefficients, factors * fit.stderr(slice(0, len(cell.row)))
    rest = np.flatnonzero(~is_chain(cell.row, cell.powers, d))
    return [
        Stated(
            int(cell.row[k]), tuple(map(int, cell.powers[k])), float(values[k]), float(errors[k])
        )
        for k in rest
    ]
