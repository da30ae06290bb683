"""Is there a law at all: decoys are called what they are, whatever the map without memory is."""

from dataclasses import replace

import numpy as np
import pytest
from shared_example import RUNS, SITES

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.systems import Schroedinger, measure
from hiddenlaw.theory.evidence import words
from hiddenlaw.translator.static_map import static_answer
from hiddenlaw.translator.verdict import judge, neighbours_tell

CLEAN = Schroedinger().simulate(runs=RUNS, sites=SITES, dx=0.2, seed=0)
V = CLEAN.input


def verdict(response, answer, seed=0):
    """Of data with this response, for a translator that answers so (both for all runs)."""
    data = Dataset.from_arrays(V, response, dx=0.2)
    train, heldout = data.split(0.25, seed)
    both = Dataset.from_arrays(V, answer, dx=0.2)
    return judge(train, heldout, both.split(0.25, seed)[1].response)


def noise(seed, scale=1.0):
    return scale * np.random.default_rng(seed).normal(size=V.shape)


def test_a_response_that_remembers_is_a_law_also_under_noise():
    for share in (0.0, 0.1, 0.5):
        deviation = share * CLEAN.response.std()
        found = verdict(CLEAN.response + noise(1, deviation), CLEAN.response)
        assert found.verdict == "law", share


@pytest.mark.parametrize("seed", range(10))
def test_white_noise_is_none_whatever_the_translator_says(seed):
    for answer in (np.zeros_like(V), noise(seed + 100, 0.3), np.cos(V)):
        assert verdict(noise(seed), answer, seed).verdict == "none"


SHAPES = {
    "parabola": lambda v: v**2 + v,
    "kink": lambda v: np.abs(v + 3),
    "saturation": lambda v: np.tanh(3 * (v + 3)),
    "wave": lambda v: np.sin(4 * v),
    "growth": np.exp,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("share", [0.0, 0.1])
def test_a_map_without_memory_is_memoryless_however_well_the_translator_mimics_it(shape, share):
    clean = SHAPES[shape](V)
    response = clean + noise(2, share * clean.std())
    assert verdict(response, clean).verdict == "memoryless"
    assert verdict(response, clean + noise(3, 0.3 * clean.std())).verdict == "memoryless"


def test_the_static_map_is_a_spline_where_a_polynomial_will_not_do():
    data = Dataset.from_arrays(V, np.abs(V + 3), dx=0.2)
    assert static_answer(*data.split(0.25, 0))[1] < 1e-3


def test_the_words_follow_the_scale():
    assert words(0.3) == "not worth more than a mention"
    assert words(0.7) == "substantial evidence for the winner"
    assert words(1.5) == "strong evidence for the winner"
    assert words(-3.0) == "decisive evidence for the rival"


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_neighbours_tell_where_runs_start_as_they_like(noise):
    data = Schroedinger().simulate(runs=30, sites=40, dx=0.2, seed=0, preparation="random")
    if noise:
        data = measure(data, noise=f"gaussian:{noise}", seed=0)
    assert neighbours_tell(*data.split(0.2, 0))


@pytest.mark.parametrize("seed", range(5))
def test_neighbours_say_nothing_of_noise_or_of_a_static_response(seed):
    rng = np.random.default_rng(seed)
    v = Schroedinger().simulate(runs=100, sites=40, dx=0.2, seed=seed).input
    noise = rng.normal(size=v.shape)
    for response in (noise, np.tanh(2 * (v + 3)) + 0.1 * noise):
        data = Dataset.from_arrays(v, response, dx=0.2)
        assert not neighbours_tell(*data.split(0.2, seed))


def test_neighbours_are_fewer_in_short_runs_with_gaps():
    data = Schroedinger().simulate(runs=40, sites=8, dx=0.2, seed=0, preparation="random")
    response = np.array(data.response)
    response[::3, 2] = np.nan
    gaps = replace(data, response=response, allow_missing=True)
    assert neighbours_tell(*gaps.split(0.2, 0))


@pytest.mark.parametrize(("failed", "expected"), [(0, "law"), (2, "law"), (5, "none")])
def test_where_the_past_says_something_less_is_asked_of_the_translator(failed, expected):
    """The response is the input, there and four sites before; of that the static map misses some.

    In some of the ten unseen runs the translator knows no more of the past than the map does.
    """
    past = np.concatenate([0 * V[:, :4], V[:, :-4] - V.mean()], axis=1)
    response = 2 * V + past + noise(4, 0.1 * V.std())
    heldout = Dataset.from_arrays(V, response, dx=0.2).split(0.25, 0)[1].input
    runs = [int(np.argmin(np.abs(V - run).sum(axis=(1, 2)))) for run in heldout[:failed]]
    answer = 2 * V + past
    answer[runs] = 3 * V[runs] - V.mean()
    found = verdict(response, answer)
    assert found.verdict == expected
    assert (found.chance < 1e-3) is (failed == 0)
    if expected == "none":
        assert "no network that was trained found out what" in found.reason
