"""Gain, time constants, frequencies, zeros: as SciPy reads them, with the errors of refits."""

import numpy as np
import pytest
from driven_fit import DT, continuous, draws, fit_of, recorded
from scipy.signal import ss2zpk

from hiddenlaw.theory.readings import READINGS, Read, Reading, StateSpace, readings
from hiddenlaw.theory.readings.dead_times import with_dead_times
from hiddenlaw.translator.dead_time import DeadTime

# SciPy warns that a numerator has a lower degree than it might.
pytestmark = pytest.mark.filterwarnings("ignore:Badly conditioned filter coefficients")

# y″ = −2 ζ ω y′ − ω² y + K ω² u in continuous time, or y′ = (K u − y) / T.
OMEGA, ZETA, T, GAIN = 2.5, 0.3, 0.8, 1.7
SECOND = np.array([[0, 1], [-(OMEGA**2), -2 * ZETA * OMEGA]]), np.array([[0], [GAIN * OMEGA**2]])
FIRST = np.array([[-1 / T]]), np.array([[GAIN / T]])
# y‴ = −4 y″ − 6 y′ − 4 y + …, whose numerator is that of the poles and zeros asked for.
COMPANION = np.array([[0.0, 1, 0], [0, 0, 1], [-4, -6, -4]])


def pushed_with(numerator):
    """B of the observability form for this numerator, the highest power first."""
    denominator = -COMPANION[-1, ::-1]
    markov = []
    for k, coefficient in enumerate(numerator):
        earlier = sum(denominator[k - 1 - j] * markov[j] for j in range(k))
        markov.append(coefficient - earlier)
    return np.array(markov, float)[:, None]


def by_name(found):
    return {reading.name: reading for reading in found}


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        (FIRST, {"gain of y for u": (GAIN, "rpm/V"), "time constant 1": (T, "s")}),
        (
            SECOND,
            {
                "gain of y for u": (GAIN, "rpm/V"),
                "frequency 1": (OMEGA, "rad/s"),
                "damping 1": (ZETA, ""),
            },
        ),
    ],
)
def test_what_is_read_is_what_the_closed_form_says(system, expected):
    data = recorded(*system, seed=0)
    found = by_name(readings(fit_of(*system, data), data))
    assert set(found) == set(expected)  # no zeros: there are none
    for name, (value, unit) in expected.items():
        assert found[name].unit == unit
        assert abs(found[name].value - value) < 4 * found[name].stderr
        assert found[name].stderr < 0.02 * value
        assert Reading.from_json(found[name].to_json()) == found[name]


def test_errors_are_the_spread_of_repeated_measurements():
    found = []
    for seed in range(40):
        data = recorded(*SECOND, seed=seed)
        found.append(by_name(readings(fit_of(*SECOND, data), data)))
    for name in found[0]:
        spread = np.std([each[name].value for each in found])
        said = np.mean([each[name].stderr for each in found])
        assert said == pytest.approx(spread, rel=0.4)


@pytest.mark.parametrize(
    ("numerator", "expected"),
    [
        ((0, 2, -3), {"zero 1 of y for u": (1.5, "1/s")}),  # sets out in the wrong direction
        ((1, 4, 3), {"zero 1 of y for u": (-1, "1/s"), "zero 2 of y for u": (-3, "1/s")}),
        (
            (2, 1.6, 8),
            {
                "frequency of zeros 1 of y for u": (2, "rad/s"),
                "damping of zeros 1 of y for u": (0.2, ""),
            },
        ),
        ((0, 0, 4), {}),
        ((0, 1, 2), {}),  # the zero at −2 is the real pole, and cancels it
    ],
)
def test_zeros_are_those_of_the_transfer_function(numerator, expected):
    """Poles at −2 and −1 ± i, and zeros where the numerator says, as SciPy finds them too."""
    push = pushed_with(numerator)
    data = recorded(COMPANION, push, seed=3, noise=2e-3)
    fit = fit_of(COMPANION, push, data)
    found = {name: r for name, r in by_name(readings(fit, data)).items() if "zero" in name}
    assert set(found) == set(expected)
    for name, (value, unit) in expected.items():
        assert found[name].unit == unit
        assert abs(found[name].value - value) < 4 * found[name].stderr
        assert found[name].stderr < 0.2 * abs(value)
    if len(expected) == 2:  # no leading coefficient is taken for zero
        zeros = np.sort_complex(StateSpace.of(fit.law, DT).zeros(0, 0)[0] / DT)
        np.testing.assert_allclose(zeros, np.sort_complex(ss2zpk(*continuous(fit.law))[0]))


def test_errors_of_zeros_and_poles_are_the_spread_of_laws_drawn_from_the_covariance():
    push = pushed_with((2, 1.6, 8))
    data = recorded(COMPANION, push, seed=3, noise=2e-3)
    fit = fit_of(COMPANION, push, data)
    said = by_name(readings(fit, data))
    pairs = []
    for law in draws(fit, 300):
        zeros, poles, _ = ss2zpk(*continuous(law))
        pairs.append([zeros[zeros.imag > 0][0], poles[poles.imag > 0][0]])
    drawn = np.array(pairs)
    for column, of in enumerate((" of zeros 1 of y for u", " 1")):
        size, damping = np.abs(drawn[:, column]), -np.cos(np.angle(drawn[:, column]))
        assert said[f"frequency{of}"].stderr == pytest.approx(size.std(), rel=0.2)
        assert said[f"damping{of}"].stderr == pytest.approx(damping.std(), rel=0.2)


def test_each_input_and_response_has_its_own_gains_and_zeros():
    """Two tanks in a row, each with a pump: y1′ = u1 − y1, y2′ = y1 − 2 y2 + 3 u2."""
    matrix, push = np.array([[-1.0, 0], [1, -2]]), np.array([[1.0, 0], [0, 3]])
    data = recorded(matrix, push, seed=1, noise=0.01, read=np.eye(2))
    fit = fit_of(matrix, push, data, np.eye(2))
    found = by_name(readings(fit, data))
    for name, value in {
        "gain of y1 for u1": 1,
        "gain of y1 for u2": 0,
        "gain of y2 for u1": 0.5,
        "gain of y2 for u2": 1.5,
        "time constant 1": 1,
        "time constant 2": 0.5,
    }.items():
        assert abs(found[name].value - value) < 4 * found[name].stderr
        assert found[name].stderr < 0.05
    # Each is of first order but y2 for u1, which is of second and has none: all zeros cancel.
    assert not [name for name in found if name.startswith("zero 1 of y1 for u1")]
    assert not [name for name in found if "of y2 for" in name and "zero" in name]


def test_an_integrator_has_no_gain_and_keeps_its_zero():
    space = StateSpace(
        np.array([[0.0, 1], [0, -0.5]]),
        np.array([[1.0], [0.5]]),  # (s + 1) / (s (s + 0.5))
        np.array([[1.0, 0]]),
        np.zeros((0, 2, 2)),
        np.zeros((0, 2, 1)),
        np.zeros((0, 1, 2)),
        dx=0.1,
        covariance=np.zeros((0, 0)),
    )
    data = recorded(*FIRST, seed=0)
    found = {each.name: each.value for reader in READINGS for each in reader(space, data)}
    assert found == pytest.approx({"time constant 1": 0.2, "zero 1 of y for u": -10.0})


def test_a_reading_of_ones_own_joins_the_others():
    def corner(space, data):
        values, slopes = space.poles()
        yield Read("corner", float(-values[0].real / space.dx), -slopes[:, 0].real / space.dx)

    READINGS.append(corner)
    try:
        data = recorded(*FIRST, seed=0)
        found = by_name(readings(fit_of(*FIRST, data), data))
    finally:
        READINGS.remove(corner)
    assert found["corner"].value == pytest.approx(1 / found["time constant 1"].value)
    relative = [found[name].stderr / found[name].value for name in ("corner", "time constant 1")]
    assert relative[0] == pytest.approx(relative[1])


def test_a_dead_time_is_told_among_the_readings():
    from driven_fit import theory_of

    data = recorded(*FIRST, seed=0)
    theory = theory_of(fit_of(*FIRST, data), dead_time=(0.25,))
    told = with_dead_times(theory, [DeadTime("u", np.float64(0.25), 0.01)], data)
    assert told.dead_time_stderr == (0.01,)
    (reading,) = told.readings
    assert reading == Reading.of("dead time of u", 0.25, 0.01, "s")
    assert "np." not in repr(reading)
    unsure = with_dead_times(theory, [DeadTime("u", 0.25, float("inf"))], data)
    assert unsure.statement.readings == ()
