"""Interacting atoms at a fixed chemical potential, where the answer is known."""

import numpy as np
import pytest
from scipy.special import ellipj

from hiddenlaw.errors import SettingsError
from hiddenlaw.systems import GrossPitaevskii, Schroedinger

DX = 0.2
X = DX * np.arange(1, 65)


def test_where_atoms_attract_one_another_and_the_potential_is_level_psi_is_a_cosine_amplitude():
    """ψ'' = -c ψ - |g| ψ³ has ψ = cn(Ω x | m), Ω² = c + |g|, m = |g| / 2Ω², from ψ = 1, ψ' = 0."""
    c, g = 1.3, -0.8
    density, states = GrossPitaevskii(mu=c, g=g).respond(np.zeros((1, 64)), DX)
    omega = np.sqrt(c - g)
    sn, cn, dn, _ = ellipj(omega * X, -g / (2 * omega**2))
    np.testing.assert_allclose(states["psi"][0], cn, atol=1e-11)
    np.testing.assert_allclose(states["psi'"][0], -omega * sn * dn, atol=1e-11)
    np.testing.assert_allclose(density[0, :, 0], cn**2, atol=1e-11)


def test_where_atoms_repel_one_another_it_is_a_shifted_sine_amplitude():
    """ψ'' = -c ψ + g ψ³ has ψ = cd(Ω x | m), Ω² = c - g/2, m = g / 2Ω²."""
    c, g = 4.0, 0.9
    _, states = GrossPitaevskii(mu=c, g=g).respond(np.zeros((1, 64)), DX)
    omega = np.sqrt(c - g / 2)
    _, cn, dn, _ = ellipj(omega * X, g / (2 * omega**2))
    np.testing.assert_allclose(states["psi"][0], cn / dn, atol=1e-11)


def test_a_bright_soliton_is_a_hyperbolic_secant():
    """ψ'' = ψ - 2 ψ³ has ψ = 1 / cosh x: as κV - μ = 1 and g = -2."""
    _, states = GrossPitaevskii(mu=0.0, g=-2.0).respond(np.ones((1, 15)), DX)
    np.testing.assert_allclose(states["psi"][0], 1 / np.cosh(X[:15]), atol=1e-10)


@pytest.mark.parametrize("g", [-4.0, -0.5, 0.5, 2.0])
def test_solutions_stay_bounded_for_either_sign_of_g(g):
    """Where potentials jump they would be driven most."""
    data = GrossPitaevskii(g=g).simulate(
        runs=100, sites=100, seed=0, potentials="wells", preparation="random"
    )
    assert (g * data.response < -0.5 * (data.input - 0.37)).all()
    assert data.response.max() < 10


def test_without_interaction_it_is_schroedinger_s_equation():
    u = np.random.default_rng(0).uniform(-5, 0, (3, 64))
    found, _ = GrossPitaevskii(kappa=1.2, mu=0.5, g=0.0).respond(u, DX)
    expected, _ = Schroedinger(kappa=1.2, energy=0.5).respond(u, DX)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-11)


def test_an_interaction_that_drives_psi_to_infinity_is_refused_and_so_is_such_an_input():
    with pytest.raises(SettingsError, match="g is 3; it must be from -4 to 2"):
        GrossPitaevskii(g=3.0)
    density, _ = GrossPitaevskii(g=2.0).respond(np.full((1, 64), 1.0), DX)
    assert not np.isfinite(density).all()
