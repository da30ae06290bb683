"""Testing laws that inputs drive: constants and dead times with honest errors, and judgement."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from driven_records import FIRST, SECOND, first_order, pulls, record, second_order
from scipy.signal import lsim
from scipy.stats import kstest

import hiddenlaw as hl
from hiddenlaw.errors import DataError, LawError, TrainingError

CASES = Path(__file__).parents[2].parent / "shared" / "data" / "cases"
NOISE = 0.03
LATE_FIRST = "y' = K*u(t - tau) - k*y + c"
LATE_SECOND = "y'' = K*u(t - tau) - d*y' - k*y + c"


@pytest.mark.skipif(not CASES.is_dir(), reason="the measured records are not here")
def test_an_engineer_s_law_of_first_order():
    """x ← 0.9 x + 0.1 u from site to site: a = b = −ln 0.9, which is 0.105."""
    data = hl.load(CASES / "believed-driven-law" / "data.csv", input="u", response="x")
    test = hl.test_law("x' = a*u - b*x", data, response_error=0.003)
    for name in ("a", "b"):
        value, error = test.constants[name]
        assert value == pytest.approx(0.105, abs=0.0005)
        assert abs(value + np.log(0.9)) < 3 * error
        assert error < 2e-4
    assert not test.rejected
    assert test.initial_state == "shared"


@pytest.mark.skipif(not CASES.is_dir(), reason="the measured records are not here")
def test_the_dead_time_of_a_heater():
    path = CASES / "dead-time-heater" / "data.csv"
    data = hl.load(path, input="voltage", response="temperature")
    law = "temperature' = (K*voltage(t - L) + T0 - temperature)/tau"
    test = hl.test_law(law, data, response_error=0.1)
    true = {"K": 0.6, "T0": 21.0, "tau": 60.0, "L": 12.0}
    assert np.abs(pulls(test, true)).max() < 3.5
    assert not test.rejected


def test_a_law_of_second_order_with_a_dead_time_between_sites():
    data = second_order(0, NOISE, late=2.4)
    test = hl.test_law(LATE_SECOND, data, response_error=NOISE)
    true = SECOND | {"tau": 2.4 * data.dx}
    assert np.abs(pulls(test, true)).max() < 3.5
    assert test.constants["tau"][1] < 0.02 * data.dx
    low, high = test.ci95["tau"]
    assert high - low == pytest.approx(2 * 1.96 * test.constants["tau"][1], rel=1e-3)
    assert abs(test.chi_square - 1) < 4 * np.sqrt(2 / data.response.size)
    assert not test.rejected
    assert np.isnan(test.residuals[:, :2]).all()  # what was late there, nobody knows
    assert np.isfinite(test.residuals[:, 4:]).all()


@pytest.mark.parametrize(
    ("late", "others"),
    [(0.0, {}), (2.4, {}), (0.0, {"colour": 0.8}), (0.0, {"own": True})],
    ids=["at once", "late", "noise that lasts", "starts of their own"],
)
def test_pulls_are_those_of_a_normal_distribution(late, others):
    """Over twenty seeds; errors of noise that lasts count the samples that are independent."""
    law = LATE_FIRST if late else "y' = K*u - k*y + c"
    true = FIRST | ({"tau": 0.2 * late} if late else {})
    every = []
    for seed in range(20):
        data = first_order(seed, NOISE, late, runs=8, sites=50, **others)
        test = hl.test_law(law, data, response_error=NOISE)
        every.append(pulls(test, true))
        assert test.initial_state == ("per-run" if others.get("own") else "shared")
        assert (test.inflation > 3) == ("colour" in others)
        assert not test.rejected
    every = np.array(every)
    assert np.abs(every).max() < 4.5
    assert np.all(np.abs(every.mean(axis=0)) < 4 / np.sqrt(20))
    assert np.all((every.std(axis=0) > 0.5) & (every.std(axis=0) < 1.6))
    assert kstest(every.ravel(), "norm").pvalue > 1e-4


def test_a_law_of_too_low_an_order_is_rejected():
    data = second_order(1, NOISE)
    wrong = hl.test_law("y' = K*u - k*y + c", data, response_error=NOISE)
    assert wrong.rejected
    assert wrong.chi_square > 20
    assert "the data reject this law" in repr(wrong)
    right = hl.test_law("y'' = K*u - d*y' - k*y + c", data, response_error=NOISE)
    assert not right.rejected


@pytest.mark.slow
def test_a_translator_says_what_noise_is_and_rejects_what_leaves_more():
    """Whatever dead time the law has: translators are shown inputs as late as suits them, too."""
    data = first_order(2, NOISE, late=1.0, runs=10, sites=30)
    wrong = hl.test_law("y' = K*u(t - 0.6) - k*y + c", data)
    assert wrong.noise_source == "left by a translator on unseen runs"
    assert wrong.noise == pytest.approx(NOISE, rel=0.35)
    assert wrong.rejected
    assert wrong.chi_square > 20


@pytest.mark.slow
def test_a_law_of_which_nobody_knows_the_noise_is_not_rejected():
    right = hl.test_law(LATE_FIRST, first_order(2, NOISE, late=2.0, runs=8, sites=30))
    assert right.noise == pytest.approx(NOISE, rel=0.3)
    assert not right.rejected
    long = hl.test_law("y' = K*u - k*y + c", first_order(3, NOISE, runs=1, sites=400))
    assert long.noise == pytest.approx(NOISE, rel=0.3)
    assert not long.rejected


def test_a_constant_without_influence_is_compatible_with_zero():
    data = record([[-1.0]], [2.0, 0.0], 0.0, [0.0, 0.0], seed=3, noise=NOISE, dx=0.2)
    test = hl.test_law("y' = K*u1 + g*u2 - k*y + c", data, response_error=NOISE)
    for name in ("g", "c"):
        value, error = test.constants[name]
        assert abs(value) < 3 * error < 0.05
        assert test.ci95[name][0] < 0 < test.ci95[name][1]


def test_constants_of_which_only_the_product_shows_have_no_finite_error():
    test = hl.test_law("y' = a*b*u - k*y + c", first_order(4, NOISE), response_error=NOISE)
    assert np.isinf([test.constants[name][1] for name in "ab"]).all()
    assert abs(pulls(test, {"k": 1.0})[0]) < 3.5
    assert "a not fixed by the data" in repr(test)
    assert test.constants["a"][0] * test.constants["b"][0] == pytest.approx(2.0, rel=0.02)


def test_constants_may_stand_in_products_and_quotients():
    """Gain, damping and time constant of an oscillator, and its dead time."""
    data = second_order(5, NOISE, late=2.4)
    law = "y'' = (g*u(t - tau) - y + y0 - 2*D*T*y')/T**2"
    test = hl.test_law(law, data, response_error=NOISE)
    k, d = SECOND["k"], SECOND["d"]
    true = {"g": 1.4 / k, "T": k**-0.5, "D": d / 2 / k**0.5, "y0": 0.3 / k, "tau": 0.72}
    assert np.abs(pulls(test, true)).max() < 3.5


def test_two_inputs_with_a_dead_time_each_and_one_that_is_known():
    data = record([[-0.8]], [1.0, -2.0], 0.3, [1.5, 4.0], seed=6, noise=NOISE, runs=10, dx=0.2)
    true = {"a": 1.0, "b": -2.0, "c": 0.3, "k": 0.8, "t1": 0.3}
    both = hl.test_law("y' = a*u1(t - t1) + b*u2(t - t2) - k*y + c", data, response_error=NOISE)
    assert np.abs(pulls(both, true | {"t2": 0.8})).max() < 3.5
    one = hl.test_law("y' = a*u1(t - t1) + b*u2(t - 0.8) - k*y + c", data, response_error=NOISE)
    assert np.abs(pulls(one, true)).max() < 3.5


def test_a_smooth_input_that_is_late():
    times = 0.2 * np.arange(60)
    fine = np.linspace(0.0, times[-1], 59 * 40 + 1)
    rng, inputs, responses = np.random.default_rng(7), [], []
    for _ in range(8):
        rates, phases = rng.uniform(0.3, 1.5, (4, 1)), rng.uniform(0, 6, (4, 1))

        def u(at, rates=rates, phases=phases):
            return np.sin(rates * at + phases).sum(axis=0)

        parts = ([[0, 1], [-1.2, -0.5]], [[0], [1.4]], [[1, 0]], [[0]])
        inputs.append(u(times))
        responses.append(lsim(parts, u(fine - 0.72), fine, X0=[0.3, 0.2])[1][::40])
    noisy = np.array(responses) + 0.01 * rng.normal(size=(8, 60))
    data = hl.Dataset.from_arrays(np.array(inputs), noisy, x=times, x_name="t", hold="cubic")
    test = hl.test_law("y'' = K*u(t - tau) - d*y' - k*y", data, response_error=0.01)
    assert np.abs(pulls(test, {"K": 1.4, "d": 0.5, "k": 1.2, "tau": 0.72})).max() < 4


def test_starts_are_as_asked_for_and_one_long_record_is_enough():
    data = second_order(8, NOISE, late=1.0, runs=1, sites=400)
    test = hl.test_law(LATE_SECOND, data, response_error=NOISE)
    assert np.abs(pulls(test, SECOND | {"tau": data.dx})).max() < 3.5
    many = second_order(8, NOISE, own=True)
    law = "y'' = K*u - d*y' - k*y + c"
    shared = hl.test_law(law, many, response_error=NOISE, initial_state="shared")
    assert (shared.initial_state, shared.rejected) == ("shared", True)
    own = hl.test_law(law, many, response_error=NOISE, initial_state="per-run")
    assert (own.initial_state, own.rejected) == ("per-run", False)


def test_missing_samples_and_a_hidden_state():
    """z is the response over 2: read by a constant that is found."""
    data = first_order(9, 0.0)
    gaps = np.array(data.response)
    gaps[2, 5:9] = np.nan
    holes = replace(data, response=gaps, allow_missing=True)
    test = hl.test_law("z' = u - k*z + c", holes, readout="y = g*z", response_error=NOISE)
    assert {name: value for name, (value, _) in test.constants.items()} == pytest.approx(
        {"g": 2.0, "k": 1.0, "c": 0.05}, abs=1e-6
    )
    np.testing.assert_array_equal(np.isnan(test.residuals), np.isnan(gaps[..., 0]))
    assert hl.test_law("z' = g*u - k*z + c", holes, response_error=NOISE).readout == "y = z"


def test_what_cannot_be_done_says_so():
    data = first_order(0, NOISE, runs=2, sites=20)
    with pytest.raises(LawError, match="initial_state is 'mine'"):
        hl.test_law("y' = u - y", data, initial_state="mine")
    with pytest.raises(LawError, match="beside products"):
        hl.test_law("y' = u(t - tau)*y", data, initial_state="per-run")
    with pytest.raises(TrainingError, match="leave too few of 20"):
        hl.test_law("y' = u(t - 30) - k*y", data, response_error=NOISE)
    with pytest.raises(DataError, match="give response_error"):
        hl.test_law("y' = K*u - k*y", first_order(0, NOISE, runs=1, sites=20))
