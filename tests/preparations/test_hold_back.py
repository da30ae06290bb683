"""What of a new run is given, so that its own numbers can be found, and what is judged."""

import numpy as np
import pytest

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.errors import DataError, SettingsError
from hiddenlaw.preparations import Context, Own, RunConstants, Shared, between, hold_back

RUNS, SITES = 4, 24


def data_with_gaps():
    rng = np.random.default_rng(4)
    response = rng.normal(size=(RUNS, SITES, 1))
    response[0, 2] = response[1, 5:9] = np.nan
    return Dataset.from_arrays(
        rng.normal(size=response.shape), response, dx=0.1, allow_missing=True
    )


def test_of_runs_that_start_alike_all_is_judged():
    runs = hold_back(data_with_gaps(), Shared)
    assert runs.given is None
    np.testing.assert_array_equal(runs.judged.response, data_with_gaps().response)


def test_of_runs_with_starts_of_their_own_the_first_half_is_given():
    """Of the samples that were measured: a law has to tell what comes after, not between."""
    data = data_with_gaps()
    runs = hold_back(data, Own)
    for run in range(RUNS):
        there = np.flatnonzero(data.observed[run, :, 0])
        half = len(there) // 2
        given = np.flatnonzero(np.isfinite(runs.given.response[run, :, 0]))
        judged = np.flatnonzero(np.isfinite(runs.judged.response[run, :, 0]))
        np.testing.assert_array_equal(given, there[:half])
        np.testing.assert_array_equal(judged, there[half:])


def test_of_runs_that_die_away_every_other_sample_is_given():
    """The second half of a decay is noise, and the best of laws explains nothing of it."""
    x = np.linspace(0, 12, 60)
    rng = np.random.default_rng(1)
    decays = rng.normal(size=(8, 1)) * np.exp(-0.8 * x) + 0.01 * rng.normal(size=(8, 60))
    data = Dataset.from_arrays(np.zeros((8, 60, 1)), decays[..., None], dx=x[1])
    runs = hold_back(data, Own)
    np.testing.assert_array_equal(np.isfinite(runs.given.response[:, ::2]), True)
    assert not np.isfinite(runs.given.response[:, 1::2]).any()
    lasting = (np.cos(x) * decays[:, :1])[..., None]
    data = Dataset.from_arrays(np.zeros((8, 60, 1)), lasting, dx=x[1])
    first = np.isfinite(hold_back(data, Own).given.response[..., 0])
    np.testing.assert_array_equal(first, np.broadcast_to(np.arange(60) < 30, first.shape))


def test_of_a_response_that_begins_late_every_other_sample_is_given():
    data = data_with_gaps()
    second = np.random.default_rng(6).normal(size=(RUNS, SITES, 1))
    second[:, : SITES // 2] = np.nan
    both = np.concatenate([data.response, second], axis=2)
    data = Dataset.from_arrays(data.input, both, dx=0.1, allow_missing=True)
    runs, other = hold_back(data, Own), between(Heldout(data))
    late = [0, 2, 3]  # the gap of run 1 leaves some of its second response in the first half
    for part in ("given", "judged"):
        mine, theirs = (getattr(each, part).response for each in (runs, other))
        np.testing.assert_array_equal(mine[late], theirs[late])
        assert np.isfinite(mine).any(axis=1).all()
    assert np.isfinite(runs.given.response[1, :5, 0]).all()


@pytest.mark.parametrize("kind", [Own, Context])
def test_between_gives_every_other_sample_of_whatever_was_given_before(kind):
    data = data_with_gaps()
    again, whole = between(hold_back(data, kind)), between(Heldout(data))
    np.testing.assert_array_equal(again.given.response, whole.given.response)
    np.testing.assert_array_equal(again.judged.response, whole.judged.response)


def test_of_runs_with_constants_of_their_own_every_other_sample_is_given():
    """Of those that were measured: the first, the third, and so on."""
    data = data_with_gaps()
    runs = hold_back(data, RunConstants)
    for run in range(RUNS):
        there = np.flatnonzero(data.observed[run, :, 0])
        given = np.flatnonzero(np.isfinite(runs.given.response[run, :, 0]))
        judged = np.flatnonzero(np.isfinite(runs.judged.response[run, :, 0]))
        np.testing.assert_array_equal(given, there[::2])
        np.testing.assert_array_equal(judged, there[1::2])


@pytest.mark.parametrize(("context", "count"), [(None, 8), (5, 5)])
def test_of_a_context_the_first_samples_are_given(context, count):
    data = data_with_gaps()
    runs = hold_back(data, Context, context)
    first = np.arange(SITES) < count
    np.testing.assert_array_equal(runs.given.response[:, first], data.response[:, first])
    assert np.isnan(runs.given.response[:, ~first]).all()
    np.testing.assert_array_equal(runs.judged.response[:, ~first], data.response[:, ~first])
    assert np.isnan(runs.judged.response[:, first]).all()


def test_an_eighth_of_long_runs_is_the_context():
    data = Dataset.from_arrays(np.zeros((2, 160, 1)), np.ones((2, 160, 1)), dx=0.1)
    assert Context.given(data).sum(axis=1).tolist() == [20, 20]


def test_a_context_that_leaves_nothing_says_so():
    with pytest.raises(SettingsError, match="a context of 24 samples leaves nothing to predict"):
        hold_back(data_with_gaps(), Context, SITES)


def test_a_run_without_a_sample_on_one_side_is_named():
    response = np.random.default_rng(5).normal(size=(3, SITES, 1))
    response[1, :8] = np.nan
    data = Dataset.from_arrays(np.zeros_like(response), response, dx=0.1, allow_missing=True)
    with pytest.raises(DataError, match="run 1 has no sample to find where it starts"):
        hold_back(data, Context)
    response[1], response[2, 8:] = 1.0, np.nan
    data = Dataset.from_arrays(np.zeros_like(response), response, dx=0.1, allow_missing=True)
    with pytest.raises(DataError, match="run 2 has no sample left to judge by"):
        hold_back(data, Context)
