"""A law that somebody believes in: its constants with errors, or a chi-square that refutes it."""

from dataclasses import replace

import numpy as np
import pytest

import hiddenlaw as hl
from hiddenlaw.errors import LawError
from hiddenlaw.systems import Schroedinger

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
        ("psi'' = psi**2", None, "must be linear"),
    ):
        with pytest.raises(LawError, match=reason):
            hl.test_law(law, data, readout=readout, response_error=1.0)
