"""The cell for inputs that vary inside it, against SciPy's integrator."""

import itertools

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline

from hiddenlaw.cells import MagnusCell, Monomials, generator_over
from hiddenlaw.holds import applied, constant
from hiddenlaw.systems import transfer_matrix

ENERGY = 0.37
A = np.array([[0.0, 1.0], [-ENERGY, 0.0]])
B = np.array([[0.0, 0.0], [1.0, 0.0]])


def travel(dx, hold, sites):
    """States of the cell from site to site, those of DOP853, and the states' scale."""
    x = dx * np.arange(sites)
    v = -2 + np.sin(1.3 * x) + 0.5 * np.cos(2.1 * x + 1)
    if hold == "cubic":
        between = CubicSpline(x, v)
    else:
        between = lambda at: np.interp(at, x, v)  # noqa: E731
    shown = applied(v[None, :, None], hold)
    matrices = dx * np.stack([A, B])
    cell = generator_over(matrices, Monomials.plain(((0,), (1,))), shown.span)
    assert isinstance(cell, MagnusCell)
    moves = cell.transition(shown.values[0])
    state, found = np.array([1.0, 0.0]), []
    for move in moves:
        state = move @ state
        found.append(state)
    law = lambda at, y: (A + B * between(at)) @ y  # noqa: E731
    exact = [np.array([1.0, 0.0])]
    for left, right in itertools.pairwise(x):  # no kink inside an integration
        step = solve_ivp(law, (left, right), exact[-1], method="DOP853", rtol=1e-12, atol=1e-13)
        exact.append(step.y[:, -1])
    return np.array(found), np.array(exact)


@pytest.mark.parametrize("hold", ["first", "cubic"])
def test_the_step_is_of_fourth_order_and_starts_at_the_first_site(hold):
    coarse, exact = travel(0.2, hold, 41)
    np.testing.assert_array_equal(coarse[0], [1.0, 0.0])
    error = np.abs(coarse - exact).max()
    assert error < 2e-4
    if hold == "cubic":  # with kinks the input itself changes with the grid
        fine, exact = travel(0.1, hold, 81)
        assert np.abs(fine - exact).max() < error / 12


def test_an_input_that_stays_is_a_matrix_exponential():
    v = np.linspace(-4.0, 1.0, 30)[:, None]
    shown = applied(np.tile(v[None], (1, 1, 1)), "cubic")
    cell = generator_over(0.2 * np.stack([A, B]), Monomials.plain(((0,), (1,))), shown.span)
    found = cell.transition(constant(v[1:-1], "cubic"))
    exact = transfer_matrix(v[1:-1, 0] - ENERGY, 0.2)
    np.testing.assert_allclose(found, exact, atol=1e-11)
