"""The driven cell against SciPy's discretisation and integrator."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.signal import cont2discrete

from hiddenlaw.cells import CELLS, DrivenCell
from hiddenlaw.cells._driven_steps import chained
from hiddenlaw.holds import Span, applied

D, RUNS, SITES = 3, 4, 7


def cell_and_input(hold, channels=1, seed=0):
    rng = np.random.default_rng(seed)
    shown = applied(rng.uniform(-1.0, 3.0, (RUNS, SITES, channels)), hold)
    return DrivenCell.random(D, shown.span, rng=rng), shown.values


def starts(seed=5):
    return np.random.default_rng(seed).normal(size=(RUNS, D))


def parts(cell):
    """A, B and c over one site, for the input itself."""
    m, rates = cell.channels, np.asarray(cell.rates)
    b = rates[:, D : D + m] / cell.scale
    return rates[:, :D], b, rates[:, -1] - b @ cell.offset


def test_it_goes_by_its_name():
    assert CELLS["driven"] is DrivenCell


@pytest.mark.parametrize("channels", [1, 2])
def test_where_the_input_is_held_it_is_scipys_discrete_system(channels):
    cell, input = cell_and_input("zero", channels)
    a, b, c = parts(cell)
    width = channels + 1
    system = a, np.column_stack([b, c]), np.eye(D), np.zeros((D, width))
    discrete, push, *_ = cont2discrete(system, 1.0)
    z = starts()
    found = cell.steps(cell.prepared(input)).states(z)
    for site in range(SITES):
        z = z @ discrete.T + np.column_stack([input[:, site], np.ones(RUNS)]) @ push.T
        np.testing.assert_allclose(found[site], z, rtol=1e-11)


def test_where_the_input_is_linear_between_samples_it_is_exact():
    rng = np.random.default_rng(2)
    u = rng.uniform(-1.0, 3.0, (1, SITES, 1))
    shown = applied(u, "first")
    cell = DrivenCell.random(D, shown.span, rng=rng)
    a, b, c = parts(cell)

    def slope(t, z):
        return a @ z + b[:, 0] * np.interp(t, np.arange(SITES), u[0, :, 0]) + c

    z = starts()[0]
    found = cell.steps(cell.prepared(shown.values)).states(z[None])[:, 0]
    np.testing.assert_array_equal(found[0], z)  # the start sits at the first sample
    for site in range(1, SITES):
        z = solve_ivp(slope, (site - 1, site), z, rtol=1e-11, atol=1e-12).y[:, -1]
        np.testing.assert_allclose(found[site], z, rtol=1e-8)


@pytest.mark.parametrize("hold", ["zero", "first", "cubic"])
def test_sensitivities_are_finite_differences(hold):
    cell, input = cell_and_input(hold)
    begun, flat, step = starts(), cell.parameters, 1e-6

    def states(numbers):
        other = cell.with_parameters(numbers)
        return other.steps(other.prepared(input)).states(begun)

    along = cell.steps(cell.prepared(input))
    initial = np.broadcast_to(np.eye(D), (RUNS, D, D))
    columns = np.arange(1, flat.size)
    found = along.sensitivities(begun, along.states(begun), initial, columns)
    for place, column in enumerate(columns):
        moved = step * np.eye(flat.size)[column]
        expected = (states(flat + moved) - states(flat - moved)) / (2 * step)
        np.testing.assert_allclose(found[..., place], expected, atol=1e-7)
    by_start = found[..., len(columns) :]
    along_first = begun + step * np.eye(D)[0]
    expected = (along.states(along_first) - along.states(begun)) / step
    np.testing.assert_allclose(by_start[..., 0], expected, atol=1e-6)


@pytest.mark.parametrize("hold", ["zero", "first"])
def test_site_by_site_it_is_the_same(hold):
    cell, input = cell_and_input(hold)
    whole, z = cell.steps(cell.prepared(input)).states(starts()), starts()
    for site in range(SITES):
        before, z = z, cell.advance(z, input[:, site])
        np.testing.assert_allclose(z, whole[site], rtol=1e-12)
        moved = cell.advance(before + 1.0, input[:, site]) - z
        expected = cell.transition(input[:, site]) @ np.ones(D)
        np.testing.assert_allclose(moved, expected, rtol=1e-9)


@given(st.integers(0, 2**16))
@settings(deadline=None, max_examples=20)
def test_another_basis_and_another_span_are_the_same_law(seed):
    cell, input = cell_and_input("zero", 2, seed)
    z = starts(seed)
    expected = cell.steps(cell.prepared(input)).states(z)
    turn = np.eye(D) + 0.3 * np.random.default_rng(seed).uniform(-1, 1, (D, D))
    turned = cell.in_basis(turn)
    found = turned.steps(turned.prepared(input)).states(z @ turn.T)
    np.testing.assert_allclose(found, expected @ turn.T, rtol=1e-9, atol=1e-9)
    plain = cell.with_span(Span((-5.0, -1.0), (2.0, 9.0)))
    assert not np.any(plain.offset)
    np.testing.assert_allclose(plain.steps(plain.prepared(input)).states(z), expected, rtol=1e-9)


def test_its_terms_are_its_coefficients():
    cell, _ = cell_and_input("zero", 2)
    cell = cell.with_span(Span((-1.0, -1.0), (3.0, 3.0)))
    dx, (a, b, c) = 0.1, parts(cell)
    terms = cell.terms(dx)
    assert len(terms) == cell.parameters.size
    found = {(t.row, t.state, t.input): t.value for t in terms}
    assert found[1, (2,), (0, 0)] == pytest.approx(a[1, 2] / dx)
    assert found[0, (), (0, 1)] == pytest.approx(b[0, 1] / dx)
    assert found[2, (), (0, 0)] == pytest.approx(c[2] / dx)
    still = cell.with_parameters(np.where(np.arange(cell.parameters.size) == 3, 1.0, 0.0))
    assert [(t.row, t.state, t.input) for t in still.terms(dx)] == [(0, (), (1, 0))]


@pytest.mark.parametrize("sites", [1, 2, 3, 7, 16, 50])
def test_block_by_block_is_site_by_site(sites):
    rng = np.random.default_rng(sites)
    matrix, start = 0.5 * rng.normal(size=(3, 3)), rng.normal(size=(4, 3))
    pushed = rng.normal(size=(sites, 4, 3))
    expected, z = [], start
    for push in pushed:
        z = z @ matrix.T + push
        expected.append(z)
    np.testing.assert_allclose(chained(matrix, pushed, start), expected, rtol=1e-11, atol=1e-11)
