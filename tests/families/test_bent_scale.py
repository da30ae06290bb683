"""Which polynomial laws may be linear ones, seen on a bent scale."""

import numpy as np
import pytest

from hiddenlaw.cells import Coefficient, PolynomialCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.families.bent_scale import as_bent_scale
from hiddenlaw.holds import Span
from hiddenlaw.law import Law
from hiddenlaw.preparations import Shared
from hiddenlaw.readouts import Linear

DX = 0.1
PUSHED = [
    Coefficient(0, (1,), (0,), 1.0),
    Coefficient(1, (0,), (0,), -1.0),
    Coefficient(1, (1,), (0,), -0.2),
    Coefficient(1, (), (1,), 1.0),
    Coefficient(1, (0, 0, 0), (0,), -1.0),
]


def judged(*more):
    """Of a spring that stiffens, with terms beside it."""
    input = np.random.default_rng(0).uniform(-1, 1, (10, 60, 1)).repeat(2, axis=1)
    data = Dataset.from_arrays(input, np.random.default_rng(1).normal(size=(10, 120, 1)), dx=DX)
    cell = PolynomialCell.of([*PUSHED, *more], 2, Span((-1.0,), (1.0,), None), DX)
    law = Law(Shared(np.zeros(2)), cell, Linear(np.eye(2)[:, :1], np.zeros(0)), np.ones(1))
    return as_bent_scale(law, data)


def test_the_square_of_a_derivative_is_what_a_bent_scale_leaves():
    """Of y = x + c x² / 2 + …, with x = 0 at y = 0, it is c y'²."""
    assert judged(Coefficient(1, (1, 1), (0,), 0.5))
    assert judged(Coefficient(1, (0, 1, 1), (0,), 0.8))


@pytest.mark.parametrize(
    "term",
    [
        Coefficient(1, (1, 1, 1), (0,), -0.5),  # damping that grows
        Coefficient(1, (0, 0, 1), (0,), -0.5),  # van der Pol's
        Coefficient(1, (1, 1), (0,), 1e-4),  # of no weight
    ],
)
def test_other_powers_are_none(term):
    assert not judged(term)


def test_powers_of_the_response_alone_are_none():
    assert not judged()
