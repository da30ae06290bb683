"""A law that somebody believes in: its constants with errors, or a chi-square that refutes it."""

from dataclasses import replace

import numpy as np
import pytest

import hiddenlaw as hl
from hiddenlaw.errors import LawError
from hiddenlaw.systems import Schroedinger

pytestmark = pytest.mark.slow

KAPPA, ENERGY = 1.3, 0.4


@pytest.fixture(scope="module")
def data():
    system = Schroedinger(kappa=KAPPA, energy=ENERGY)
    return system.simulate(runs=12, sites=20, dx=0.2, seed=0)


def noisy(data, share):
    sigma = share * data.response.std()
    noise = np.random.default_rng(0).normal(size=data.response.shape)
    return replace(data, response=data.response + sigma * noise), sigma


def test_the_schroedinger_equation_gives_kappa_and_the_energy(data):
    test = hl.test_law("psi'' = (kappa*V - E)*psi", data, response_error=1e-9)
    assert test.readout == "rho = psi**2"
    assert test.constants["kappa"][0] == pytest.approx(KAPPA, abs=1e-6)
    assert test.constants["E"][0] == pytest.approx(ENERGY, abs=1e-6)
    assert test.relative_error < 1e-14
    assert test.residuals.shape == (12, 20)
    assert test.noise_source == "as given"


def test_the_density_form_is_the_same_law(data):
    test = hl.test_law("rho''' = 4*(kappa*V - E)*rho' + 2*kappa*V'*rho", data, response_error=1e-9)
    assert test.readout == "rho = rho"
    assert test.constants["kappa"][0] == pytest.approx(KAPPA, abs=1e-6)
    assert test.constants["E"][0] == pytest.approx(ENERGY, abs=1e-6)


def test_noise_of_known_size_gives_a_chi_square_of_one_and_honest_errors(data):
    measured, sigma = noisy(data, 0.02)
    test = hl.test_law("psi'' = (kappa*V - E)*psi", measured, response_error=sigma)
    freedom = measured.response.size - 4
    assert abs(test.chi_square - 1) < 4 * np.sqrt(2 / freedom)
    for name, true in (("kappa", KAPPA), ("E", ENERGY)):
        value, error = test.constants[name]
        assert 0 < error < 0.05
        assert abs(value - true) < 4 * error
    assert "kappa = 1." in repr(test)


def test_a_wrong_law_has_a_chi_square_far_above_one(data):
    measured, sigma = noisy(data, 0.02)
    wrong = hl.test_law("psi' = (kappa*V - E)*psi", measured, response_error=sigma)
    assert wrong.chi_square > 50


def test_laws_that_do_not_fit_the_data_s_names_say_so(data):
    for law, readout, reason in (
        ("V'' = V", None, "V is the input"),
        ("psi'' = V*psi", "density = psi**2", "the readout is of 'density'"),
        ("psi'' = sin(V)*psi", None, "functions cannot be read"),
        ("psi'' = V/psi", None, "must be a polynomial"),
    ):
        with pytest.raises(LawError, match=reason):
            hl.test_law(law, data, readout=readout, response_error=1.0)


def test_errors_that_the_data_bring_count_sample_by_sample(data):
    """Half of the runs are ten times noisier: chi-square is one all the same."""
    share = np.where(np.arange(data.runs) % 2, 0.1, 0.01)[:, None, None]
    sigma = np.broadcast_to(share * data.response.std(), data.response.shape)
    noise = np.random.default_rng(1).normal(size=data.response.shape)
    measured = replace(data, response=data.response + sigma * noise, response_error=sigma)
    test = hl.test_law("psi'' = (kappa*V - E)*psi", measured)
    assert test.noise_source == "of the data's errors"
    assert test.noise == pytest.approx(np.sqrt(np.mean(sigma**2)))
    assert abs(test.chi_square - 1) < 4 * np.sqrt(2 / (data.response.size - 4))
    assert abs(test.constants["kappa"][0] - KAPPA) < 4 * test.constants["kappa"][1]


def test_missing_samples_are_left_out(data):
    gaps = np.array(data.response)
    gaps[3, 4:7] = np.nan
    holes = replace(data, response=gaps, allow_missing=True)
    test = hl.test_law("psi'' = (kappa*V - E)*psi", holes, response_error=1e-9)
    assert test.constants["kappa"][0] == pytest.approx(KAPPA, abs=1e-6)
    np.testing.assert_array_equal(np.isnan(test.residuals), np.isnan(gaps[..., 0]))


def test_a_law_without_constants_is_judged_alone(data):
    right, wrong = (
        hl.test_law(f"psi'' = (1.3*V - {energy})*psi", data, response_error=0.01)
        for energy in (ENERGY, 0.9)
    )
    assert right.constants == {}
    assert "no constants" in repr(right)
    assert right.relative_error < 1e-14
    assert wrong.relative_error > 1e-3


def test_without_any_error_a_translator_says_what_noise_is(data):
    measured, sigma = noisy(data, 0.02)
    test = hl.test_law("psi'' = (kappa*V - E)*psi", measured)
    assert test.noise_source == "left by a translator on unseen runs"
    assert test.noise == pytest.approx(sigma, rel=0.3)
