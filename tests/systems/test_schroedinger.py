"""The simulated density is that of the Schrödinger equation, whoever integrates it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from hiddenlaw.errors import SettingsError
from hiddenlaw.systems import (
    SYSTEMS,
    Experiment,
    Schroedinger,
    System,
    get_system,
    transfer_matrix,
)

DX = 0.2
SETTINGS = {"runs": 4, "sites": 32, "dx": DX, "seed": 0}


def integrate(curvatures: np.ndarray, dx: float) -> np.ndarray:
    """ψ and ψ' after every cell by Dormand and Prince's method of order 8, one cell at a time."""
    state, states = np.array([1.0, 0.0]), []
    for q in curvatures:
        solution = solve_ivp(
            lambda _, s, q=q: [s[1], q * s[0]], (0, dx), state, "DOP853", rtol=1e-12, atol=1e-14
        )
        state = solution.y[:, -1]
        states.append(state)
    return np.array(states)


@pytest.mark.parametrize("potentials", ["fourier", "wells"])
def test_the_density_is_that_of_a_numerical_integrator(potentials):
    system = Schroedinger(kappa=1.3, energy=-0.4, scale=2.5)
    data = system.simulate(**SETTINGS, potentials=potentials, with_truth=True)
    assert data.truth is not None
    for run in range(data.runs):
        states = integrate(1.3 * data.input[run, :, 0] + 0.4, DX)
        density = 2.5 * states[:, 0] ** 2
        np.testing.assert_allclose(data.response[run, :, 0], density, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(data.truth.states["psi"][run], states[:, 0], atol=1e-9)
        np.testing.assert_allclose(data.truth.states["psi'"][run], states[:, 1], atol=1e-9)


def test_behind_a_barrier_too():
    barrier = np.linspace(-1, 2, 13)[np.newaxis] + 0.37
    density, _ = Schroedinger().respond(barrier, DX)
    states = integrate(barrier[0] - 0.37, DX)
    np.testing.assert_allclose(density[0, :, 0], states[:, 0] ** 2, rtol=1e-9)


def test_at_constant_potential_psi_is_a_cosine():
    density, states = Schroedinger(energy=0.0).respond(np.full((1, 50), -4.0), DX)
    x = DX * np.arange(1, 51)
    np.testing.assert_allclose(states["psi"][0], np.cos(2 * x), atol=1e-13)
    np.testing.assert_allclose(density[0, :, 0], np.cos(2 * x) ** 2, atol=1e-13)


@given(q=st.floats(-50, 50), dx=st.floats(0.01, 1.0))
def test_the_wronskian_of_any_two_solutions_is_conserved(q, dx):
    matrix = transfer_matrix(np.array(q), dx)
    one, other = np.array([1.0, 0.3]), np.array([-0.2, 2.0])
    wronskian = np.linalg.det(np.stack([one, other]))
    after = np.linalg.det(np.stack([matrix @ one, matrix @ other]))
    assert after == pytest.approx(wronskian, abs=1e-12 * (matrix**2).max())


def test_the_trace_is_twice_the_cosine_of_the_phase():
    q = -np.linspace(0.5, 6, 20)
    trace = np.trace(transfer_matrix(q, DX), axis1=1, axis2=2)
    np.testing.assert_allclose(trace, 2 * np.cos(np.sqrt(-q) * DX), rtol=1e-15)


@pytest.mark.parametrize("edge", [0.0, 1e-2, -1e-2])
def test_the_transfer_matrix_is_smooth_where_its_formula_changes(edge):
    """Left and right of an edge it differs by its slope alone, down to rounding."""
    step = 1e-9
    below, above = transfer_matrix(np.array([edge - step, edge + step]), 1.0)
    np.testing.assert_allclose(above, below, atol=2.1 * step)
    np.testing.assert_allclose(
        transfer_matrix(np.array(0.0), DX), [[1, DX], [0, 1]], rtol=0, atol=0
    )


def test_two_half_cells_are_one_cell():
    q = np.linspace(-6, 6, 25)
    half = transfer_matrix(q, DX / 2)
    np.testing.assert_allclose(half @ half, transfer_matrix(q, DX), rtol=1e-14, atol=1e-15)


def test_the_wave_oscillates_over_the_whole_range():
    system = Schroedinger(kappa=2.0, energy=1.0, scale=3.0)
    low, high = system.input_range()
    assert (2 * low - 1, 2 * high - 1) == (-6, -0.5)
    data = system.simulate(runs=200, sites=64, dx=DX, seed=1)
    assert data.input_range[0, 0] >= low
    assert data.input_range[0, 1] <= high
    assert np.ptp(data.input_range[0]) > 0.95 * (high - low)


def test_no_few_runs_outweigh_all_others():
    data = Schroedinger().simulate(runs=400, sites=64, dx=DX, seed=0)
    deviation = ((data.response - data.response.mean()) ** 2).sum(axis=(1, 2))
    assert np.sort(deviation)[-20:].sum() < 0.5 * deviation.sum()


def test_equal_seeds_give_equal_data_and_the_truth_is_not_in_them():
    data, again = (Schroedinger().simulate(**SETTINGS) for _ in range(2))
    other = Schroedinger().simulate(**(SETTINGS | {"seed": 1}))
    np.testing.assert_array_equal(data.response, again.response)
    assert (data.input != other.input).all()
    assert data.truth is None
    assert "0.37" not in repr(data)
    assert (data.input_names, data.response_names, data.dx) == (("V",), ("rho",), DX)
    assert data.x[0] - data.dx == 0


def test_truth_names_the_system_and_its_constants():
    truth = Schroedinger(energy=0.5).simulate(**SETTINGS, with_truth=True).truth
    assert truth is not None
    assert truth.system == "schroedinger"
    assert truth.parameters == {"kappa": 1, "energy": 0.5, "scale": 1}
    assert set(truth.states) == {"psi", "psi'"}


@pytest.mark.parametrize("name", ["kappa", "scale", "energy"])
def test_constants_that_mean_nothing_are_refused(name):
    with pytest.raises(SettingsError, match=f"{name} is nan; it must be a"):
        Schroedinger(**{name: float("nan")})
    with pytest.raises(SettingsError, match="kappa is -1; it must be a positive number"):
        Schroedinger(kappa=-1.0)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"runs": 0}, "runs is 0; it must be at least 1"),
        ({"sites": 1}, "sites is 1; it must be at least 2"),
        ({"dx": 0.0}, "dx is 0; it must be a positive number"),
        ({"seed": -1}, "seed is -1"),
        ({"potentials": "square"}, "'square'; there are fourier, wells"),
    ],
)
def test_settings_that_make_no_experiment_are_refused(setting, message):
    with pytest.raises(SettingsError, match=message):
        Schroedinger().simulate(**(SETTINGS | setting))


def test_systems_go_by_name():
    assert get_system("schroedinger") is Schroedinger
    assert all(issubclass(system, Experiment) for system in SYSTEMS.values())
    with pytest.raises(SettingsError, match="'bose'; there are schroedinger"):
        get_system("bose")


def test_a_stranger_can_add_a_system():
    class Echo(System):
        name = "echo"
        summary = "says again what it is told"

        def input_range(self):
            return -1.0, 1.0

        def respond(self, input, dx):
            return input[:, :, np.newaxis], {}

    data = Echo().simulate(runs=3, sites=8, dx=0.1, seed=0)
    np.testing.assert_array_equal(data.response, data.input)


def test_a_system_that_explodes_says_so():
    class Explosion(System):
        name = "explosion"
        summary = "grows without bound"

        def input_range(self):
            return 0.0, 1.0

        def respond(self, input, dx):
            return np.exp(1e4 * input)[:, :, np.newaxis], {}

    with pytest.raises(SettingsError, match="explosion grows beyond any number over 8 sites"):
        Explosion().simulate(runs=3, sites=8, dx=0.1, seed=0)
