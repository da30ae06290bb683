"""Coupled masses, tanks and a saturating actuator, where the answer is known."""

import numpy as np
import pytest
from scipy.linalg import expm

from hiddenlaw.errors import SettingsError
from hiddenlaw.systems import CoupledMasses, SaturatingActuator, Tanks

DX = 0.2


def test_the_modes_of_coupled_masses_move_apart_from_one_another():
    """x1 ± x2 obey q'' = -k q - c q' + u and q'' = -(k + 2κ) q - c q' + u, each cell by its exp."""
    u = np.random.default_rng(0).uniform(-2, 2, (3, 40))
    _, states = CoupledMasses(stiffness=0.9, spring=0.5, damping=0.2).respond(u, DX)
    for sign, stiffness in ((1, 0.9), (-1, 0.9 + 2 * 0.5)):
        law = np.array([[0.0, 1.0, 0.0], [-stiffness, -0.2, 1.0], [0.0, 0.0, 0.0]])
        across, mode = expm(DX * law), np.zeros((3, 2))
        for site in range(40):
            mode = np.column_stack([mode, u[:, site]]) @ across[:2].T
            found = states["x1"][:, site] + sign * states["x2"][:, site]
            np.testing.assert_allclose(found, mode[:, 0], atol=1e-11)


def test_a_steady_pump_keeps_the_levels_at_which_as_much_runs_out():
    level, states = Tanks(a1=0.6, a2=0.3, b=0.45).respond(np.ones((1, 30)), 0.5)
    np.testing.assert_allclose(states["x1"], (0.45 / 0.6) ** 2, rtol=1e-12)
    np.testing.assert_allclose(level[..., 0], (0.45 / 0.3) ** 2, rtol=1e-12)


def test_a_tank_drains_as_torricelli_says():
    """√x1 falls at the rate a1/2 where the pump is off; water is neither made nor lost."""
    system = Tanks(a1=0.3, a2=0.2, b=0.3)
    _, states = system.respond(np.zeros((1, 10)), 0.5)
    t = 0.5 * np.arange(1, 11)
    np.testing.assert_allclose(states["x1"][0], (1 - 0.15 * t) ** 2, rtol=1e-12)
    slow, _ = system.respond(np.zeros((1, 20)), 0.25)
    out = 0.2 * np.sqrt(np.concatenate([[0.3**2 / 0.2**2], slow[0, :, 0]]))
    # What ran out by Simpson's rule.
    lost = 0.25 / 3 * (out[:-2:2] + 4 * out[1:-1:2] + out[2::2]).sum()
    left = states["x1"][0, -1] + states["x2"][0, -1]
    assert 1 + 0.3**2 / 0.2**2 - left == pytest.approx(lost, rel=1e-6)


@pytest.mark.parametrize("actuator", ["tanh", "clipped"])
def test_behind_the_actuator_all_is_linear_and_the_end_is_what_it_gives(actuator):
    system = SaturatingActuator(limit=0.8, actuator=actuator)
    u = np.array([[0.2], [0.5], [0.9], [2.0], [-2.0]])
    given = 0.8 * np.tanh(u / 0.8) if actuator == "tanh" else np.clip(u, -0.8, 0.8)
    y, _ = system.respond(np.tile(u, (1, 120)), DX)
    # One oscillation, as high as what is given: y = a(u) times the step response.
    omega, decay = 1.5 * np.sqrt(1 - 0.3**2), 0.3 * 1.5
    t = DX * np.arange(1, 121)
    step = 1 - np.exp(-decay * t) * (np.cos(omega * t) + decay / omega * np.sin(omega * t))
    np.testing.assert_allclose(y[..., 0], given * step, atol=1e-11)
    np.testing.assert_allclose(y[:, -1], given, rtol=1e-3)


def test_a_clipped_actuator_takes_inputs_that_are_held():
    system = SaturatingActuator(actuator="clipped")
    data = system.simulate(runs=3, sites=16, seed=0)
    assert "actuator clipped" in data.source
    with pytest.raises(SettingsError, match="clipped actuator takes hold zero and this is first"):
        system.simulate(runs=3, sites=16, seed=0, hold="first")
    with pytest.raises(SettingsError, match="actuator is 'soft'; it can be tanh, clipped"):
        SaturatingActuator(actuator="soft")
