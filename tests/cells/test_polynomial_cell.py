"""The polynomial cell against SciPy's integrator and finite differences."""

from dataclasses import replace

import numpy as np
import pytest
from duffing_law import DX, RUNS, SITES, D, along, drive, law, rate, starts
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline

from hiddenlaw.cells import CELLS, Coefficient, PolynomialCell, pairs_up_to
from hiddenlaw.holds import Span, applied
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import Own
from hiddenlaw.readouts import Linear
from hiddenlaw.training.least_squares import LeastSquares


def test_it_goes_by_its_name():
    assert CELLS["polynomial"] is PolynomialCell


@pytest.mark.parametrize(("hold", "channels"), [("zero", 1), ("zero", 2), ("first", 1)])
def test_cell_by_cell_it_is_scipys_integrator(hold, channels):
    terms, (u, shown) = law(channels), drive(hold, channels)
    cell = PolynomialCell.of(terms, D, shown.span, DX).in_steps(16)
    found = along(cell, shown.values).states(starts())

    def input_at(run, site, t):
        if hold == "zero":
            return u[run, site]
        return u[run, site - 1] + (u[run, site] - u[run, site - 1]) * t / DX

    for run in range(RUNS):
        z = starts()[run]
        for site in range(SITES):
            if site or hold == "zero":
                z = solve_ivp(
                    lambda t, z, at=(run, site): rate(terms, z, input_at(*at, t)),
                    (0, DX),
                    z,
                    "DOP853",
                    rtol=1e-12,
                    atol=1e-13,
                ).y[:, -1]
            np.testing.assert_allclose(found[site, run], z, rtol=1e-9, atol=1e-10)


def test_a_cubic_hold_is_the_integral_over_its_spline_to_fourth_order():
    x = DX * np.arange(20)

    def error(parts):
        u = np.sin(2 * x[None, :, None] + np.arange(2)[:, None, None])
        shown = applied(u, "cubic")
        cell = PolynomialCell.of(law(), D, shown.span, DX).in_steps(4)
        values = shown.values
        spline = CubicSpline(x, u[0, :, 0])
        if parts > 1:  # the same spline, seen in finer cells
            fine = np.linspace(0, x[-1], parts * (len(x) - 1) + 1)
            values = applied(spline(fine)[None, :, None], "cubic").values
            cell = PolynomialCell.of(law(), D, shown.span, DX / parts).in_steps(4)
        end = along(cell, values[:1]).states(np.array([[0.5, 0.0]]))[-1, 0]
        exact = solve_ivp(
            lambda t, z: rate(law(), z, spline([t])),
            (0, x[-1]),
            [0.5, 0.0],
            "DOP853",
            rtol=1e-12,
            atol=1e-13,
            max_step=DX,
        )
        return np.abs(end - exact.y[:, -1]).max()

    assert error(1) < 1e-4
    assert error(1) / error(2) > 10


def test_its_error_falls_with_the_fifth_power_of_the_step():
    _, shown = drive("zero")
    cell = PolynomialCell.of(law(), D, shown.span, DX)
    exact = along(cell.in_steps(32), shown.values).states(starts())
    errors = [
        np.abs(along(cell.in_steps(n), shown.values).states(starts()) - exact).max()
        for n in (1, 2, 4)
    ]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert (orders > 4.6).all()
    assert (orders < 6.5).all()


@pytest.mark.parametrize("hold", ["zero", "first"])
def test_two_finer_cells_are_one_cell_in_two_steps(hold):
    u, shown = drive(hold)
    cell = PolynomialCell.of(law(), D, shown.span, DX).in_steps(1)
    half = cell.finer()
    expected = along(cell.in_steps(2), shown.values).states(starts())
    if hold == "zero":
        halves = np.repeat(u, 2, axis=1)
        found = along(half, halves).states(starts())[1::2]
        np.testing.assert_allclose(found, expected, rtol=1e-13)
    else:
        x = np.arange(0, SITES - 0.5, 0.5)
        fine = np.stack([np.interp(x, np.arange(SITES), run) for run in u[..., 0]])
        found = along(half, applied(fine[..., None], "first").values).states(starts())[::2]
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def slopes_of(function, numbers):
    """By differences of fourth order."""
    found, step = [], 1e-4
    for k in range(numbers.size):
        way = step * (np.arange(numbers.size) == k).reshape(numbers.shape)
        near = function(numbers + way) - function(numbers - way)
        far = function(numbers + 2 * way) - function(numbers - 2 * way)
        found.append((8 * near - far) / (12 * step))
    return np.stack(found, axis=-1)


@pytest.mark.parametrize("clip", [None, 0.6])
@pytest.mark.parametrize(("hold", "channels"), [("zero", 2), ("first", 1)])
def test_sensitivities_are_finite_differences(hold, channels, clip):
    """By all terms on offer, most of which are zero in the law; by the start; by what is shown."""
    _, shown = drive(hold, channels)
    values, begun = shown.values, starts()
    # With limits, some variables are beyond them, but none crosses within the differences.
    cell = replace(PolynomialCell.of(law(channels), D, shown.span, DX), clip=clip)
    cell = cell.reaching(np.full(D, -0.8), np.full(D, 0.8))
    cell = cell.offering(*pairs_up_to(2, D, channels))
    whole = along(cell, values)
    states = whole.states(begun)
    assert (clip is not None) == bool(whole.clipped(begun, states).any())
    toward = np.zeros((SITES, RUNS, values.shape[2], 1))
    toward[..., 0, 0] = 1.0
    columns = np.arange(1, len(cell.coefficients))
    initial = np.broadcast_to(np.eye(D), (RUNS, D, D))
    found = whole.sensitivities(begun, states, initial, columns, toward)

    def by_coefficients(numbers):
        return along(cell.with_parameters(numbers), values).states(begun)

    def by_input(numbers):
        moved = values.copy()
        moved[..., 0] += numbers[0]
        return along(cell, moved).states(begun)

    size = np.abs(found).max()
    rest = {"rtol": 1e-6, "atol": 1e-9 * size}
    expected = slopes_of(by_coefficients, np.asarray(cell.parameters))[..., 1:]
    np.testing.assert_allclose(found[..., : len(columns)], expected, **rest)
    expected = slopes_of(lambda way: whole.states(begun + way), np.zeros(D))
    np.testing.assert_allclose(found[..., len(columns) : -1], expected, **rest)
    np.testing.assert_allclose(found[..., -1:], slopes_of(by_input, np.zeros(1)), **rest)


@pytest.mark.parametrize("hold", ["zero", "first"])
def test_site_by_site_it_is_the_same(hold):
    _, shown = drive(hold)
    values, z = shown.values, starts()
    cell = PolynomialCell.of(law(), D, shown.span, DX)
    whole = along(cell, values)
    expected = whole.states(z)
    columns, initial = np.arange(len(cell.coefficients)), np.broadcast_to(np.eye(D), (RUNS, D, D))
    toward = np.ones((SITES, RUNS, values.shape[2], 1))
    slopes = whole.sensitivities(z, expected, initial, columns, toward)
    carried = np.zeros((RUNS, D, len(columns) + D + 1))
    carried[..., len(columns) : -1] = initial
    for site in range(SITES):
        shown_here = values[:, site]
        np.testing.assert_allclose(cell.advance(z, shown_here), expected[site], rtol=1e-13)
        z, carried = cell.advance_with_sensitivities(z, carried, shown_here, toward[site])
        np.testing.assert_allclose(z, expected[site], rtol=1e-13)
        np.testing.assert_allclose(carried, slopes[site], rtol=1e-10, atol=1e-12)


def test_beyond_its_limits_a_polynomial_is_level_and_that_is_said():
    """z′ = z³ reaches infinity at x = 1/2 from z = 1; with limits it goes on at a constant rate."""
    span = Span((-1.0,), (1.0,))
    cube = PolynomialCell.of([Coefficient(0, (0, 0, 0), (0,), 1.0)], 1, span, 0.1)
    shown, begun = np.zeros((2, 60, 1)), np.array([[1.0], [0.1]])
    free = along(replace(cube, clip=None), shown)
    states = free.states(begun)
    assert not np.isfinite(states[-1, 0, 0])
    assert np.isfinite(states[:, 1]).all()
    slopes = free.sensitivities(begun, states, np.ones((2, 1, 1)), np.array([0]))
    assert np.isfinite(slopes[:, 1]).all()
    limited = cube.reaching(np.array([-1.0]), np.array([1.0]))  # and no further than 1.5
    whole = along(limited, shown)
    states = whole.states(begun)
    np.testing.assert_allclose(np.diff(states[30:, 0, 0]), 0.1 * 1.5**3)
    assert whole.clipped(begun, states).tolist() == [True, False]
    assert not free.clipped(begun, states).any()
    pushed = np.where(np.arange(2)[:, None, None] == 1, 1.6, shown)
    assert along(limited, pushed).clipped(begun[[1, 1]], states[:, [1, 1]]).tolist() == [
        False,
        True,
    ]


def test_the_misfit_says_of_terms_on_offer_what_they_would_gain():
    """Its gradient by every term that the law has not got is a difference of losses."""
    _, shown = drive("zero")
    whole = PolynomialCell.of(law(), D, shown.span, DX)
    target = along(whole, shown.values).states(starts())[..., :1].swapaxes(0, 1)
    cell = whole.keeping(whole.powers.sum(axis=1) < 2).offering(*pairs_up_to(3, D, 1))
    readout = Linear(np.array([[1.0], [0.0]]), np.zeros(0))
    problem = LeastSquares(
        Law(Own(starts()), cell, readout, np.ones(1)),
        Shown.of(shown.values, target),
        np.arange(len(cell.coefficients) + starts().size + 2) < len(cell.coefficients),
    )
    numbers = problem.start()
    half_gradient, step = problem.at(numbers).equations().gradient, 1e-5
    for k in range(len(cell.coefficients)):
        way = step * np.eye(numbers.size)[k]
        expected = (problem.at(numbers + way).loss - problem.at(numbers - way).loss) / (4 * step)
        assert half_gradient[k] == pytest.approx(expected, rel=1e-5, abs=1e-9)
    # One step for all of them goes most of the way to the law that was left out.
    equations = problem.at(numbers).equations()
    after = problem.at(
        numbers - _padded(np.linalg.lstsq(equations.matrix, half_gradient)[0], numbers)
    )
    assert after.loss < 0.05 * problem.at(numbers).loss


def _padded(values, numbers):
    return np.concatenate([values, np.zeros(numbers.size - values.size)])
