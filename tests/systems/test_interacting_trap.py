"""Ground states of atoms that repel one another, between the ideal and the Thomas–Fermi limit."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from hiddenlaw.errors import SettingsError
from hiddenlaw.systems import TRAPS, InteractingTrap
from hiddenlaw.systems._ground_states import ground_states
from hiddenlaw.systems.trap_shapes import draw_traps

DX = 0.15
X = DX * (np.arange(64) - 31.5)


def parabola(stiffness):
    return lambda x: stiffness * np.asarray(x)[np.newaxis] ** 2


def in_parabola(stiffness, strength, x=X):
    return ground_states(parabola(stiffness), x, interaction=np.array([strength]))


def test_without_repulsion_it_is_the_ideal_ground_state():
    trap = draw_traps("mixed", np.random.default_rng(0), 5)
    ideal, none = ground_states(trap, X), ground_states(trap, X, interaction=np.zeros(5))
    for found, expected in zip(none, ideal, strict=True):
        np.testing.assert_array_equal(found, expected)
    weak = ground_states(trap, X, interaction=np.full(5, 1e-7))
    np.testing.assert_allclose(weak.psi, ideal.psi, atol=1e-7)


def test_a_weak_repulsion_raises_the_energy_by_the_mean_field():
    """E = √a + G ∫ψ₀⁴ to first order, ∫ψ₀⁴ = (√a / 2π)^(1/2) of a Gaussian."""
    a, strength = 0.8, 1e-4
    rise = float(in_parabola(a, strength).energy[0]) - np.sqrt(a)
    assert rise / strength == pytest.approx(np.sqrt(np.sqrt(a) / (2 * np.pi)), rel=1e-4)


def test_under_strong_repulsion_it_is_thomas_and_fermi_s_parabola():
    """E = a^(1/3) (3G/4)^(2/3), and Gρ = E - a x² but near the edge."""
    a = 1.0
    for strength, close in ((20.0, 0.06), (200.0, 0.01)):
        found = in_parabola(a, strength)
        limit = np.cbrt(a) * (0.75 * strength) ** (2 / 3)
        assert float(found.energy[0]) == pytest.approx(limit, rel=close)
    inside = np.abs(X) < 0.7 * np.sqrt(limit / a)
    expected = (limit - a * X[inside] ** 2) / strength
    np.testing.assert_allclose(found.psi[0, inside] ** 2, expected, rtol=0.02)


def test_in_a_parabola_the_virial_theorem_holds():
    """2 ∫ψ'² - 2 ∫a x² ψ² + G/2 ∫ψ⁴ = 0; on this grid sums are integrals."""
    a, strength = 0.7, 8.0
    x = DX * np.arange(-50, 51)
    energy, psi, slope = (part[0] for part in in_parabola(a, strength, x))
    kinetic, trapped, repelled = (
        DX * np.sum(part) for part in (slope**2, a * x**2 * psi**2, strength * psi**4)
    )
    assert 2 * kinetic - 2 * trapped + repelled / 2 == pytest.approx(0, abs=1e-8)
    assert energy == pytest.approx(kinetic + trapped + repelled, rel=1e-8)


@pytest.mark.parametrize("shape", TRAPS)
def test_the_states_obey_the_equation_and_have_no_node(shape):
    """Dormand and Prince's method of order 8, from a true state of the tail to the middle."""
    trap = draw_traps(shape, np.random.default_rng(3), 2)
    strength = np.array([3.0, 9.0])
    energy, psi, slope = ground_states(trap, X, interaction=strength)
    assert psi.min() > 0
    np.testing.assert_allclose(DX * np.sum(psi**2, axis=1), 1, rtol=1e-5)
    for run in range(2):
        solution = solve_ivp(
            lambda x, s, r=run: [
                s[1],
                (trap(np.array([x]))[r, 0] - energy[r] + strength[r] * s[0] ** 2) * s[0],
            ],
            X[[8, 32]],
            [psi[run, 8], slope[run, 8]],
            "DOP853",
            rtol=1e-12,
            atol=1e-15,
        )
        np.testing.assert_allclose(
            solution.y[:, -1], [psi[run, 32], slope[run, 32]], rtol=0, atol=1e-5
        )
    finer = ground_states(trap, X, step=0.08, interaction=strength)
    np.testing.assert_allclose(finer.energy, energy, rtol=0, atol=1e-9)
    np.testing.assert_allclose(finer.psi, psi, rtol=0, atol=1e-8)


def test_every_run_has_a_trap_an_atom_number_and_an_energy_of_its_own():
    system = InteractingTrap()
    data = system.simulate(runs=12, sites=64, seed=0, with_truth=True)
    assert data.truth is not None
    number, energy = (data.truth.states[name] for name in ("N", "E"))
    np.testing.assert_array_equal(number, np.tile(number[:, :1], (1, 64)))
    np.testing.assert_allclose(DX * data.response[..., 0].sum(axis=1), number[:, 0], rtol=1e-4)
    assert len(np.unique(number[:, 0])) == len(np.unique(energy[:, 0])) == 12
    assert number.min() < 0.6 * system.atoms
    assert number.max() > 1.4 * system.atoms
    assert data.truth.parameters == {"kappa": 1, "atoms": 1000, "g": 0.006}
    assert (data.hold, data.response_names) == ("cubic", ("rho",))
    assert "mixed traps" in data.source
    psi = data.truth.states["psi"]
    np.testing.assert_allclose(data.response[..., 0], psi**2)
    # The law once more, where the clouds are, by fourth differences.
    second = -psi[:, 4:] + 16 * psi[:, 3:-1] - 30 * psi[:, 2:-2] + 16 * psi[:, 1:-3] - psi[:, :-4]
    middle = psi[:, 2:-2]
    law = (data.input[:, 2:-2, 0] - energy[:, 2:-2] + system.g * middle**2) * middle
    np.testing.assert_allclose(second / (12 * DX**2), law, atol=5e-3 * np.abs(law).max())


def test_constants_count_as_they_should():
    plain, scaled = (
        system.simulate(runs=3, sites=64, seed=0, with_truth=True)
        for system in (InteractingTrap(), InteractingTrap(kappa=2.0, atoms=100.0, g=0.06))
    )
    np.testing.assert_allclose(scaled.input, plain.input / 2)
    np.testing.assert_allclose(scaled.response, plain.response / 10, rtol=1e-9)


def test_a_cloud_for_which_there_is_no_room_is_refused():
    with pytest.raises(SettingsError, match="g is -1; it must be a positive number"):
        InteractingTrap(g=-1.0)
    with pytest.raises(SettingsError, match=r"cuts off the density in \d of 4 traps"):
        InteractingTrap(g=0.1).simulate(runs=4, sites=64, seed=0, potentials="harmonic")
    with pytest.raises(SettingsError, match="no ground state was found for an interaction of"):
        InteractingTrap(g=5.0).simulate(runs=4, sites=64, seed=0, potentials="box")
