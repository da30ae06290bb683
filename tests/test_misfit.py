"""How far an answer is from the measurement: by variance, by weight, and around gaps."""

import numpy as np
import pytest

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.misfit import relative_error, run_errors, squares_by_run

RNG = np.random.default_rng(0)
V = RNG.normal(size=(6, 10, 1))


def test_the_mean_misses_all_of_the_variance_in_every_channel():
    y = RNG.normal(size=(6, 10, 2)) * [1.0, 1e3]
    data = Dataset.from_arrays(V, y)
    mean = np.broadcast_to(y.mean(axis=(0, 1)), y.shape)
    assert relative_error(mean, data) == pytest.approx(1.0)
    assert squares_by_run(mean, data).mean() == pytest.approx(1.0)
    own = np.broadcast_to(y.mean(axis=1, keepdims=True), y.shape)
    np.testing.assert_allclose(run_errors(own, data), 1.0)


def test_gaps_do_not_count_whatever_is_answered_there():
    y = RNG.normal(size=(6, 10, 1))
    y[2, 3] = y[4, 5:] = np.nan
    data = Dataset.from_arrays(V, y, allow_missing=True)
    answer = np.where(np.isnan(y), 1e9, y)
    assert relative_error(answer, data) == 0
    assert not squares_by_run(answer, data).any()


def test_samples_of_large_error_count_little():
    y = RNG.normal(size=(6, 10, 1))
    error = np.ones_like(y)
    error[0] = 100.0
    data = Dataset.from_arrays(V, y, response_error=error)
    off = np.zeros_like(y)
    off[0] = 1.0
    plain = Dataset.from_arrays(V, y)
    assert relative_error(y + off, data) < 1e-3 * relative_error(y + off, plain)
    assert run_errors(y + off, data)[0] == pytest.approx(run_errors(y + off, plain)[0])


def test_a_run_with_one_sample_has_no_error_of_its_own():
    y = RNG.normal(size=(6, 10, 1))
    y[1, 1:] = np.nan
    data = Dataset.from_arrays(V, y, allow_missing=True)
    assert np.isnan(run_errors(np.zeros_like(y), data)[1])
