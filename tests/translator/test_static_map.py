"""The best map without memory: polynomials and splines, chosen in favour of the static map."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import BSpline, LSQUnivariateSpline

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.translator.static_map import _cubic_splines, static_answer


@settings(max_examples=40)
@given(
    low=st.floats(-10, 10),
    width=st.floats(0.1, 20),
    count=st.integers(2, 30),
    seed=st.integers(0, 2**16),
)
def test_cubic_splines_are_those_of_scipy(low, width, count, seed):
    """At both ends and at every knot too."""
    inner = np.linspace(low, low + width, count)
    knots = np.concatenate([[inner[0]] * 3, inner, [inner[-1]] * 3])
    values = np.random.default_rng(seed).uniform(inner[0], inner[-1], 40)
    values = np.concatenate([values, inner])
    expected = BSpline.design_matrix(values, knots, 3).toarray()
    np.testing.assert_allclose(_cubic_splines(values, knots), expected, atol=1e-12)


def test_splines_of_runs_and_sites_are_those_of_each_value():
    inner = np.linspace(-1, 1, 6)
    knots = np.concatenate([[inner[0]] * 3, inner, [inner[-1]] * 3])
    values = np.random.default_rng(0).uniform(-1, 1, (4, 7))
    found = _cubic_splines(values, knots)
    assert found.shape == (4, 7, 8)
    expected = BSpline.design_matrix(values.ravel(), knots, 3).toarray()
    np.testing.assert_allclose(found.reshape(28, 8), expected, atol=1e-13)


def data_of(v, response):
    return Dataset.from_arrays(v, response, dx=0.1)


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_a_polynomial_of_the_input_is_found_to_rounding(channels):
    rng = np.random.default_rng(channels)
    v = rng.uniform(-2, 3, (20, 15, channels))
    response = 1 + v.sum(axis=2, keepdims=True) ** 2 - v[..., :1] ** 3
    answer, error, constants = static_answer(*data_of(v, response).split(0.25, 0))
    assert error < 1e-20
    assert answer.shape == (5, 15, 1)
    assert constants >= 4


def test_a_kink_is_left_to_a_spline_and_it_is_that_of_least_squares():
    rng = np.random.default_rng(3)
    v = rng.uniform(-2, 3, (30, 40, 1))
    train, heldout = data_of(v, np.abs(v)).split(0.25, 0)
    answer, error, constants = static_answer(train, heldout)
    assert constants == 26
    seen, target = train.input.ravel(), train.response.ravel()
    order = np.argsort(seen)
    ends = seen.min(), seen.max()
    inner = np.linspace(*ends, 24)[1:-1]
    spline = LSQUnivariateSpline(seen[order], target[order], inner, bbox=ends)
    inside = (heldout.input > ends[0]) & (heldout.input < ends[1])
    expected = spline(heldout.input.ravel()).reshape(answer.shape)
    np.testing.assert_allclose(answer[inside], expected[inside], atol=1e-6)
    assert error < 1e-3


def test_samples_that_are_missing_are_not_fitted_and_errors_count():
    rng = np.random.default_rng(4)
    v = rng.uniform(-1, 1, (12, 20, 1))
    response = 2 * v + 1
    response[0, ::2] = np.nan
    error = np.full(v.shape, 0.1)
    wrong = rng.random(v.shape) < 0.2
    response, error = response + 5.0 * wrong, np.where(wrong, 1e8, error)
    data = Dataset.from_arrays(v, response, dx=0.1, response_error=error, allow_missing=True)
    train, heldout = data.split(0.25, 1)
    answer = static_answer(train, heldout)[0]
    np.testing.assert_allclose(answer, 2 * heldout.input + 1, atol=1e-6)
