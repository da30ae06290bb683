"""Each system answers as its law says: closed forms where there are, else another integrator."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from hiddenlaw.errors import SettingsError
from hiddenlaw.systems import SYSTEMS, Components, Current, Helmholtz, Oscillator, System
from hiddenlaw.systems.drive import draw

DX = 0.2
X = DX * np.arange(1, 65)


def wave(q, psi):
    return [psi[1], q * psi[0]]


# The laws once more, as first-order systems for the true states in their order: f(u, s).
LAWS = {
    "schroedinger": lambda u, s: wave(u - 0.37, s),
    "current": lambda u, s: [s[2], s[3], (u - 0.37) * s[0], (u - 0.37) * s[1]],
    "components": lambda u, s: [
        s[2],
        s[3],
        (u - 0.37 + 0.5) * s[0] + 0.6 * s[1],
        (u - 0.37 - 0.5) * s[1] + 0.6 * s[0],
    ],
    "helmholtz": lambda u, s: wave(-(1.2**2) * u**2, s),
    "oscillator": lambda u, s: [s[1], -2 * 0.05 * s[1] - 1.5**2 * (1 + u) * s[0]],
}
READOUTS = {
    "schroedinger": lambda s: s[0] ** 2,
    "current": lambda s: s[0] ** 2 + s[1] ** 2,
    "components": lambda s: s[0] ** 2 + s[1] ** 2,
    "helmholtz": lambda s: s[0] ** 2,
    "oscillator": lambda s: s[0],
}
STARTS = {
    "schroedinger": [1, 0],
    "current": [1, 0, 0, 1.5],
    "components": [1, 0, 0, 0],
    "helmholtz": [1, 0],
    "oscillator": [1, 0],
}
# Truth names in the order of LAWS.
STATES = {
    "schroedinger": ["psi", "psi'"],
    "current": ["re_psi", "im_psi", "re_psi'", "im_psi'"],
    "components": ["psi1", "psi2", "psi1'", "psi2'"],
    "helmholtz": ["E", "E'"],
    "oscillator": ["q", "q'"],
}
ALL = pytest.mark.parametrize("name", LAWS)


def integrate(name: str, input_at, start, ends) -> np.ndarray:
    """States at every end, by Dormand and Prince's method of order 8 from one to the next."""
    states = [np.asarray(start, float)]
    for cell in range(len(ends) - 1):
        solution = solve_ivp(
            lambda x, s, c=cell: LAWS[name](input_at(c, x), s),
            ends[cell : cell + 2],
            states[-1],
            "DOP853",
            rtol=3e-14,
            atol=1e-15,
        )
        states.append(solution.y[:, -1])
    return np.array(states).T


@ALL
def test_the_response_to_constant_cells_is_that_of_a_numerical_integrator(name):
    data = SYSTEMS[name]().simulate(runs=2, sites=32, dx=DX, seed=0, with_truth=True)
    assert data.truth is not None
    for run in range(2):
        ends = np.concatenate([[0], data.x])
        true = integrate(name, lambda c, _, r=run: data.input[r, c, 0], STARTS[name], ends)[:, 1:]
        np.testing.assert_allclose(data.response[run, :, 0], READOUTS[name](true), atol=1e-10)
        for state, values in zip(STATES[name], true, strict=True):
            np.testing.assert_allclose(data.truth.states[state][run], values, atol=1e-10)


@ALL
@pytest.mark.parametrize("hold", ["first", "cubic"])
def test_the_response_to_smooth_inputs_is_that_of_a_numerical_integrator(name, hold):
    system = SYSTEMS[name]()
    low, high = system.input_range()
    rng = np.random.default_rng(0)
    drive = draw("smooth", hold, rng, runs=2, x=X[:32], low=low, high=high)
    response, states = system.answer(drive, None)

    def input_at(_, x):
        if drive.spline is not None:
            return drive.spline(x)[1]
        return np.interp(x, drive.x, drive.input[1])

    true = integrate(name, input_at, STARTS[name], drive.x)
    np.testing.assert_allclose(response[1, :, 0], READOUTS[name](true), atol=1e-10)
    for state, values in zip(STATES[name], true, strict=True):
        np.testing.assert_allclose(states[state][1], values, atol=1e-10)


@ALL
@pytest.mark.parametrize("preparation", ["shared", "random"])
def test_no_few_runs_outweigh_all_others(name, preparation):
    data = SYSTEMS[name]().simulate(runs=400, sites=64, seed=0, preparation=preparation)
    deviation = ((data.response - data.response.mean(axis=(0, 1))) ** 2).sum(axis=(1, 2))
    assert np.sort(deviation)[-20:].sum() < 0.55 * deviation.sum()
    assert 0.1 < data.variance[0] < 2


@ALL
def test_random_preparations_are_of_the_order_of_the_shared_one(name):
    system: System = SYSTEMS[name]()
    shared, random = (
        system.simulate(runs=400, sites=64, seed=0, preparation=preparation)
        for preparation in ("shared", "random")
    )
    np.testing.assert_array_equal(shared.input, random.input)
    ratio = np.sqrt((random.response**2).mean() / (shared.response**2).mean())
    assert 0.5 < ratio < 2
    assert random.response[:, 0].std() > 2 * shared.response[:, 0].std()


@ALL
def test_constants_that_mean_nothing_are_refused(name):
    system = SYSTEMS[name]
    for constant in system().parameters:
        with pytest.raises(SettingsError, match=f"{constant} is nan; it must be a"):
            system(**{constant: float("nan")})


def test_the_current_is_the_same_everywhere_and_that_of_the_preparation():
    system = Current(wave_number=0.8, scale=2.0)
    data = system.simulate(runs=20, sites=64, seed=0, with_truth=True)
    assert data.truth is not None
    s = data.truth.states
    current = s["re_psi"] * s["im_psi'"] - s["im_psi"] * s["re_psi'"]
    np.testing.assert_allclose(current, 0.8, rtol=1e-11)
    np.testing.assert_allclose(data.response[:, :, 0], 2 * (s["re_psi"] ** 2 + s["im_psi"] ** 2))
    assert data.response.min() > 0


def test_random_preparations_carry_different_currents_and_none_vanishes():
    data = Current().simulate(runs=200, sites=8, seed=0, preparation="random", with_truth=True)
    assert data.truth is not None
    s = data.truth.states
    current = s["re_psi"] * s["im_psi'"] - s["im_psi"] * s["re_psi'"]
    np.testing.assert_allclose(np.ptp(current, axis=1), 0, atol=1e-13)
    assert current.min() > 0.3
    assert np.std(current[:, 0]) > 0.3


def test_at_constant_potential_a_plane_wave_stays_one():
    """k = √(E − V): the density is level."""
    density, states = Current(wave_number=2.0, energy=0.0).respond(np.full((1, 50), -4.0), DX)
    x = DX * np.arange(1, 51)
    np.testing.assert_allclose(density, 1, rtol=1e-12)
    np.testing.assert_allclose(states["im_psi"][0], np.sin(2 * x), atol=1e-12)


@pytest.mark.parametrize("observe", ["total", "one", "both"])
def test_at_constant_potential_components_beat(observe):
    """On resonance ψ1 ± ψ2 are cosines of their own wave numbers, √(E − V ∓ Ω/2)."""
    system = Components(energy=0.0, detuning=0.0, coupling=2.0, observe=observe)
    density, states = system.respond(np.full((1, 50), -3.0), DX)
    x = DX * np.arange(1, 51)
    even, odd = np.cos(np.sqrt(2.0) * x), np.cos(2 * x)
    one, two = (even + odd) / 2, (even - odd) / 2
    np.testing.assert_allclose(states["psi1"][0], one, atol=1e-12)
    np.testing.assert_allclose(states["psi2"][0], two, atol=1e-12)
    expected = {"total": [one**2 + two**2], "one": [one**2], "both": [one**2, two**2]}[observe]
    np.testing.assert_allclose(density[0], np.array(expected).T, atol=1e-12)


def test_components_without_coupling_are_two_single_particles():
    data = Components(coupling=0.0, observe="both").simulate(runs=5, sites=32, seed=0)
    single = SYSTEMS["schroedinger"](energy=0.37 - 0.5)
    density, _ = single.respond(data.input[:, :, 0], data.dx)
    np.testing.assert_allclose(data.response[:, :, :1], density, atol=1e-12)
    np.testing.assert_array_equal(data.response[:, :, 1], 0)


def test_what_is_observed_shows_in_names_and_source_and_is_no_constant():
    data = Components(observe="both").simulate(runs=3, sites=8, seed=0, with_truth=True)
    assert data.response_names == ("rho1", "rho2")
    assert "observe both" in data.source
    assert data.truth is not None
    assert set(data.truth.parameters) == {"kappa", "energy", "detuning", "coupling"}
    assert Components().choices == {"observe": "total"}
    with pytest.raises(SettingsError, match="observe is 'two'; it can be total, one, both"):
        Components(observe="two")
    with pytest.raises(SettingsError, match=r"split the energies by 6\.4; only"):
        Components(detuning=0.0, coupling=6.4)


def test_all_waves_of_the_components_oscillate():
    system = Components(kappa=2.0, energy=1.0, detuning=-1.0, coupling=2.0)
    for potential in system.input_range():
        generator = system.generator(np.array(potential))
        eigenvalues = np.linalg.eigvalsh(generator[2:, :2])
        assert eigenvalues.min() >= -6 - 1e-12
        assert eigenvalues.max() <= -0.5 + 1e-12


def test_light_in_glass_has_a_shorter_wave():
    intensity, states = Helmholtz(k0=1.1).respond(np.full((1, 50), 1.5), DX)
    x = DX * np.arange(1, 51)
    np.testing.assert_allclose(states["E"][0], np.cos(1.65 * x), atol=1e-12)
    np.testing.assert_allclose(intensity[0, :, 0], np.cos(1.65 * x) ** 2, atol=1e-12)
    assert Helmholtz().k0 * Helmholtz().input_range()[1] * Helmholtz.default_dx < np.pi / 6


def test_an_undriven_oscillator_rings_down():
    motion, states = Oscillator(gamma=0.1, omega0=1.5).respond(np.zeros((1, 50)), DX)
    t = DX * np.arange(1, 51)
    omega = np.sqrt(1.5**2 - 0.1**2)
    q = np.exp(-0.1 * t) * (np.cos(omega * t) + 0.1 / omega * np.sin(omega * t))
    velocity = -(1.5**2) / omega * np.exp(-0.1 * t) * np.sin(omega * t)
    np.testing.assert_allclose(motion[0, :, 0], q, atol=1e-12)
    np.testing.assert_allclose(states["q'"][0], velocity, atol=1e-12)
    assert Oscillator().simulate(runs=2, sites=8, seed=0).x_name == "t"
