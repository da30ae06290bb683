"""Correlations of residuals: bounds hold where nothing is left, and what is left is found."""

import numpy as np
import pytest
from scipy.signal import lfilter
from scipy.stats import chi2

from hiddenlaw.theory.readings.whiteness import chance_of, correlations

HELD = 10  # samples


def signals(rng, runs, sites, remembers):
    """Noise of this memory, and an input that is held for some samples, one of each a run."""
    white = rng.normal(size=(runs, sites))
    noise = lfilter([1], [1, -remembers], white, axis=1)
    steps = rng.normal(size=(runs, sites // HELD))
    return noise[..., None], np.repeat(steps, HELD, axis=1)[..., None]


def test_a_chance_is_that_of_chi_square():
    for statistic, degrees in ((3.0, 2), (40.0, 25), (500.0, 25)):
        assert chance_of(statistic, degrees) == pytest.approx(chi2.sf(statistic, degrees))


@pytest.mark.parametrize(("runs", "sites"), [(1, 600), (12, 60)])
@pytest.mark.parametrize("remembers", [0.0, 0.7])
def test_where_nothing_is_left_bounds_hold_95_percent_and_alarms_are_seldom(runs, sites, remembers):
    """Of coloured noise too, whose cross-correlations with a held input spread more widely."""
    rng = np.random.default_rng(0)
    outside, alarms, white = [], [], []
    for _ in range(150):
        left, u = signals(rng, runs, sites, remembers)
        found = correlations(left, u)
        assert found is not None
        outside.append(np.mean(np.abs(found.cross) > found.cross_bound))
        alarms.append(found.independence[0][0].chance < 0.05)
        white.append(found.whiteness[0].chance < 0.05)
    assert np.mean(outside) == pytest.approx(0.05, abs=0.035)
    assert np.mean(alarms) < 0.1
    if remembers:
        assert all(white)
    else:
        assert np.mean(white) == pytest.approx(0.05, abs=0.05)


def test_the_memory_of_noise_is_its_own():
    left, u = signals(np.random.default_rng(1), 1, 20_000, 0.7)
    found = correlations(left, u)
    np.testing.assert_allclose(found.auto[:6, 0], 0.7 ** np.arange(6), atol=0.04)
    test = found.whiteness[0]
    assert (test.lag, test.samples, test.degrees) == (1, 20_000, 25)
    assert test.largest == pytest.approx(0.7, abs=0.02)


def test_a_response_that_a_law_lacks_stands_at_its_lag_and_not_before_the_input():
    rng = np.random.default_rng(2)
    u = rng.normal(size=(1, 1000, 2))
    left = rng.normal(size=(1, 1000, 1))
    left[:, 4:] += 0.3 * u[:, :-4, 1:]
    found = correlations(left, u)
    none, some = found.independence[0]
    assert none.chance > 1e-3
    assert some.chance < 1e-9
    assert some.lag == 4
    assert some.largest == pytest.approx(0.3 / np.sqrt(1.09), abs=0.08)
    outside = np.abs(found.cross[:, 0, 1]) > found.cross_bound[:, 0, 1]
    assert outside[found.cross_lags == 4].all()
    assert outside.sum() < 8


def test_feedback_stands_to_the_left_and_is_no_missing_law():
    rng = np.random.default_rng(3)
    left, u = rng.normal(size=(2, 1, 1500, 1))
    u[:, 3:] += left[:, :-3]
    found = correlations(left, u)
    at = int(np.argmax(np.abs(found.cross[:, 0, 0])))
    assert found.cross_lags[at] == -3
    assert found.independence[0][0].chance > 1e-3


def test_records_of_unequal_length_count_by_their_samples():
    """Behind its end a record is missing; nothing there is correlated with anything."""
    rng = np.random.default_rng(4)
    left, u = signals(rng, 1, 400, 0.7)
    longer = [
        np.pad(part, ((0, 1), (0, 300), (0, 0)), constant_values=np.nan) for part in (left, u)
    ]
    alone, padded = correlations(left, u), correlations(*longer)
    np.testing.assert_allclose(padded.auto, alone.auto, rtol=1e-12)
    np.testing.assert_allclose(padded.cross, alone.cross, rtol=1e-12)


def test_a_constant_input_says_nothing_and_too_few_samples_do_not_either():
    left, _ = signals(np.random.default_rng(5), 1, 200, 0.0)
    found = correlations(left, np.full((1, 200, 1), 0.1))
    assert found.independence == ((None,),)
    assert np.isnan(found.cross).all()
    assert found.whiteness[0].chance > 1e-3
    assert correlations(left[:, :10], left[:, :10]) is None
    assert correlations(np.zeros((1, 200, 1)), left) is None
