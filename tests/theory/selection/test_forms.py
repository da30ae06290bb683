"""Terms on offer, and laws as they are written with them."""

from dataclasses import replace
from math import comb

import numpy as np
import pytest

from hiddenlaw.cells import Coefficient, PolynomialCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.holds import Span
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import layout
from hiddenlaw.preparations import Own, Shared
from hiddenlaw.readouts import Linear
from hiddenlaw.theory.fits.refit import Fitted
from hiddenlaw.theory.selection.beginning import widened
from hiddenlaw.theory.selection.centring import middle_of_response, put_back
from hiddenlaw.theory.selection.forms import Form, chain, is_chain
from hiddenlaw.theory.selection.forward import free_numbers

SPAN = Span((-1.0,), (1.0,))


@pytest.mark.parametrize(("d", "degree"), [(1, 3), (2, 3), (3, 2), (2, 5)])
def test_the_last_row_has_every_monomial_with_the_input_and_without(d, degree):
    row, powers = Form(degree, pushed=-1).offered(d, 1)
    assert (row == d - 1).all()
    assert len(row) == 2 * comb(d + degree, degree)
    assert len({tuple(each) for each in powers}) == len(row)


def test_rows_above_the_last_are_triangular():
    row, powers = Form(3, pushed=2).offered(3, 1)
    for k in range(2):
        mine = powers[row == k]
        assert (mine[:, 3] == 1).all()
        assert not mine[:, k + 1 : 3].any()
        assert len(mine) == comb(k + 1 + 2, 2)


def test_a_square_is_asked_for_odd_powers_alone():
    _, powers = Form(3, 1, odd=True).offered(2, 1)
    assert (powers[:, :2].sum(axis=1) % 2 == 1).all()
    assert [3, 0, 0] in powers.tolist()


def test_derivatives_are_known_by_their_places():
    row, powers = chain(3, 2)
    assert is_chain(row, powers, 3).all()
    assert not is_chain(*Form(3, 3).offered(3, 2), 3).any()
    assert is_chain(np.zeros(0, int), np.zeros((0, 3), int), 2).shape == (0,)


@pytest.mark.parametrize("shared", [False, True])
def test_a_wider_law_contains_the_narrower(shared):
    """It answers alike, though its last variable follows the others and is not told by them."""
    still, rng = (0,), np.random.default_rng(0)
    terms = [
        Coefficient(0, (1,), still, 1.0),
        Coefficient(0, (0,), (1,), 0.02),
        Coefficient(1, (), still, 0.01),
        Coefficient(1, (0,), still, -0.04),
        Coefficient(1, (1,), still, -0.04),
        Coefficient(1, (0, 0, 1), still, -0.03),
        Coefficient(1, (0,), (1,), 0.05),
        Coefficient(1, (), (1,), 0.1),
    ]
    cell = replace(PolynomialCell.of(terms, 2, SPAN), substeps=8, clip=None)
    begun = Shared(np.array([0.3, -0.1])) if shared else Own(0.3 * rng.normal(size=(5, 2)))
    law = Law(begun, cell, Linear(np.eye(2)[:, :1], np.zeros(0)), np.ones(1))
    wide = widened(law)
    shown = Shown.unanswered(rng.uniform(-1, 1, (5, 60, 1)))
    assert wide.dimension == 3
    assert wide.outputs(shown) == pytest.approx(law.outputs(shown), abs=1e-8)


def test_a_law_about_its_middle_answers_as_that_about_zero():
    """The covariance is that of the same numbers: of a coefficient of highest degree as it was."""
    still, rng = (0,), np.random.default_rng(0)
    terms = [
        Coefficient(0, (1,), still, 1.0),
        Coefficient(0, (0,), (1,), 0.02),
        Coefficient(1, (0,), still, -0.04),
        Coefficient(1, (0, 0, 1), still, -0.03),
        Coefficient(1, (), (1,), 0.1),
    ]
    cell = PolynomialCell.of(terms, 2, SPAN)
    starts = Own(0.3 * rng.normal(size=(5, 2)))
    law = Law(starts, cell, Linear(np.eye(2)[:, :1], np.zeros(0)), np.full(1, 2.0))
    shown = Shown.unanswered(rng.uniform(-1, 1, (5, 60, 1)))
    place, root = layout(law), np.zeros((7, 7))
    root[:5] = rng.normal(size=(5, 7))  # the readout is known
    dense = np.flatnonzero(place.mask(cell=True, weights=True))
    fit = Fitted(law, free_numbers(law), dense, root @ root.T, None, 0.1)
    raised = put_back(fit, 7.0)
    assert raised.law.outputs(shown) == pytest.approx(law.outputs(shown) + 3.5, abs=1e-10)
    cell = raised.law.cell
    highest = cell.powers.tolist().index([2, 1, 0])
    assert raised.stderr(slice(highest, highest + 1)) == pytest.approx(fit.stderr(slice(3, 4)))
    lower = cell.powers.tolist().index([1, 1, 0])  # −2a times that of the highest
    assert raised.stderr(slice(lower, lower + 1)) == pytest.approx(7 * fit.stderr(slice(3, 4)))


@pytest.mark.parametrize(("low", "high", "middle"), [(-1, 3, 0), (0.2, 3, 0), (96, 100, 98)])
def test_responses_far_from_zero_are_taken_about_their_middle(low, high, middle):
    response = np.linspace(low, high, 20).reshape(2, 10)
    assert middle_of_response(Dataset.from_arrays(np.zeros((2, 10)), response)) == middle
