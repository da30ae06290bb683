"""What an instrument does to records, taken off and put back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter1d

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.instrument import PERFECT, Instrument, blurred, shifted


@given(st.integers(-5, 5), st.integers(0, 100))
def test_whole_sites_are_a_shift_that_keeps_the_ends(late, seed):
    values = np.random.default_rng(seed).normal(size=(2, 12, 1))
    sites = np.clip(np.arange(12) - late, 0, 11)
    np.testing.assert_array_equal(shifted(values, (float(late),)), values[:, sites])


def test_between_whole_sites_a_cell_sees_its_mean():
    values = np.arange(10.0)[None, :, None]
    np.testing.assert_allclose(shifted(values, (0.25,))[0, 1:, 0], np.arange(1, 10) - 0.25)
    np.testing.assert_allclose(shifted(values, (-0.25,))[0, :-1, 0], np.arange(9) + 0.25)


@given(st.floats(0.3, 3.0), st.integers(0, 100))
def test_a_blur_is_that_of_scipy(width, seed):
    values = np.random.default_rng(seed).normal(size=(3, 40, 2))
    reach = int(np.ceil(4 * width))
    expected = gaussian_filter1d(values, width, axis=1, mode="reflect", radius=reach)
    np.testing.assert_allclose(blurred(values, width), expected, atol=1e-12)


@given(st.integers(0, 100))
def test_what_the_instrument_shows_of_an_answer_is_ideal_once_it_is_taken_off(seed):
    rng = np.random.default_rng(seed)
    u, y = rng.normal(size=(2, 4, 20, 1))
    instrument = Instrument((0.5,), ((0.3, -0.01),), 0.8)
    recorded = Dataset.from_arrays(u, instrument.seen(y), dx=0.1)
    ideal = instrument.ideal(recorded, y)
    np.testing.assert_allclose(ideal.response, y, atol=1e-12)
    np.testing.assert_array_equal(ideal.input, shifted(u, (0.5,)))


def test_a_perfect_instrument_changes_nothing():
    rng = np.random.default_rng(0)
    u, y = rng.normal(size=(2, 4, 20, 1))
    data = Dataset.from_arrays(u, y, dx=0.1)
    assert PERFECT.ideal(data) is data
    np.testing.assert_array_equal(PERFECT.seen(y), y)
    np.testing.assert_array_equal(PERFECT.input(u), u)


def test_it_is_written_and_read():
    instrument = Instrument((0.5, -0.1), ((0.3, -0.01),), 0.8)
    assert Instrument.from_json(instrument.to_json()) == instrument
    with pytest.raises(ValueError, match="two numbers"):
        Instrument.from_json({"alignment": [], "background": [[1.0]], "blur": 0.0})
