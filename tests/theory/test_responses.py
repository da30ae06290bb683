"""Step and frequency responses of theories: as SciPy computes them, with bands that draws fill."""

import numpy as np
import pytest
from driven_fit import DT, continuous, draws, fit_of, recorded, theory_of
from scipy.signal import freqresp, step

import hiddenlaw as hl
from hiddenlaw.cells import GeneratorCell
from hiddenlaw.holds import Span

# SciPy warns that a numerator has a lower degree than it might.
pytestmark = pytest.mark.filterwarnings("ignore:Badly conditioned filter coefficients")

OMEGA, ZETA, GAIN, LATE = 2.5, 0.3, 1.7, 0.23
SECOND = np.array([[0, 1], [-(OMEGA**2), -2 * ZETA * OMEGA]]), np.array([[1.0], [GAIN * OMEGA**2]])
TANKS = np.array([[-1.0, 0], [1, -2]]), np.array([[1.0, 0], [0, 3]])


@pytest.fixture(scope="module")
def second():
    return fit_of(*SECOND, recorded(*SECOND, seed=0))


@pytest.fixture(scope="module")
def tanks():
    return fit_of(*TANKS, recorded(*TANKS, seed=1, read=np.eye(2)), np.eye(2))


def test_a_step_is_that_of_scipy_after_the_dead_time(second):
    found = hl.step_response(theory_of(second, (LATE,)))
    assert found.x[0] == 0
    since = np.maximum(found.x - LATE, 0)
    _, expected = step(continuous(second.law), T=np.linspace(0, since[-1], 3001))
    grid = np.linspace(0, since[-1], 3001)
    np.testing.assert_allclose(found.values[:, 0, 0], np.interp(since, grid, expected), atol=2e-4)
    low, high = found.ci95
    assert (low <= found.values).all()
    assert (high >= found.values).all()
    # By then it rests at the gain, to which the zero adds.
    assert found.values[-1, 0, 0] == pytest.approx(GAIN + 2 * ZETA / OMEGA, rel=0.02)


def test_times_may_be_any(second):
    theory = theory_of(second)
    uneven = np.array([0.0, 0.01, 0.4, 0.4, 3.0])
    found = hl.step_response(theory, uneven)
    grid = hl.step_response(theory, np.arange(0, 3.01, 0.01))
    at = [0, 1, 40, 40, 300]
    np.testing.assert_allclose(found.values, grid.values[at], atol=1e-10)
    np.testing.assert_allclose(found.stderr, grid.stderr[at], atol=1e-10)


def test_its_band_is_what_laws_drawn_from_the_covariance_fill(second):
    x = np.linspace(0.1, 5, 50)
    said = hl.step_response(theory_of(second), x).stderr[:, 0, 0]
    drawn = [step(continuous(law), T=np.concatenate([[0], x]))[1][1:] for law in draws(second, 300)]
    np.testing.assert_allclose(said, np.std(drawn, axis=0), rtol=0.2)


def test_a_dead_time_that_is_known_badly_widens_the_rise_alone(second):
    x = np.linspace(0, 12, 241)
    sure, unsure = (
        hl.step_response(theory_of(second, (LATE,), (error,)), x).stderr[:, 0, 0]
        for error in (0.0, 0.05)
    )
    steep = np.gradient(hl.step_response(theory_of(second, (LATE,)), x).values[:, 0, 0], x)
    # The response shifts by 0.05: it moves by its slope times that.
    after = x > LATE + 0.1
    expected = np.hypot(sure, 0.05 * steep)
    np.testing.assert_allclose(unsure[after], expected[after], rtol=0.05, atol=1e-4)
    assert (unsure[x < LATE] == 0).all()


def test_several_inputs_and_responses_have_a_response_each(tanks):
    theory = theory_of(tanks, (0.0, 0.3))
    x = np.linspace(0, 4, 81)
    found = hl.step_response(theory, x)
    assert found.values.shape == found.stderr.shape == (81, 2, 2)
    a, b, c, d = continuous(tanks.law)
    for response, channel in np.ndindex(2, 2):
        single = a, b[:, [channel]], c[[response]], d[[response], [channel]].reshape(1, 1)
        _, expected = step(single, T=x)
        late = round((0.0, 0.3)[channel] / 0.05)
        moved = np.concatenate([np.zeros(late), expected[: len(x) - late]])
        np.testing.assert_allclose(found.values[:, response, channel], moved, atol=1e-9)


def test_a_frequency_response_is_that_of_scipy_with_the_delay_in_its_phase(second):
    found = hl.frequency_response(theory_of(second, (LATE,)))
    assert found.omega[-1] == pytest.approx(np.pi / DT)  # Nyquist's
    a, b, c, d = continuous(second.law)
    _, expected = freqresp((a, b, c, d), found.omega)
    late = np.exp(-1j * found.omega * LATE)
    np.testing.assert_allclose(found.values[:, 0, 0], expected * late, rtol=1e-9)
    np.testing.assert_allclose(found.magnitude[:, 0, 0], abs(expected), rtol=1e-9)
    np.testing.assert_allclose(
        found.phase[:, 0, 0],
        np.degrees(np.unwrap(np.angle(expected)) - found.omega * LATE),
        atol=1e-7,
    )
    # At ω the phase of a pair is −90°; the lead of the zero and the delay come on top.
    at = np.argmin(abs(found.omega - OMEGA))
    zero = np.degrees(np.angle(1j * OMEGA * SECOND[1][0, 0] + GAIN * OMEGA**2 + 2 * ZETA * OMEGA))
    turned = found.phase[at, 0, 0] - zero + np.degrees(OMEGA * LATE)
    assert turned == pytest.approx(-90, abs=4)


def test_its_bands_are_what_laws_drawn_from_the_covariance_fill(second):
    omega = np.geomspace(0.05, np.pi / DT, 40)
    error = 0.01
    said = hl.frequency_response(theory_of(second, (LATE,), (error,)), omega)
    delays = LATE + error * np.random.default_rng(5).normal(size=300)
    values = np.array([freqresp(continuous(law), omega)[1] for law in draws(second, 300)])
    spread = np.std(np.log(abs(values)), axis=0)
    np.testing.assert_allclose(said.log_stderr[:, 0, 0], spread, rtol=0.2)
    phases = np.degrees(np.unwrap(np.angle(values), axis=1) - np.outer(delays, omega))
    np.testing.assert_allclose(said.phase_stderr[:, 0, 0], np.std(phases, axis=0), rtol=0.2)
    low, high = said.magnitude_ci95
    np.testing.assert_allclose(np.log(high / low)[:, 0, 0], 2 * 1.96 * spread, rtol=0.2)
    below, above = said.phase_ci95
    np.testing.assert_allclose(above - below, 2 * 1.96 * said.phase_stderr, rtol=1e-3)


def test_a_resonance_is_not_missed():
    sharp = np.array([[0, 1], [-(OMEGA**2), -2e-3 * OMEGA]]), np.array([[0], [OMEGA**2]])
    found = hl.frequency_response(theory_of(fit_of(*sharp, recorded(*sharp, seed=0, noise=1e-4))))
    assert found.magnitude.max() == pytest.approx(500, rel=0.02)  # 1 / 2ζ


def test_what_cannot_be_asked_says_so(second):
    theory = theory_of(second)
    with pytest.raises(hl.DataError, match="sort it"):
        hl.step_response(theory, [1.0, 0.0])
    with pytest.raises(hl.DataError, match="one axis of finite numbers"):
        hl.frequency_response(theory, [[1.0]])
    with pytest.raises(hl.DataError, match="finite"):
        hl.frequency_response(theory, [np.nan])
    from dataclasses import replace

    rng = np.random.default_rng(0)
    other = GeneratorCell.random(2, Span((-1.0,), (1.0,)), rng=rng)
    multiplied = replace(theory, law=theory.law.but(cell=other))
    with pytest.raises(hl.LawError, match="that its input drives"):
        hl.step_response(multiplied)


def test_without_a_covariance_there_is_no_band(second):
    from dataclasses import replace

    bare = replace(theory_of(second), covariance=None)
    found = hl.step_response(bare, [0.0, 1.0])
    assert np.isnan(found.stderr[1]).all()
    assert np.isfinite(found.values).all()
    assert np.isnan(hl.frequency_response(bare, [1.0]).log_stderr).all()
