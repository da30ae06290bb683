"""Measured data differ from clean ones by what the measurement says, and by no more."""

import numpy as np
import pytest

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import DataError, SettingsError
from hiddenlaw.systems import Measurement, Schroedinger, measure
from hiddenlaw.systems.noise import blur_matrix

X = 0.2 * np.arange(1, 65)


@pytest.fixture(scope="module")
def clean():
    return Schroedinger().simulate(runs=200, sites=64, dx=0.2, seed=0, with_truth=True)


def wave(k: float, channels: int = 1) -> Dataset:
    """One run for each of 20 phases of 2 + cos(k x + phase)."""
    phase = np.linspace(0, 2 * np.pi, 20, endpoint=False)[:, np.newaxis]
    response = 2 + np.cos(k * X + phase)
    return Dataset.from_arrays(np.zeros((20, 64)), np.stack([response] * channels, axis=2), x=X)


def test_gaussian_noise_is_that_part_of_the_pooled_standard_deviation(clean):
    noisy = measure(clean, noise="gaussian:0.02", seed=1)
    noise = (noisy.response - clean.response).ravel()
    level = 0.02 * clean.response.std()
    # Of 12,800 numbers the mean is known to 0.9 %, the spread to 0.6 % of the spread.
    assert abs(noise.mean()) < 4 * level / np.sqrt(noise.size)
    assert noise.std() == pytest.approx(level, rel=4 / np.sqrt(2 * noise.size))
    assert np.mean((noise / level) ** 4) == pytest.approx(3, abs=0.3)
    assert abs(np.corrcoef(noise[:-1], noise[1:])[0, 1]) < 0.04
    assert noisy.response_error is None


def test_every_channel_has_noise_of_its_own_size():
    data = wave(1.0, channels=2)
    scaled = Dataset.from_arrays(data.input, data.response * [1.0, 50.0], x=X)
    noise = measure(scaled, noise="gaussian:0.1", seed=0).response
    spread = (noise - scaled.response).std(axis=(0, 1))
    assert spread[1] / spread[0] == pytest.approx(50, rel=0.1)


def test_counts_are_poisson_distributed_and_the_errors_are_their_spread():
    level = np.array([0.0, 0.05, 1.0, 2.95])
    response = np.tile(level, (50_000, 1))
    data = Dataset.from_arrays(np.zeros_like(response), response, dx=1.0)
    counted = measure(data, noise="poisson:100", seed=0)
    one = response.mean() / 100
    counts = counted.response[:, :, 0] / one
    np.testing.assert_allclose(counts, np.round(counts), atol=1e-9)
    expected = level / one
    np.testing.assert_allclose(counts.mean(axis=0), expected, rtol=0.01)
    np.testing.assert_allclose(counts.var(axis=0), expected, rtol=0.03)
    assert counted.response_error is not None
    error = counted.response_error[0, :, 0]
    np.testing.assert_allclose(error / one, np.sqrt(np.maximum(expected, 1.0)))


def test_noise_of_the_camera_adds_to_that_of_the_counts(clean):
    both = measure(clean, noise="poisson:1000,gaussian:0.05", seed=0)
    counted = measure(clean, noise="poisson:1000", seed=0)
    assert both.response_error is not None
    assert counted.response_error is not None
    camera = 0.05 * clean.response.std()
    np.testing.assert_allclose(both.response_error**2 - counted.response_error**2, camera**2)
    pulls = (both.response - clean.response) / both.response_error
    assert pulls.std() == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("width", [0.05, 0.1, 0.3, 0.6])
def test_a_blurred_wave_is_the_wave_times_the_gaussian_s_transform(width):
    """∫ cos(k(x − y)) exp(−y²/2σ²) dy / √(2π)σ = exp(−k²σ²/2) cos(k x), away from the ends."""
    k = 2.0
    data = wave(k)
    blurred = measure(data, blur=width, seed=0).response
    inner = slice(22, 42)
    expected = 2 + np.exp(-0.5 * (k * width) ** 2) * (data.response - 2)
    np.testing.assert_allclose(blurred[:, inner], expected[:, inner], atol=2e-4)
    if width > 0.1:
        assert np.abs(blurred - data.response)[:, inner].max() > 0.1


@pytest.mark.parametrize("width", [1e-3, 0.1, 1.0, 30.0])
def test_a_constant_stays_constant_up_to_the_ends(width):
    np.testing.assert_allclose(blur_matrix(X, width).sum(axis=1), 1, rtol=1e-12)


def test_a_blurred_density_is_nowhere_negative_and_can_be_counted(clean):
    blurred = measure(clean, blur=0.03, seed=0)
    assert blurred.response.min() >= 0
    measure(clean, noise="poisson:10", blur=0.03, missing=0.1, seed=0)


def test_blur_comes_before_noise(clean):
    """Noise that was blurred would be correlated from site to site."""
    blurred = measure(clean, blur=0.3, seed=0)
    both = measure(clean, noise="gaussian:0.1", blur=0.3, seed=0)
    noise = (both.response - blurred.response)[:, :, 0]
    neighbours = np.mean(noise[:, 1:] * noise[:, :-1]) / noise.var()
    assert abs(neighbours) < 0.04
    assert noise.std() == pytest.approx(0.1 * blurred.response.std(), rel=0.03)


def test_missing_samples_are_that_fraction_and_every_run_keeps_one(clean):
    gaps = measure(clean, noise="gaussian:0.02", missing=0.1, seed=0)
    whole = measure(clean, noise="gaussian:0.02", seed=0)
    assert gaps.allow_missing
    assert (~gaps.observed).mean() == pytest.approx(0.1, abs=0.011)
    np.testing.assert_array_equal(gaps.response[gaps.observed], whole.response[gaps.observed])
    bare = measure(clean, missing=0.999, seed=0)
    assert bare.observed.any(axis=1).all()


def test_truth_and_input_stay_clean_and_the_source_says_what_was_done(clean):
    measured = measure(clean, noise="gaussian:0.02", blur=0.1, missing=0.01, seed=7)
    assert measured.truth is clean.truth
    np.testing.assert_array_equal(measured.input, clean.input)
    assert measured.source.startswith(clean.source)
    assert "measured with blur:0.1,gaussian:0.02,missing:0.01, seed 7" in measured.source
    assert measure(clean, seed=7) is clean


def test_equal_seeds_give_equal_measurements(clean):
    options = {"noise": "poisson:100", "blur": 0.1, "missing": 0.1}
    one, same, other = (measure(clean, **options, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.response, same.response)
    assert (one.response != other.response).mean() > 0.5


def test_the_noise_is_not_made_of_the_numbers_that_made_the_potentials(clean):
    noisy = measure(clean, noise="gaussian:1", seed=0)
    noise = (noisy.response - clean.response).ravel() / clean.response.std()
    first = np.random.default_rng(0).standard_normal(noise.size)
    assert abs(np.corrcoef(noise, first)[0, 1]) < 0.04


def test_strings_and_measurements_are_the_same_thing():
    measurement = Measurement(blur=0.1, poisson=1000.0, gaussian=1e-7, missing=0.01)
    assert Measurement.parse(str(measurement)) == measurement
    assert Measurement.parse(" gaussian : 0.02 ") == Measurement(gaussian=0.02)
    assert Measurement.parse("") == Measurement()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"noise": "pink:0.1"}, "'pink'; there are blur, poisson, gaussian, missing"),
        ({"noise": "gaussian"}, "gives gaussian no number; write it as gaussian:0.02"),
        ({"noise": "gaussian:much"}, "'gaussian:much' gives gaussian no number"),
        ({"noise": "gaussian:nan"}, "gaussian is nan; it must be a number, 0 or larger"),
        ({"noise": "gaussian:-1"}, "gaussian is -1"),
        ({"noise": "gaussian:1,gaussian:2"}, "gaussian is given twice"),
        ({"noise": "blur:0.1"}, "noise is 'blur:0.1'; it can be gaussian or poisson"),
        ({"noise": "poisson:1e30"}, "at most 1e\\+12 can be drawn"),
        ({"blur": -0.1}, "blur is -0.1"),
        ({"blur": float("inf")}, "blur is inf"),
        ({"missing": 1.0}, "missing is 1; it is a fraction, smaller than 1"),
        ({"missing": 0.1, "seed": -1}, "seed is -1"),
    ],
)
def test_measurements_that_cannot_be_are_refused(options, message, clean):
    with pytest.raises(SettingsError, match=message):
        measure(clean, **({"noise": None, "blur": 0.0, "missing": 0.0, "seed": 0} | options))


def test_what_is_negative_cannot_be_counted_nor_what_was_measured_be_blurred(clean):
    data = Dataset.from_arrays(np.zeros((2, 8)), np.full((2, 8), -1.0))
    with pytest.raises(DataError, match="y goes down to -1 with mean -1; only what is nowhere"):
        measure(data, noise="poisson:100", seed=0)
    with pytest.raises(DataError, match="with mean 0"):
        measure(
            Dataset.from_arrays(data.input, 0 * data.input),
            noise="poisson:9",
            seed=0,
        )
    gaps = measure(clean, missing=0.1, seed=0)
    with pytest.raises(DataError, match="blur the clean response"):
        measure(gaps, blur=0.1, seed=0)
    again = measure(gaps, noise="poisson:100,gaussian:0.1", seed=0)
    np.testing.assert_array_equal(again.observed, gaps.observed)
