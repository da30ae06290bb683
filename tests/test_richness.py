"""What an input cannot tell apart is said, and nothing is said of an input that is rich."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hiddenlaw.advice.richness import advise_hold, richness
from hiddenlaw.advice.smoothness import may_be_smooth
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.preparations import Shared
from hiddenlaw.results.notes import notes
from hiddenlaw.settings import Settings
from hiddenlaw.systems import POTENTIALS, Schroedinger
from hiddenlaw.theory.judgement import Confirmation, Judgement
from hiddenlaw.theory.statement import Statement

DX = 0.2
X = DX * np.arange(1, 65)
RNG = np.random.default_rng(0)


def data(*inputs, names=None):
    """A dataset of these inputs (runs, sites), one a channel; the response plays no part."""
    input = np.stack(inputs, axis=2)
    names = names or [f"V{c + 1}" if len(inputs) > 1 else "V" for c in range(len(inputs))]
    return Dataset.from_arrays(input, input[:, :, 0], dx=DX, input_names=names)


def warnings(*inputs):
    return richness(data(*inputs)).warnings


def smooth(runs, rng=RNG):
    """Runs with several tones of random wavelength each."""
    k = rng.uniform(0.5, 2.5, (runs, 6, 1))
    return (rng.normal(size=(runs, 6, 1)) * np.cos(k * X + rng.uniform(0, 6, k.shape))).sum(axis=1)


@pytest.mark.parametrize("potentials", POTENTIALS)
@pytest.mark.parametrize("runs", [4, 60])
def test_simulated_inputs_raise_no_alarm(potentials, runs):
    for seed in range(5):
        simulated = Schroedinger().simulate(
            runs=runs, sites=64, dx=DX, seed=seed, potentials=potentials
        )
        found = richness(simulated)
        assert found.warnings == ()
        assert found.inseparable == {}
        assert found.distinct_runs == runs
        assert found.terms == ("1", "V", "V**2")


CASES = {
    "constant": (
        [np.full((6, 64), 0.3)],
        ["V never varies: V*psi and psi cannot be told apart", "6 runs share one input"],
    ),
    "binary": (
        [np.where(RNG.uniform(size=(6, 64)) > 0.4, 1.7, 0.4)],
        ["V takes two values only: V**2*psi cannot be told apart from V*psi, psi"],
    ),
    "balanced binary": (
        [np.tile(RNG.permutation(np.repeat([1.0, 2.0], 32)), (6, 1))],
        ["V takes two values only: V**2*psi cannot be told apart from V*psi, psi", "6 runs share"],
    ),
    "repetitions": (
        [np.tile(smooth(1), (8, 1))],
        ["8 runs share one input: they are repetitions"],
    ),
    "two inputs": ([smooth(2)[[0, 1, 1, 0, 0, 1]]], ["6 runs share 2 inputs"]),
    "weak": ([1000 + 0.01 * smooth(6)], ["V varies by less than a thousandth of its mean"]),
    "constant along runs": (
        [np.tile(np.linspace(0, 1, 6)[:, None], (1, 64))],
        ["V is constant within every run: a term with V' cannot be told apart"],
    ),
    "one tone": (
        [2 + np.cos(2 * np.pi * X / 3 + RNG.uniform(0, 6, (6, 1)))],
        ["V is a single tone of the same wavelength in all runs (3)"],
    ),
    "one tone and phase": (
        [RNG.normal(size=(6, 1)) + RNG.uniform(1, 2, (6, 1)) * np.cos(2 * np.pi * X / 3)],
        ["V is a single tone of the same wavelength and phase in all runs (3)"],
    ),
    "proportional channels": (
        [both := smooth(6), 3 - 2 * both],
        ["V2 follows V1: V2*psi cannot be told apart from V1*psi and psi"],
    ),
    "sum of channels": (
        [a := smooth(6), b := smooth(6), a + b],
        ["V3 follows V1 and V2: V3*psi cannot be told apart from V1*psi, V2*psi and psi"],
    ),
    "on a circle": (
        [np.cos(c := 9 * RNG.uniform(size=(6, 64))), np.sin(c)],
        ["V2**2*psi cannot be told apart from V1*psi, V2*psi, V1**2*psi, psi; only sums"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_cannot_be_told_apart_is_said(case):
    inputs, expected = CASES[case]
    found = warnings(*inputs)
    assert len(found) == len(expected), found
    for text, beginning in zip(found, expected, strict=True):
        assert text.startswith(beginning)
        assert "\n" not in text


def test_singular_values_are_those_of_a_plain_matrix():
    """Nought exactly where a term is a sum of others; else NumPy's, of standardised V."""
    v = smooth(7)
    standard = ((v - v.mean()) / v.std()).ravel()
    table = np.stack([np.ones(v.size), standard, standard**2], axis=1)
    values = np.linalg.svd(table / np.linalg.norm(table, axis=0), compute_uv=False)
    np.testing.assert_allclose(richness(data(v)).singular_values, values / values[0])
    binary = richness(data(np.where(v > 0, 1.0, 0.0)))
    assert binary.singular_values[-1] == 0
    assert binary.singular_values[-2] > 0.1
    assert binary.inseparable == {"V**2": ("V", "1")}


def test_a_term_that_differs_a_little_is_told_apart_where_it_does():
    binary = np.where(RNG.uniform(size=(6, 64)) > 0.5, 1.0, 0.0)
    assert warnings(binary + 1e-6 * RNG.normal(size=binary.shape))
    assert not warnings(binary + 0.1 * RNG.normal(size=binary.shape))


@settings(max_examples=40)
@given(
    case=st.sampled_from([name for name in CASES if name != "weak"]),
    factor=st.sampled_from([-1e4, -1.0, 1e-3, 2.5, 1e6]),
    shift=st.floats(-3, 3),
)
def test_neither_unit_nor_zero_of_the_input_matters(case, factor, shift):
    """The shift is counted in the input's own variation: far from nought it would be a weak one."""
    inputs, _ = CASES[case]
    span = [np.ptp(v) or 1.0 for v in inputs]
    moved = [factor * (v + shift * s) for v, s in zip(inputs, span, strict=True)]
    assert warnings(*moved) == warnings(*inputs)


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), runs=st.integers(4, 9))
def test_the_order_of_runs_does_not_matter_and_copies_are_counted_once(seed, runs):
    rng = np.random.default_rng(seed)
    v = smooth(runs, rng)
    copied = rng.permutation(np.concatenate([v, v[:3]]))
    one, other = richness(data(v)), richness(data(copied))
    assert one.distinct_runs == other.distinct_runs == runs
    assert one.warnings == other.warnings == ()


def test_the_spectrum_is_that_of_the_tones_that_are_there():
    """Two tones of whole waves, 3 : 1 in power, and an offset that counts nothing."""
    length = 64 * DX
    k = np.array([4, 10]) / length
    v = 7 + np.sqrt(3) * np.cos(2 * np.pi * k[0] * X) + np.sin(2 * np.pi * k[1] * X)
    channel = richness(data(np.stack([v, 2 * v, -v, v + 1]))).channels[0]
    np.testing.assert_allclose(channel.power[[4, 10]], [0.75, 0.25], atol=1e-12)
    np.testing.assert_allclose(channel.wave_numbers[[4, 10]], k)
    assert channel.modes == pytest.approx(1 / (0.75**2 + 0.25**2))
    assert channel.tone is None
    assert channel.order == 5  # a constant, and two directions a tone


def test_variation_within_and_between_runs_adds_up():
    v = smooth(6) + 3 * RNG.normal(size=(6, 1))
    channel = richness(data(v)).channels[0]
    assert channel.within**2 + channel.between**2 == pytest.approx(v.var())
    assert (channel.low, channel.high) == (v.min(), v.max())


def test_one_run_of_two_sites_can_be_looked_at():
    found = richness(Dataset.from_arrays([[1.0, 2.0]], [[0.0, 1.0]], dx=1.0))
    assert found.distinct_runs == 1
    assert not any("share" in text for text in found.warnings)


def test_a_discovery_says_it_in_its_notes():
    binary = data(CASES["binary"][0][0])
    assert richness(binary).warnings[0] in notes(binary, (), Shared.said, Settings())


@pytest.mark.parametrize("as_good", [True, False])
def test_a_theory_that_its_translator_beats_is_not_sold_as_the_law(as_good):
    confirmed = Confirmation(translator_error=1e-4, chance=0.0, as_good=as_good)
    judgement = Judgement(heldout_error=0.07, confirmed=confirmed)
    theories = (Statement(2, "linear", judgement=judgement),)
    first = notes(data(CASES["binary"][0][0]), theories, Shared.said, Settings())[0]
    warned = "worse than the translator" in first and "error 0.07 of the variance" in first
    assert warned != as_good


@pytest.mark.parametrize(
    ("potentials", "hold"),
    [("fourier", "cubic"), ("wells", "zero"), ("harmonic", "cubic"), ("ramps", "first")],
)
@pytest.mark.parametrize("sites", [32, 65])
def test_the_hold_that_suits_a_family(potentials, hold, sites):
    for seed in range(4):
        simulated = Schroedinger().simulate(
            runs=12, sites=sites, dx=0.2, seed=seed, potentials=potentials
        )
        assert advise_hold(simulated)[0] == hold


def test_straight_pieces_between_random_nodes_are_of_first_order():
    nodes = RNG.normal(size=(8, 9))
    v = np.stack([np.interp(np.arange(64) / 8, np.arange(9), row) for row in nodes])
    assert advise_hold(data(v))[0] == "first"


def test_values_drawn_anew_at_every_sample_are_of_zero_order():
    hold, reason = advise_hold(data(RNG.normal(size=(8, 64))))
    assert hold == "zero"
    assert "not smooth from sample to sample" in reason


def test_the_roughest_channel_decides():
    v = smooth(6)
    assert advise_hold(data(v, v**2))[0] == "cubic"
    assert advise_hold(data(v, np.where(v > 0, 1.0, 0.0)))[0] == "zero"
    assert advise_hold(data(v[:, :6]))[0] == "zero"


@settings(max_examples=20)
@given(
    family=st.sampled_from(["fourier", "wells", "ramps"]),
    factor=st.sampled_from([-1e3, 1e-4, 7.0]),
    shift=st.floats(-2, 2),
)
def test_neither_unit_nor_zero_changes_the_advice(family, factor, shift):
    simulated = Schroedinger().simulate(runs=6, sites=64, dx=DX, seed=1, potentials=family)
    v = simulated.input[:, :, 0]
    assert advise_hold(data(factor * (v + shift)))[0] == advise_hold(data(v))[0]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("each", [1, 2, 5, 20])
def test_levels_that_are_held_run_smoothly_in_no_hold(each, seed):
    levels = np.random.default_rng(seed).uniform(-1, 1, (4, 400 // each))
    held = np.repeat(levels, each, axis=1)
    assert not may_be_smooth(data(held))
    assert advise_hold(data(held))[0] == "zero"
    assert not may_be_smooth(data(np.ones_like(held), held))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("noise", [0.0, 0.03])
def test_a_band_limited_input_may_run_smoothly_though_its_samples_hardly_show_it(noise, seed):
    """Tones up to 0.65 of the Nyquist frequency: a spline misses samples that are left out."""
    rng, x = np.random.default_rng(seed), np.arange(400)
    tones = rng.uniform(0, 0.65 * np.pi, (4, 40, 1))
    runs = np.cos(tones * x + rng.uniform(0, 6, tones.shape)).sum(axis=1)
    runs = runs + noise * runs.std() * rng.normal(size=runs.shape)
    assert may_be_smooth(data(runs))
