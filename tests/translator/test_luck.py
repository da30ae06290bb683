"""The signed rank test written out gives what SciPy's gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import wilcoxon

from hiddenlaw.translator.luck import chance_that_no_better, luck


def of_scipy(better, worse):
    return float(wilcoxon(better - worse, alternative="less").pvalue)


@settings(max_examples=40)
@given(runs=st.integers(1, 120), shift=st.floats(-1, 1), seed=st.integers(0, 2**16))
def test_of_runs_that_all_differ_it_is_scipy_s(runs, shift, seed):
    """Exact up to 50 runs, by the normal distribution beyond."""
    one, other = np.random.default_rng(seed).normal(size=(2, runs))
    found = chance_that_no_better(one + shift, other)
    np.testing.assert_allclose(found, of_scipy(one + shift, other), rtol=1e-9, atol=1e-300)


@settings(max_examples=40)
@given(
    differences=st.lists(st.integers(-4, 4), min_size=1, max_size=80).filter(any),
)
def test_with_ties_and_runs_that_are_alike_it_is_scipy_s(differences):
    """Exact up to 13 runs, and normal with the variance of tied ranks beyond."""
    difference = np.array(differences, float)
    found = chance_that_no_better(difference, np.zeros(len(difference)))
    expected = of_scipy(difference, np.zeros(len(difference)))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-300)


@pytest.mark.parametrize("runs", [13, 14, 50, 51])
@pytest.mark.parametrize("tied", [False, True])
def test_where_the_method_changes_it_is_scipy_s(runs, tied):
    difference = np.random.default_rng(runs).normal(size=runs)
    difference[1] = -difference[0] if tied else difference[1]
    found = chance_that_no_better(difference, np.zeros(runs))
    np.testing.assert_allclose(found, of_scipy(difference, np.zeros(runs)), rtol=1e-9)


def test_chance_is_a_half_for_equals_and_small_for_the_better():
    rng = np.random.default_rng(0)
    one = rng.exponential(size=40)
    assert chance_that_no_better(one, one) == 1.0
    assert chance_that_no_better(0.5 * one, one) < 1e-6
    assert chance_that_no_better(one, 0.5 * one) > 0.999
    assert chance_that_no_better(one, np.full(40, np.nan)) == 1.0


def test_of_few_runs_the_better_must_win_all():
    assert luck(100) == 1e-3
    for runs in range(1, 10):
        ahead = np.arange(1.0, runs + 1)
        assert chance_that_no_better(-ahead, 0 * ahead) == 0.5**runs
        assert chance_that_no_better(-ahead, 0 * ahead) <= luck(runs)
        if runs > 1:
            ahead[0] *= -1  # once behind, by the least
            assert chance_that_no_better(-ahead, 0 * ahead) > luck(runs)
