"""Coulomb friction of a drive: simulated as it is, found with its error, and never made up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp

import hiddenlaw as hl
from hiddenlaw.cells import DrivenCell
from hiddenlaw.data.instrument import Friction
from hiddenlaw.instrument import imperfections_of
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import Own, Shared
from hiddenlaw.readouts import Linear
from hiddenlaw.theory.friction import mean_sign, rubbed, started

RUNS, SAMPLES, DT, LEVEL, GAIN = 12, 60, 0.1, 0.03, 1.7
LAWS = {1: np.array([0.12]), 2: np.array([0.09, 0.24])}  # a_k of y^(n) + Σ a_k y^(k), a sample


def held_levels(seed, runs=RUNS):
    """Random levels, each held for 6 samples."""
    rng = np.random.default_rng(seed)
    return np.repeat(rng.uniform(-1, 1, size=(runs, SAMPLES // 6 + 1)), 6, axis=1)[:, :SAMPLES]


def integrated(a, input, level, *, width, start=None):
    """y of y^(n) = g a₀ (u − F tanh(m / w)) − Σ a_k y^(k), m = y for n = 1 and y′ for n = 2."""
    runs, d = len(input), len(a)

    def rate(_, flat, push):
        z = flat.reshape(d, runs)
        left = push - level * np.tanh(z[min(d - 1, 1)] / width)
        return np.concatenate([z[1:].ravel(), GAIN * a[0] * left - a @ z])

    state = np.zeros((runs, d)) if start is None else start
    flat, response = state.T.ravel(), np.empty(input.shape)
    for site, push in enumerate(input.T):
        found = solve_ivp(rate, (0, 1), flat, args=(push,), rtol=1e-6, atol=1e-9)
        flat = found.y[:, -1]
        response[:, site] = flat[:runs]
    return response


def law_of(a, scale=1.0, start=None):
    d = len(a)
    rates = np.zeros((d, d + 2))
    rates[: d - 1, 1:d] = np.eye(d - 1)
    rates[-1, :d], rates[-1, d] = -a, GAIN * a[0]
    weights = np.eye(d)[:, :1] / scale
    preparation = Shared(np.zeros(d)) if start is None else Own(start)
    cell = DrivenCell(rates, np.zeros(1), np.ones(1))
    return Law(preparation, cell, Linear(weights, np.zeros(0)), np.array([scale]))


def gain_of(law):
    rates, d = law.cell.rates, law.dimension
    return -rates[-1, d] / rates[-1, 0]


def recorded(input, response, noise, seed):
    rng = np.random.default_rng(seed)
    noisy = response + noise * response.std() * rng.normal(size=response.shape)
    return hl.Dataset.from_arrays(input, noisy, dx=DT)


@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(0, 1), st.sampled_from([0.0, 0.02, 0.5]))
def test_the_mean_over_a_cell_is_that_of_the_line_on_which_friction_lets_it_move(
    before, free, taken, width
):
    mean = float(mean_sign(np.array([before]), np.array([free]), taken, width)[0])
    end = free - taken * mean

    def sign(s):
        m = before + (end - before) * s
        return np.tanh(m / width) if width else np.sign(m)

    if not width and max(abs(before), abs(end)) < 1e-9:
        assert abs(mean) <= 1 + 1e-12  # at rest friction is whatever holds it
        return
    if abs(end - before) < 1e-6 * max(width, 1e-6):
        assert mean == pytest.approx(sign(0.5), abs=1e-4)
        return
    turns = [s for s in [before / (before - end)] if 0 < s < 1]
    expected = quad(sign, 0, 1, points=turns or None, limit=200)[0]
    assert mean == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("order", LAWS)
@pytest.mark.parametrize("width", [1e-3, 0.05])
def test_the_motion_is_that_of_the_differential_equation(order, width):
    a, input = LAWS[order], held_levels(order, runs=4)
    exact = integrated(a, input, LEVEL, width=width)
    law, shown = law_of(a), Shown.unanswered(input[..., None])
    friction = Friction(LEVEL, min(order - 1, 1), width)
    answer = law.outputs(rubbed(law, shown, friction))[..., 0].T
    without = law.outputs(shown)[..., 0].T
    assert np.abs(answer - exact).max() < 0.03 * np.abs(without - exact).max()


def test_what_is_pushed_by_less_than_friction_stays_at_rest():
    law, weak = law_of(LAWS[1]), np.full((1, 30, 1), 0.9 * LEVEL)
    shown = Shown.unanswered(weak)
    assert not law.outputs(rubbed(law, shown, Friction(LEVEL, 0))).any()
    assert law.outputs(shown).any()


def test_a_start_is_found_although_friction_hangs_on_it():
    a, input = LAWS[2], held_levels(5, runs=6)
    start = np.random.default_rng(5).normal(size=(6, 2)) * [1.0, 0.3]
    response = integrated(a, input, LEVEL, width=1e-3, start=start)
    seen = Shown.of(input[..., None], response[..., None]).first(24)
    law = started(law_of(a, start=np.zeros((6, 2))), seen, Friction(LEVEL, 1))
    np.testing.assert_allclose(law.preparation.numbers, start, atol=0.01)


@pytest.mark.parametrize(("order", "seed"), [(1, 0), (2, 1)])
def test_friction_is_found_and_the_gain_is_that_without_it(order, seed):
    a, input = LAWS[order], held_levels(seed)
    response = integrated(a, input, LEVEL, width=1e-3)
    data = recorded(input, response, 0.02, seed)
    found = imperfections_of(law_of(a, np.sqrt(data.variance[0])), data)
    assert found is not None
    (entry,) = found.told["friction"]
    assert entry["against"] == ("y" if order == 1 else "y'")
    assert abs(entry["value"] - LEVEL) < 3.5 * entry["stderr"]
    assert entry["stderr"] < LEVEL / 5
    assert gain_of(found.law) == pytest.approx(GAIN, rel=0.006)


def test_a_friction_that_sets_in_slowly_is_told_with_its_width():
    a, input = LAWS[1], held_levels(3)
    response = integrated(a, input, 0.1, width=0.3)
    data = recorded(input, response, 0.01, 3)
    found = imperfections_of(law_of(a, np.sqrt(data.variance[0])), data)
    assert found is not None
    (entry,) = found.told["friction"]
    assert abs(entry["value"] - 0.1) < 3.5 * entry["stderr"]
    assert abs(entry["width"]["value"] - 0.3) < 3.5 * entry["width"]["stderr"]


@pytest.mark.parametrize("memory", [0.0, 0.7])
@pytest.mark.parametrize("order", LAWS)
def test_noise_is_not_taken_for_friction(order, memory):
    a, input = LAWS[order], held_levels(7)
    law = law_of(a)
    answer = law.outputs(Shown.unanswered(input[..., None]))[..., 0].T
    noise = np.random.default_rng(order).normal(size=answer.shape)
    for site in range(1, SAMPLES):
        noise[:, site] += memory * noise[:, site - 1]
    data = hl.Dataset.from_arrays(input, answer + 0.05 * answer.std() * noise, dx=DT)
    assert imperfections_of(law_of(a, np.sqrt(data.variance[0])), data) is None


@pytest.mark.slow
def test_a_discovery_takes_friction_off_the_push_and_predicts_with_it(tmp_path):
    a, input = LAWS[1], held_levels(11, runs=12)
    response = integrated(a, input, LEVEL, width=1e-3)
    data = recorded(input, response, 0.03, 11)
    found = hl.discover(data, family="driven", max_dimension=2, seeds=1, translator_seeds=1)
    assert found.record["instrument"]["friction"][0]["against"] == "y"
    low, high = found.record["instrument"]["friction"][0]["ci95"]
    assert low < LEVEL < high
    (gain,) = [r for r in found.theory.readings if r.name.startswith("gain")]
    assert gain.ci95[0] < GAIN < gain.ci95[1]
    assert "friction takes 0.0" in str(found)
    fresh = held_levels(12, runs=4)
    exact = integrated(a, fresh, LEVEL, width=1e-3)
    answer = found.theory.predict(fresh)
    np.testing.assert_allclose(found.theory.simulate(fresh), answer, rtol=1e-10, atol=1e-12)
    assert np.sqrt(np.mean((answer - exact) ** 2)) < 0.01 * response.std()
    found.save(tmp_path / "D", report=False)
    again = hl.load_discovery(tmp_path / "D").theory
    np.testing.assert_allclose(again.predict(fresh), answer, rtol=1e-10, atol=1e-12)
