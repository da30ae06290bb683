"""Oscillators with a force that is not linear, undriven: closed forms, periods, energies."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import ellipj, ellipk

from hiddenlaw.errors import SettingsError
from hiddenlaw.systems import Duffing, Pendulum, VanDerPol
from hiddenlaw.systems._dynamical import integrated
from hiddenlaw.systems.drive import Drive

DX = 0.2


def free(system, start, sites):
    """Position and velocity at 0, 0.2, …, where nothing drives."""
    drive = Drive(DX * np.arange(1, sites + 1), np.zeros((1, sites)))
    return integrated(system.rates, np.array([start]), drive, 8)[0].T


def times(sites):
    return DX * np.arange(sites + 1)


def test_without_damping_duffing_s_oscillator_is_a_cosine_amplitude():
    """From A at rest: y = A cn(Ω t | m), Ω² = α + β A², m = β A² / 2Ω²."""
    alpha, beta, size = 0.7, 1.3, 1.2
    y, velocity = free(Duffing(delta=0.0, alpha=alpha, beta=beta), [size, 0.0], 100)
    omega = np.sqrt(alpha + beta * size**2)
    sn, cn, dn, _ = ellipj(omega * times(100), beta * size**2 / (2 * omega**2))
    np.testing.assert_allclose(y, size * cn, atol=1e-10)
    np.testing.assert_allclose(velocity, -size * omega * sn * dn, atol=1e-10)


def test_with_two_wells_its_energy_is_kept_and_damping_takes_it_as_it_says():
    """E = y'²/2 + α y²/2 + β y⁴/4 falls by ∫ δ y'² dt."""
    y, velocity = free(Duffing(delta=0.0, alpha=-1.0), [0.1, 0.3], 100)
    energy = velocity**2 / 2 - y**2 / 2 + y**4 / 4
    np.testing.assert_allclose(energy, energy[0], rtol=1e-10)
    assert y.min() < -1  # it crosses from well to well
    assert y.max() > 1
    y, velocity = free(Duffing(delta=0.3), [1.5, 0.0], 100)
    energy = velocity**2 / 2 + y**2 / 2 + y**4 / 4
    power = 0.3 * velocity**2
    # Simpson's rule over pairs of cells.
    taken = np.sum(DX / 3 * (power[:-2:2] + 4 * power[1:-1:2] + power[2::2]))
    assert energy[0] - energy[-1] == pytest.approx(taken, rel=1e-4)


def test_a_pendulum_swings_as_the_elliptic_function_says():
    """From θ₀ at rest: sin(θ/2) = k cd(ω t | k²), k = sin(θ₀/2)."""
    start = 2.8
    angle, _ = free(Pendulum(gamma=0.0, omega=1.1), [start, 0.0], 100)
    k = np.sin(start / 2)
    _, cn, dn, _ = ellipj(1.1 * times(100), k**2)
    np.testing.assert_allclose(np.sin(angle / 2), k * cn / dn, atol=1e-10)


def test_a_pendulum_that_is_fast_enough_goes_round():
    """With m = 4ω²/θ'₀² < 1 a turn takes 4 K(m)/θ'₀."""
    angle, _ = free(Pendulum(gamma=0.0, omega=1.0), [0.0, 2.5], 40)
    assert (np.diff(angle) > 0).all()
    turn = 4 * ellipk(4 / 2.5**2) / 2.5
    place = np.searchsorted(angle, 2 * np.pi)
    velocity = np.sqrt(2.5**2 - 2 * (1 - np.cos(angle)))
    early = DX * (place - 1) + (2 * np.pi - angle[place - 1]) / velocity[place - 1]
    assert early == pytest.approx(turn, abs=0.02)


def test_a_stronger_drive_takes_pendulums_round():
    def largest(drive):
        data = Pendulum(drive=drive).simulate(runs=100, sites=64, seed=0)
        return np.abs(data.response).max(axis=(1, 2))

    assert (largest(0.5) < 1).all()
    assert 1.8 < largest(Pendulum().drive).max() < np.pi
    assert (largest(2.5) > np.pi).mean() > 0.5


def test_van_der_pol_s_limit_cycle_has_the_known_period():
    """6.6632868593231 for μ = 1: Andersen and Geer, SIAM J. Appl. Math. 42, 678 (1982)."""
    system = VanDerPol()
    ends = free(system, [0.5, 0.0], 150)[:, -1]  # on the cycle
    y, velocity = free(system, ends, 70)
    up = np.flatnonzero((y[:-1] < 0) & (y[1:] >= 0))

    def crossing(cell):
        """When y is 0: integrated from the site before, over so much of a cell."""

        def reached(part):
            drive = Drive(part * np.arange(1, 3), np.zeros((1, 2)))
            start = np.array([[y[cell], velocity[cell]]])
            return integrated(system.rates, start, drive, 8)[0, 1, 0]

        return DX * cell + brentq(reached, 1e-6, DX, xtol=1e-14)

    assert crossing(up[1]) - crossing(up[0]) == pytest.approx(6.6632868593231, abs=1e-9)
    assert 2.0 < np.abs(y).max() < 2.02


def test_constants_for_which_the_motion_is_not_bounded_are_refused():
    with pytest.raises(SettingsError, match="beta is -1; it must be a positive number"):
        Duffing(beta=-1.0)
    with pytest.raises(SettingsError, match="mu is 0; it must be a positive number"):
        VanDerPol(mu=0.0)
    with pytest.raises(SettingsError, match="drive is -1; it must be a positive number"):
        Pendulum(drive=-1.0)
