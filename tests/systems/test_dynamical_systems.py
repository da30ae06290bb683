"""Laws s' = f(s, u) against another integrator, for every kind of input."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from hiddenlaw.errors import SettingsError
from hiddenlaw.systems import SYSTEMS, DynamicalSystem
from hiddenlaw.systems.drive import draw

SITES = 24

# The laws once more, as first-order systems for the true states in their order: f(u, s), and what
# is seen of them.
LAWS = {
    "gross_pitaevskii": lambda u, s: [s[1], (u - 0.37) * s[0] - 0.5 * s[0] ** 3],
    "duffing": lambda u, s: [s[1], u - 0.2 * s[1] - s[0] - s[0] ** 3],
    "van_der_pol": lambda u, s: [s[1], (1 - s[0] ** 2) * s[1] - s[0] + u],
    "pendulum": lambda u, s: [s[1], u - 0.2 * s[1] - 1.5**2 * np.sin(s[0])],
    "coupled_masses": lambda u, s: [
        s[2],
        s[3],
        u - s[0] - 0.1 * s[2] - 0.8 * (s[0] - s[1]),
        -s[1] - 0.1 * s[3] - 0.8 * (s[1] - s[0]),
    ],
    "tanks": lambda u, s: [
        0.5 * u - 0.5 * np.sqrt(s[0]),
        0.5 * np.sqrt(s[0]) - 0.4 * np.sqrt(s[1]),
    ],
    "saturating_actuator": lambda u, s: [
        s[1],
        1.5**2 * (np.tanh(u) - s[0]) - 2 * 0.3 * 1.5 * s[1],
    ],
}
READOUTS = {
    "gross_pitaevskii": lambda s: s[0] ** 2,
    "duffing": lambda s: s[0],
    "van_der_pol": lambda s: s[0],
    "pendulum": lambda s: s[0],
    "coupled_masses": lambda s: s[1],
    "tanks": lambda s: s[1],
    "saturating_actuator": lambda s: s[0],
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
    system = SYSTEMS[name]()
    assert isinstance(system, DynamicalSystem)
    data = system.simulate(runs=2, sites=SITES, seed=0, with_truth=True)
    assert data.truth is not None
    ends = np.concatenate([[0], data.x])
    for run in range(2):
        start = system.initial_state()
        true = integrate(name, lambda c, _, r=run: data.input[r, c, 0], start, ends)[:, 1:]
        np.testing.assert_allclose(data.response[run, :, 0], READOUTS[name](true), atol=1e-10)
        for found, values in zip(data.truth.states.values(), true, strict=True):
            np.testing.assert_allclose(found[run], values, atol=1e-10)


@ALL
@pytest.mark.parametrize("hold", ["first", "cubic"])
def test_the_response_to_smooth_inputs_is_that_of_a_numerical_integrator(name, hold):
    system = SYSTEMS[name]()
    low, high = system.input_range()
    x = system.default_dx * np.arange(1, SITES + 1)
    drive = draw("smooth", hold, np.random.default_rng(0), runs=2, x=x, low=low, high=high)
    response, states = system.answer(drive, np.random.default_rng(1))
    start = system.random_states(np.random.default_rng(1), 2)[1]

    def input_at(_, x):
        if drive.spline is not None:
            return drive.spline(x)[1]
        return np.interp(x, drive.x, drive.input[1])

    true = integrate(name, input_at, start, drive.x)
    np.testing.assert_allclose(response[1, :, 0], READOUTS[name](true), atol=1e-10)
    for found, values in zip(states.values(), true, strict=True):
        np.testing.assert_allclose(found[1], values, atol=1e-10)


@ALL
def test_a_coarser_grid_is_integrated_as_finely(name):
    system = SYSTEMS[name]()
    low, high = system.input_range()
    u = np.random.default_rng(0).uniform(low, high, (3, 6))
    coarse, _ = system.respond(u, 3 * system.default_dx)
    fine, _ = system.respond(np.repeat(u, 3, axis=1), system.default_dx)
    np.testing.assert_allclose(coarse, fine[:, 2::3], rtol=1e-12, atol=1e-12)


@ALL
def test_no_few_runs_outweigh_all_others_and_preparations_differ(name):
    system = SYSTEMS[name]()
    shared, random = (
        system.simulate(runs=200, sites=64, seed=0, preparation=preparation)
        for preparation in ("shared", "random")
    )
    np.testing.assert_array_equal(shared.input, random.input)
    assert random.response[:, 0].std() > 2 * shared.response[:, 0].std()
    for data in (shared, random):
        deviation = ((data.response - data.response.mean(axis=(0, 1))) ** 2).sum(axis=(1, 2))
        assert np.sort(deviation)[-10:].sum() < 0.5 * deviation.sum()
        assert data.variance[0] > 0.02


@ALL
def test_constants_that_mean_nothing_are_refused(name):
    for constant in SYSTEMS[name]().parameters:
        with pytest.raises(SettingsError, match=f"{constant} is nan; it must be a"):
            SYSTEMS[name](**{constant: float("nan")})
