"""Inputs that vary between the sites, and runs that start from states of their own."""

import itertools

import numpy as np
import pytest
import scipy.linalg
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline
from scipy.special import airy

from hiddenlaw.errors import SettingsError
from hiddenlaw.systems import Schroedinger
from hiddenlaw.systems._linear import (
    matrix_exponential,
    second_order,
    transfer_of_drive,
    walk,
)
from hiddenlaw.systems.drive import Drive, draw

DX, SITES = 0.2, 64
X = DX * np.arange(1, SITES + 1)
SYSTEM = Schroedinger(kappa=1.3, energy=-0.4, scale=2.5)


def integrate(curvature, initial, x) -> np.ndarray:
    """(ψ, ψ') at every x by Dormand and Prince's method of order 8, from site to site."""
    states = [np.asarray(initial)]
    for left, right in itertools.pairwise(x):
        solution = solve_ivp(
            lambda at, s: [s[1], curvature(at) * s[0]],
            (left, right),
            states[-1],
            "DOP853",
            rtol=3e-14,
            atol=1e-15,
        )
        states.append(solution.y[:, -1])
    return np.array(states)


def drive(hold: str, potentials: str = "smooth", runs: int = 3) -> Drive:
    low, high = SYSTEM.input_range()
    rng = np.random.default_rng(5)
    return draw(potentials, hold, rng, runs=runs, x=X, low=low, high=high)


@pytest.mark.parametrize(
    ("hold", "potentials"),
    [("first", "fourier"), ("first", "wells"), ("cubic", "smooth"), ("cubic", "harmonic")],
)
def test_between_sites_the_response_is_that_of_a_numerical_integrator(hold, potentials):
    given = drive(hold, potentials)
    density, states = SYSTEM.answer(given, None)
    for run in range(3):
        if given.spline is not None:
            spline = CubicSpline(given.spline.x, given.spline(given.spline.x)[run])
            potential = spline
        else:
            potential = lambda at, v=given.input[run]: np.interp(at, X, v)  # noqa: E731
        true = integrate(lambda at, V=potential: 1.3 * V(at) + 0.4, [1.0, 0.0], X)
        np.testing.assert_allclose(states["psi"][run], true[:, 0], rtol=0, atol=1e-10)
        np.testing.assert_allclose(states["psi'"][run], true[:, 1], rtol=0, atol=3e-10)
        np.testing.assert_allclose(density[run, :, 0], 2.5 * true[:, 0] ** 2, rtol=0, atol=1e-9)


def test_on_a_linear_potential_psi_is_airy_s_function():
    """ψ'' = x ψ between sites, whatever the sites' distance."""
    x = np.linspace(-5, 2, 36)
    line = Drive(x, x[np.newaxis].copy(), "first")
    ai, slope, _, _ = airy(x)
    states = walk(transfer_of_drive(second_order, line), np.array([[ai[0], slope[0]]]))
    np.testing.assert_allclose(states[0, :, 0], ai, atol=1e-12)
    np.testing.assert_allclose(states[0, :, 1], slope, atol=1e-12)


def test_on_a_parabola_psi_is_a_gaussian():
    """ψ'' = (x² − 1) ψ has the ground state exp(−x²/2), and a cubic spline is the parabola."""
    x = np.linspace(-3, 1, 21)
    fine = np.linspace(-3, 1, 161)
    curvature = x[np.newaxis] ** 2 - 1
    trap = Drive(x, curvature, "cubic", CubicSpline(fine, fine[np.newaxis] ** 2 - 1, axis=1))
    gaussian = np.exp(-(x**2) / 2)
    initial = np.array([[gaussian[0], -x[0] * gaussian[0]]])
    states = walk(transfer_of_drive(second_order, trap), initial)
    np.testing.assert_allclose(states[0, :, 0], gaussian, rtol=1e-11)
    np.testing.assert_allclose(states[0, :, 1], -x * gaussian, atol=1e-11)


@pytest.mark.parametrize("hold", ["first", "cubic"])
def test_the_first_response_reads_the_initial_state(hold):
    data = SYSTEM.simulate(runs=5, sites=16, seed=0, hold=hold, with_truth=True)
    assert (data.hold, data.dx, data.x[0]) == (hold, DX, DX)
    assert data.truth is not None
    np.testing.assert_array_equal(data.truth.states["psi"][:, 0], 1)
    np.testing.assert_array_equal(data.truth.states["psi'"][:, 0], 0)
    np.testing.assert_array_equal(data.response[:, 0, 0], 2.5)
    assert f"{hold}-order hold" in data.source


def test_the_hold_matters():
    """Straight lines between the samples of a smooth potential make another density."""
    smooth = drive("cubic")
    lines = Drive(X, smooth.input, "first")
    curved, _ = SYSTEM.answer(smooth, None)
    straight, _ = SYSTEM.answer(lines, None)
    assert 1e-4 < np.abs(curved - straight).max() / curved.std() < 1


def test_a_spline_through_the_sites_follows_the_smooth_family():
    smooth = drive("cubic", runs=50)
    assert smooth.spline is not None
    low, high = SYSTEM.input_range()
    fine = np.linspace(X[0], X[-1], 8 * 63 + 1)
    through_sites = CubicSpline(X, smooth.input, axis=1)
    error = np.abs(through_sites(fine) - smooth.spline(fine))
    assert error[:, 16:-16].max() < 1e-4 * (high - low)
    np.testing.assert_allclose(smooth.spline(X), smooth.input, atol=1e-13)


def test_no_wave_of_the_smooth_family_is_shorter_than_25_sites():
    """All 50 lie in the space of waves that long: nothing is left over."""
    potential = drive("first", "smooth", runs=50).input
    longest = 2 * np.pi * np.linspace(0.5 / 63, 1 / 25, 30)[:, np.newaxis] * np.arange(64)
    basis = np.concatenate([np.cos(longest), np.sin(longest), np.ones((1, 64))]).T
    left, singular, _ = np.linalg.svd(basis, full_matrices=False)
    inside = left[:, singular > 1e-10 * singular[0]]
    outside = potential.T - inside @ (inside.T @ potential.T)
    assert np.abs(outside).max() < 1e-8
    rough = drive("first", "fourier", runs=50).input
    assert np.abs(rough.T - inside @ (inside.T @ rough.T)).max() > 1e-5


@pytest.mark.parametrize("family", ["wells", "ramps"])
def test_jumps_have_no_cubic_hold(family):
    with pytest.raises(SettingsError, match=f"{family} have jumps or kinks, which no cubic hold"):
        SYSTEM.simulate(runs=4, sites=16, seed=0, potentials=family, hold="cubic")


@pytest.mark.parametrize("size", [2, 4])
def test_the_matrix_exponential_is_scipy_s(size):
    matrices = np.random.default_rng(0).standard_normal((20, size, size))
    for factor in (1e-3, 1.0, 3.0):
        expected = scipy.linalg.expm(factor * matrices)
        error = np.abs(matrix_exponential(factor * matrices) - expected).max(axis=(1, 2))
        assert (error < 1e-12 * np.abs(expected).max(axis=(1, 2))).all()
    np.testing.assert_array_equal(matrix_exponential(0 * matrices)[0], np.eye(size))


@pytest.mark.parametrize("hold", ["zero", "cubic"])
def test_random_preparations_change_the_start_and_nothing_else(hold):
    shared, random, again = (
        SYSTEM.simulate(
            runs=100, sites=20, seed=1, hold=hold, preparation=preparation, with_truth=True
        )
        for preparation in ("shared", "random", "random")
    )
    np.testing.assert_array_equal(shared.input, random.input)
    np.testing.assert_array_equal(again.response, random.response)
    assert random.truth is not None
    psi, slope = random.truth.states["psi"], random.truth.states["psi'"]
    assert len(np.unique(psi[:, 0])) == 100
    assert "random preparation" in random.source
    if hold == "cubic":
        amplitude = np.hypot(psi[:, 0], slope[:, 0] / 1.8)
        assert 0.7 <= amplitude.min() < 0.8
        assert 1.2 < amplitude.max() <= 1.3
        assert abs(np.mean(psi[:, 0])) < 0.3
    else:
        system = SYSTEM.generator(random.input[0, :, 0])
        for site in range(1, 20):
            state = scipy.linalg.expm(DX * system[site]) @ [psi[0, site - 1], slope[0, site - 1]]
            np.testing.assert_allclose(state, [psi[0, site], slope[0, site]], atol=1e-12)


@pytest.mark.parametrize("hold", ["zero", "first", "cubic"])
@pytest.mark.parametrize("preparation", ["shared", "random"])
def test_no_few_runs_outweigh_all_others(hold, preparation):
    data = Schroedinger().simulate(
        runs=400, sites=64, dx=DX, seed=0, hold=hold, preparation=preparation
    )
    deviation = ((data.response - data.response.mean()) ** 2).sum(axis=(1, 2))
    assert np.sort(deviation)[-20:].sum() < 0.5 * deviation.sum()


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"hold": "second"}, "schroedinger knows no hold 'second'; only zero, first, cubic"),
        ({"preparation": "mixed"}, "knows no preparation 'mixed'; only shared, random"),
    ],
)
def test_unknown_holds_and_preparations_are_refused(setting, message):
    with pytest.raises(SettingsError, match=message):
        SYSTEM.simulate(runs=4, sites=16, seed=0, **setting)
