"""Testing laws that are not linear in their state: constants with honest errors, and judgement."""

from dataclasses import replace

import numpy as np
import pytest
from driven_records import pulls
from polynomial_records import DUFFING, INTERACTING, condensate, duffing, noisy, simulated

import hiddenlaw as hl
from hiddenlaw.errors import DataError, LawError
from hiddenlaw.systems import Duffing, VanDerPol

LINEAR = "psi'' = (V - mu)*psi"
SPRING = {"delta": 0.2, "alpha": 1.0, "beta": 1.0}


def test_atoms_that_attract_one_another():
    data, sigma = condensate(-0.5)
    test = hl.test_law(INTERACTING, data, response_error=sigma)
    assert (test.readout, test.initial_state) == ("rho = psi**2", "shared")
    assert np.abs(pulls(test, {"g": -0.5, "mu": 0.37})).max() < 3
    assert test.constants["g"][0] == pytest.approx(-0.5, rel=0.01)
    assert test.constants["mu"][0] == pytest.approx(0.37, rel=0.01)
    assert not test.rejected
    ideal = hl.test_law(LINEAR, data, response_error=sigma)
    assert ideal.rejected
    assert ideal.chi_square > 50


def test_atoms_that_do_not_interact():
    data, sigma = condensate(0.0)
    test = hl.test_law(INTERACTING, data, response_error=sigma)
    value, error = test.constants["g"]
    assert abs(value) < 3 * error < 0.01
    assert not test.rejected
    assert not hl.test_law(LINEAR, data, response_error=sigma).rejected


def test_duffing_s_oscillator_with_starts_of_its_own():
    data, sigma = duffing()
    test = hl.test_law(DUFFING, data, response_error=sigma)
    assert test.initial_state == "per-run"
    assert np.abs(pulls(test, SPRING)).max() < 3.5
    assert max(error for _, error in test.constants.values()) < 0.02
    assert abs(test.chi_square - 1) < 4 * np.sqrt(2 / data.response.size)
    assert not test.rejected
    shared = hl.test_law(DUFFING, data, response_error=sigma, initial_state="shared")
    assert (shared.initial_state, shared.rejected) == ("shared", True)
    softer = hl.test_law("y'' = -delta*y' - alpha*y + u", data, response_error=sigma)
    assert softer.rejected


@pytest.mark.slow
def test_two_wells_along_runs_that_remember_little_of_their_start():
    system = Duffing(alpha=-1.0, delta=0.3)
    data, sigma = noisy(system.simulate(runs=2, sites=200, seed=1, preparation="random"), 0.03)
    test = hl.test_law(DUFFING, data, response_error=sigma, initial_state="per-run")
    assert np.abs(pulls(test, {"delta": 0.3, "alpha": -1.0, "beta": 1.0})).max() < 3.5
    assert not test.rejected


def test_van_der_pol_s_oscillator():
    """Once more with coefficients that are products of the constants."""
    data, sigma = noisy(VanDerPol().simulate(runs=6, sites=60, seed=1), 0.02)
    test = hl.test_law("y'' = mu*(1 - y**2)*y' - y + u", data, response_error=sigma)
    assert test.initial_state == "shared"
    assert np.abs(pulls(test, {"mu": 1.0})).max() < 3.5
    assert test.constants["mu"][1] < 0.005
    product = hl.test_law("y'' = a*(1 - b**2*y**2)*y' - y + u", data, response_error=sigma)
    assert np.abs(pulls(product, {"a": 1.0, "b": 1.0})).max() < 3.5


def test_growth_that_saturates():
    exact = simulated(lambda z, u: 1.3 * z - 0.7 * z**2 + 0.4 * u, [0.3], seed=0)
    data, sigma = noisy(exact, 0.02)
    for law, true in (
        ("y' = r*y - b*y**2 + k*u", {"r": 1.3, "b": 0.7, "k": 0.4}),
        ("y' = r*y*(1 - y/C) + k*u", {"r": 1.3, "C": 1.3 / 0.7, "k": 0.4}),
    ):
        test = hl.test_law(law, data, response_error=sigma)
        assert np.abs(pulls(test, true)).max() < 3.5
        assert not test.rejected
    free = hl.test_law("N' = r*N - b*N**2 + k*u", data, readout="y = g*N", response_error=sigma)
    assert np.abs(pulls(free, {"r": 1.3})).max() < 3.5
    assert [name for name, (_, error) in free.constants.items() if np.isinf(error)] == list("bgk")


def test_several_inputs_that_drive_and_multiply():
    def rates(z, u):
        pushed = 0.8 * u[:, :1] + 0.6 * u[:, 1:] * z + 0.2 * u[:, :1] * u[:, 1:]
        return pushed - 0.5 * z - 0.3 * z**3

    data = simulated(rates, [0.3], seed=0, channels=2)
    gaps = np.array(data.response)
    gaps[2, 5:9] = np.nan
    data = replace(data, response=gaps, allow_missing=True)
    law = "y' = -k*y - c*y**3 + p*u1 + q*u2*y + r*u1*u2"
    test = hl.test_law(law, data, response_error=1e-6)
    true = {"k": 0.5, "c": 0.3, "p": 0.8, "q": 0.6, "r": 0.2}
    found = {name: value for name, (value, _) in test.constants.items()}
    assert found == pytest.approx(true, abs=1e-5)
    np.testing.assert_array_equal(np.isnan(test.residuals), np.isnan(gaps[..., 0]))


def test_a_law_linear_in_its_state_that_an_input_drives_and_multiplies():
    data = simulated(lambda z, u: 0.8 * u + 0.6 * u * z - 0.5 * z, [0.3], seed=0)
    data, sigma = noisy(data, 0.02)
    test = hl.test_law("y' = p*u + q*u*y - k*y", data, response_error=sigma)
    assert np.abs(pulls(test, {"p": 0.8, "q": 0.6, "k": 0.5})).max() < 3.5
    assert not test.rejected


@pytest.mark.slow
def test_pulls_are_those_of_a_normal_distribution():
    every = []
    for seed in range(12):
        data, sigma = duffing(0.03, seed, runs=3, sites=24)
        test = hl.test_law(DUFFING, data, response_error=sigma)
        assert not test.rejected
        every.append(pulls(test, SPRING))
    every = np.array(every)
    assert np.abs(every).max() < 4
    assert np.all(np.abs(every.mean(axis=0)) < 4 / np.sqrt(len(every)))
    assert np.all((every.std(axis=0) > 0.5) & (every.std(axis=0) < 1.6))


@pytest.mark.slow
def test_laws_with_all_terms_say_what_noise_is():
    data, sigma = condensate(-0.5, runs=10)
    right = hl.test_law(INTERACTING, data)
    assert right.noise_source == "left by laws with all terms"
    assert right.noise == pytest.approx(sigma, rel=0.1)
    assert not right.rejected
    assert hl.test_law("psi'' = (V - mu + g*psi**4)*psi", data).rejected


def test_what_cannot_be_done_says_so():
    data, _ = condensate(-0.5, runs=2)
    for law, reason in (
        ("psi'' = sin(psi)", "functions cannot be read"),
        ("psi'' = V/psi", "must be a polynomial in psi, psi', V"),
        ("psi'' = psi**2.5", "whole numbers"),
    ):
        with pytest.raises(LawError, match=reason):
            hl.test_law(law, data, response_error=1.0)
    with pytest.raises(DataError, match="give response_error"):
        hl.test_law(INTERACTING, data)
