"""Runs are looked at where their response stands above its noise; nothing else changes."""

import numpy as np
import pytest

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.visible import cut_to_visible, noise_of, uncut, visible
from hiddenlaw.errors import DataError
from hiddenlaw.systems import Trap, measure


@pytest.fixture(scope="module")
def clean():
    return Trap().simulate(runs=60, sites=64, seed=0, with_truth=True)


@pytest.mark.parametrize("percent", [1, 5])
@pytest.mark.parametrize("missing", [0.0, 0.03])
def test_the_noise_of_smooth_signals_is_known_without_a_model(clean, percent, missing):
    data = measure(clean, noise=f"gaussian:{percent / 100}", missing=missing, seed=1)
    found = noise_of(data)[0] / np.sqrt(clean.variance[0])
    assert found == pytest.approx(percent / 100, rel=0.05)


def test_a_run_is_visible_around_its_maximum_and_beyond_there_it_is_below_its_noise(clean):
    data = measure(clean, noise="gaussian:0.01", seed=1)
    seen, sigma = visible(data), 0.01 * np.sqrt(clean.variance[0])
    density = clean.response[..., 0]
    for run in range(data.runs):
        inside = np.flatnonzero(seen[run])
        assert (np.diff(inside) == 1).all()
        assert seen[run, np.argmax(density[run])]
    # Means over three sites are compared: their noise is smaller than that of one.
    assert seen[density > 6 * sigma].all()
    assert not seen[density < 0.1 * sigma].any()


def test_runs_begin_where_they_can_be_seen_and_are_the_same_runs(clean):
    data = measure(clean, noise="gaussian:0.01", seed=1)
    seen = visible(data)
    cut, left_out = cut_to_visible(data)
    assert left_out == 0
    assert cut.x[0] == 0
    assert cut.dx == pytest.approx(data.dx)
    assert cut.sites == seen.sum(axis=1).max()
    assert cut.truth is not None
    for run in range(data.runs):
        first, count = int(seen[run].argmax()), int(seen[run].sum())
        there = slice(first, first + count)
        np.testing.assert_array_equal(cut.input[run, :count], data.input[run, there])
        np.testing.assert_array_equal(cut.response[run, :count], data.response[run, there])
        assert np.isnan(cut.response[run, count:]).all()
        psi = cut.truth.states["psi"][run, :count]
        np.testing.assert_allclose(psi**2, clean.response[run, there, 0], atol=1e-9)


def test_values_along_cut_runs_go_back_to_where_they_were(clean):
    response = clean.response.copy()
    response[3] *= 1e-4
    data = Dataset.from_arrays(clean.input, response, x=clean.x, hold="cubic")
    data = measure(data, noise="gaussian:0.01", seed=1)
    cut, left_out = cut_to_visible(data)
    assert left_out == 1
    back = uncut(cut.response, data)
    seen = visible(data)
    assert np.isnan(back[3]).all()
    seen[3] = False
    np.testing.assert_array_equal(back, np.where(seen[..., None], data.response, np.nan))


def test_behind_its_last_sample_a_smooth_input_goes_straight_on(clean):
    """A run that is still visible at its last site is shorter than the longest."""
    response = clean.response.copy()
    response[0, :40] = 0.0
    response[0, 40:] = 1 + response.max() * np.sin(np.linspace(0, 1.5, 24))[:, None]
    data = Dataset.from_arrays(clean.input, response, x=clean.x, hold="cubic")
    cut, _ = cut_to_visible(data)
    own = int(cut.observed[0].sum())
    assert own < cut.sites
    bends = np.diff(cut.input[0, :, 0], 2)
    np.testing.assert_allclose(bends[own - 1 :], 0, atol=1e-9)
    assert np.isnan(cut.response[0, own:]).all()


def test_runs_that_cannot_be_seen_are_left_out_and_counted(clean):
    response = clean.response.copy()
    response[10:15] *= 1e-4
    data = Dataset.from_arrays(clean.input, response, x=clean.x, hold="cubic")
    cut, left_out = cut_to_visible(measure(data, noise="gaussian:0.01", seed=0))
    assert (cut.runs, left_out) == (55, 5)
    response[3:] *= 1e-4
    data = Dataset.from_arrays(clean.input, response, x=clean.x, hold="cubic")
    with pytest.raises(DataError, match=r"12 sites or more in 3 runs only; .* at least 4"):
        cut_to_visible(data)
