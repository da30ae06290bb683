"""What a law that is solved in steps owes to the steps is told from what it owes to the data."""

import numpy as np
import pytest

from hiddenlaw.cells import Coefficient, DrivenCell, PolynomialCell
from hiddenlaw.holds import applied_to
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import Shared
from hiddenlaw.readouts import Linear
from hiddenlaw.systems import Duffing
from hiddenlaw.theory.fits.cell_error import cell_error

DATA = Duffing().simulate(runs=6, sites=20, dx=0.5, seed=0)
SCALE = np.sqrt(DATA.variance)
SHOWN = Shown.measured(DATA, SCALE)
TRUE = [
    Coefficient(0, (1,), (0,), 1.0),
    Coefficient(1, (0,), (0,), -1.0),
    Coefficient(1, (1,), (0,), -0.2),
    Coefficient(1, (0, 0, 0), (0,), -1.0),
    Coefficient(1, (), (1,), 1.0),
]
FIRST = Linear(np.array([[1.0], [0.0]]) / SCALE, np.zeros(0))


@pytest.mark.parametrize("substeps", [1, 2])
def test_for_a_polynomial_law_it_is_what_the_true_law_leaves_of_clean_data(substeps):
    cell = PolynomialCell.of(TRUE, 2, applied_to(DATA).span, DATA.dx).in_steps(substeps)
    law = Law(Shared(np.zeros(2)), cell, FIRST, SCALE)
    left = law.loss(SHOWN)
    assert left > 1e-16
    assert cell_error(law, DATA, SHOWN) == pytest.approx(left, rel=0.1)


def test_where_a_law_is_solved_exactly_there_is_none():
    cell = DrivenCell.random(2, applied_to(DATA).span, rng=np.random.default_rng(0))
    assert cell_error(Law(Shared(np.zeros(2)), cell, FIRST, SCALE), DATA, SHOWN) == 0
