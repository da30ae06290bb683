"""The terms of a polynomial law: in another basis, for other inputs, on offer beside its own."""

import json
from dataclasses import replace

import numpy as np
import pytest
from duffing_law import DX, RUNS, D, law, starts
from hypothesis import given, settings
from hypothesis import strategies as st

from hiddenlaw.cells import Coefficient, PolynomialCell, pairs_up_to
from hiddenlaw.cells._products import Products
from hiddenlaw.cells.monomials import exponents_up_to
from hiddenlaw.errors import SettingsError
from hiddenlaw.holds import Span
from hiddenlaw.results.theories import _cell, _of_cell


@given(st.integers(0, 2**16), st.integers(1, 3), st.integers(1, 5))
@settings(deadline=None, max_examples=25)
def test_in_another_basis_it_is_the_same_law(seed, d, degree):
    """Of any degree: z = S h moves as S times what h does, whatever the input."""
    rng = np.random.default_rng(seed)
    span = Span((-1.0, -2.0), (1.0, 1.0))
    cell = PolynomialCell.over(d, span, degree=degree, input_degree=2)
    cell = replace(cell, coefficients=0.1 * rng.normal(size=len(cell.coefficients)), clip=None)
    h, u = rng.uniform(-1, 1, (RUNS, d)), rng.uniform(-1, 1, (RUNS, 2))
    turn = np.eye(d) + 0.3 * rng.uniform(-1, 1, (d, d))
    turned = cell.in_basis(turn)
    np.testing.assert_allclose(
        turned.advance(h @ turn.T, u), cell.advance(h, u) @ turn.T, rtol=1e-9
    )
    back = turned.in_basis(np.linalg.inv(turn))
    np.testing.assert_allclose(back.advance(h, u), cell.advance(h, u), rtol=1e-9, atol=1e-12)


def test_a_basis_scaled_or_left_as_it_is_has_the_same_terms_in_the_same_order():
    cell = PolynomialCell.of(law(), D, Span((-1.0,), (2.0,)), DX)
    cell = cell.offering(*pairs_up_to(1, D, 1))
    for turned in (cell.in_basis(np.eye(D)), cell.in_basis(np.diag([2.0, 0.5]))):
        np.testing.assert_array_equal(turned.row, cell.row)
        np.testing.assert_array_equal(turned.powers, cell.powers)
    np.testing.assert_array_equal(cell.in_basis(np.eye(D)).coefficients, cell.coefficients)


def test_limits_hold_whatever_was_within_them_in_another_basis():
    cell = PolynomialCell.of(law(), D, Span((-1.0,), (2.0,)), DX)
    cell = cell.reaching(np.array([-1.0, 0.0]), np.array([2.0, 3.0]))
    turn = np.array([[1.0, 0.5], [-0.3, 2.0]])
    low, high = cell.limits[:D].T
    corners = np.array([[x, y] for x in (low[0], high[0]) for y in (low[1], high[1])]) @ turn.T
    turned = cell.in_basis(turn).limits[:D]
    np.testing.assert_allclose(turned[:, 0], corners.min(axis=0))
    np.testing.assert_allclose(turned[:, 1], corners.max(axis=0))


def test_its_terms_are_the_law_it_was_made_of_whatever_the_span():
    span = Span((-1.0, 0.5), (2.0, 4.0))
    cell = PolynomialCell.of(law(2), D, span, DX)
    for same in (cell, cell.with_span(Span((-7.0, -1.0), (3.0, 1.0)))):
        assert [term[:3] for term in same.terms(DX)] == [term[:3] for term in law(2)]
        values = [term.value for term in same.terms(DX)]
        np.testing.assert_allclose(values, [term.value for term in law(2)], rtol=1e-14)
    wide = cell.with_span(Span((-7.0, -1.0), (3.0, 5.0)))
    u = np.random.default_rng(0).uniform(0.5, 2.0, (RUNS, 2))
    np.testing.assert_allclose(wide.advance(starts(), u), cell.advance(starts(), u), rtol=1e-13)
    assert wide.with_span(Span((0.0, 0.0), (1.0, 1.0), 0.1)).varies


def test_terms_on_offer_stand_beside_its_own_at_zero():
    cell = PolynomialCell.of(law(), D, Span((-1.0,), (2.0,)), DX)
    more = cell.offering(*pairs_up_to(3, D, 1))
    np.testing.assert_array_equal(more.parameters[: len(law())], cell.parameters)
    assert not more.parameters[len(law()) :].any()
    assert len({(r, *p) for r, p in zip(more.row, map(tuple, more.powers), strict=True)}) == 32
    assert more.terms(DX) == cell.terms(DX)
    u = np.full((RUNS, 1), 0.5)
    np.testing.assert_allclose(more.advance(starts(), u), cell.advance(starts(), u), rtol=1e-14)
    fewer = more.keeping(more.parameters != 0)
    np.testing.assert_array_equal(fewer.powers, cell.powers)


@pytest.mark.parametrize(
    ("state", "inputs", "count"), [(3, 1, 16), (2, 1, 12), (3, 3, 20), (1, 0, 3)]
)
def test_degrees_in_state_and_input_are_limited_apart(state, inputs, count):
    span = Span((-1.0,), (2.0,))
    cell = PolynomialCell.over(D, span, state_degree=state, input_degree=inputs)
    assert len(cell.parameters) == D * count
    assert cell.powers[:, :D].sum(axis=1).max() == state
    assert cell.powers.sum(axis=1).max() <= 3


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ([Coefficient(2, (0,), (0,), 1.0)], "no term of 2 state variables and 1 inputs"),
        ([Coefficient(0, (0,), (0, 1), 1.0)], "no term of 2 state variables and 1 inputs"),
        ([Coefficient(0, (0, 1), (0,), 1.0), Coefficient(0, (1, 0), (0,), 1.0)], "stands twice"),
    ],
)
def test_what_is_no_law_is_refused(terms, message):
    with pytest.raises(SettingsError, match=message):
        PolynomialCell.of(terms, D, Span((-1.0,), (1.0,)), DX)


@pytest.mark.parametrize("degree", [1, 2, 3, 4, 5, 7])
def test_monomials_are_what_they_are_called(degree):
    """Those of a few random powers, and of all derivatives, against powers."""
    rng = np.random.default_rng(degree)
    every = np.array(exponents_up_to(degree, 3), int)
    powers = every[rng.permutation(len(every))[: 1 + len(every) // 3]]
    plan = Products(powers)
    rows, values = plan.room(5), rng.normal(size=(3, 5))
    rows[1:4] = values
    for each in plan.filling(rows, plan.scratch(5)):
        each.fill(rows)
    found = rows[plan.place]
    np.testing.assert_allclose(found, np.prod(values.T ** powers[:, None], axis=2), rtol=1e-13)
    slopes = np.zeros((3, len(powers), 5))
    for variable, term, row, factor in plan.slopes:
        slopes[variable, term] += factor * rows[row]
    for k in range(3):
        lower = np.maximum(powers - np.eye(3, dtype=int)[k], 0)
        expected = powers[:, k, None] * np.prod(values.T ** lower[:, None], axis=2)
        np.testing.assert_allclose(slopes[k], expected, rtol=1e-13)


def test_written_into_a_run_and_read_back_it_is_the_same():
    span = Span((-1.0,), (2.0,), 0.3)
    for cell in (PolynomialCell.of(law(), D, span, DX), PolynomialCell.over(1, span, degree=2)):
        kept = json.loads(json.dumps(_of_cell(replace(cell, clip=None))))
        again = _cell({"coefficients": cell.coefficients}, kept, span)
        assert isinstance(again, PolynomialCell)
        assert (again.clip, again.substeps, again.varies) == (None, 2, True)
        assert again.terms(DX) == cell.terms(DX)
        np.testing.assert_array_equal(again.powers, cell.powers)
