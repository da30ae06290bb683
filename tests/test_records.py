"""Few long records: cut into windows in the order of time, their ends held out and run freely."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import cont2discrete, lfilter

import hiddenlaw as hl
from hiddenlaw.data.records import in_windows, is_record, lengths_of
from hiddenlaw.errors import DataError

DT, OMEGA, ZETA, GAIN = 0.05, 2.0, 0.4, 1.5


def recorded(lengths, noise=0.02, seed=0):
    """y″ = ω² (K u − y) − 2 ζ ω y′ from rest, in steps; behind its end a record is missing."""
    rng = np.random.default_rng(seed)
    matrix = np.array([[0.0, 1.0], [-(OMEGA**2), -2 * ZETA * OMEGA]])
    push = np.array([[0.0], [GAIN * OMEGA**2]])
    update, pushed, *_ = cont2discrete((matrix, push, np.eye(2), np.zeros((2, 1))), DT)
    longest = max(lengths)
    u = np.repeat(rng.uniform(-1, 1, (len(lengths), longest // 20 + 1)), 20, axis=1)[:, :longest]
    z, y = np.zeros((len(lengths), 2)), np.empty_like(u)
    for k in range(longest):
        z = z @ update.T + u[:, k, None] @ pushed.T
        y[:, k] = z[:, 0]
    y += noise * y.std() * rng.normal(size=y.shape)
    for record, length in enumerate(lengths):
        y[record, length:] = np.nan
    return hl.Dataset.from_arrays(u, y, dx=DT, allow_missing=True)


@given(
    lengths=st.lists(st.integers(700, 4000), min_size=1, max_size=3),
    held_out=st.floats(0.2, 0.5),
)
def test_windows_are_pieces_in_the_order_of_time_and_none_has_a_sample_of_both_parts(
    lengths, held_out
):
    longest = max(lengths)
    count = np.arange(longest, dtype=float)
    y = np.stack([np.where(count < n, 10_000 * r + count, np.nan) for r, n in enumerate(lengths)])
    data = hl.Dataset.from_arrays(np.broadcast_to(count, y.shape), y, dx=DT, allow_missing=True)
    assert is_record(data)
    np.testing.assert_array_equal(lengths_of(data), lengths)
    cut = in_windows(data, held_out)
    train, heldout = cut.windows.split(0.2, seed=3)
    assert (np.diff(cut.windows.response[..., 0], axis=1) == 1).all()
    for part, inside in ((train, np.less), (heldout, np.greater_equal)):
        record, sample = np.divmod(part.response[..., 0], 10_000)
        assert inside(sample, cut.begins[record.astype(int)]).all()
    assert len(np.unique(cut.windows.response)) == cut.windows.response.size
    for number, n in enumerate(lengths):
        run, told = cut.end(number, before=5)
        assert run.sites == n - cut.begins[number] + 5
        assert np.isfinite(told).sum() == cut.context
        assert run.response[0, 5, 0] == 10_000 * number + cut.begins[number]


@given(length=st.integers(128, 700), held_out=st.floats(0.2, 0.35))
def test_a_short_record_makes_few_short_windows(length, held_out):
    cut = in_windows(recorded([length]), held_out)
    assert 20 <= cut.windows.sites <= 64
    assert len(cut.windows.kept_back) >= 1
    assert cut.windows.runs - len(cut.windows.kept_back) >= 4


def test_a_short_record_of_many_inputs_says_so():
    rng = np.random.default_rng(0)
    data = hl.Dataset.from_arrays(rng.normal(size=(1, 200, 10)), rng.normal(size=(1, 200)), dx=DT)
    with pytest.raises(DataError, match=r"say too little of 10 inputs: 140 samples.*leave inputs"):
        in_windows(data, 0.3)


def test_enough_runs_are_runs_however_long():
    assert not is_record(recorded([300] * 4))
    assert not is_record(recorded([100]))
    assert is_record(recorded([300] * 3))


def test_a_record_too_short_says_so():
    with pytest.raises(DataError, match="measure longer"):
        in_windows(recorded([140]), 0.1)
    with pytest.raises(DataError, match="or records of 128 samples"):
        hl.discover(recorded([100]))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_a_short_record_is_discovered_too(seed):
    asked = {"family": "driven", "seeds": 1, "translator_seeds": 1}
    found = hl.discover(recorded([200], seed=seed), **asked)
    assert found.theory.dimension == 2
    read = {each.name: each.value for each in found.theory.readings}
    assert read["gain of y for u"] == pytest.approx(GAIN, rel=0.05)
    assert read["frequency 1"] == pytest.approx(OMEGA, rel=0.05)


def test_what_is_kept_back_stays_so_when_runs_are_chosen():
    data = in_windows(recorded([3000]), 0.3).windows
    chosen = np.arange(0, data.runs, 2)
    fewer = data.select_runs(chosen)
    np.testing.assert_array_equal(chosen[list(fewer.kept_back)] >= data.kept_back[0], True)
    assert len(fewer.kept_back) == np.isin(chosen, data.kept_back).sum()


@pytest.mark.slow
@pytest.mark.parametrize("lengths", [[1500], [1000, 700, 900]])
def test_a_record_is_discovered_as_it_is(lengths, tmp_path):
    found = hl.discover(recorded(lengths), seeds=1, translator_seeds=1)
    record = found.record
    assert record["verdict"] == "law"
    assert found.theory.dimension == 2
    assert next(row["family"] for row in record["families"] if row["selected"]) == "driven"
    readings = {each["name"]: each for each in record["theories"][0]["readings"]}
    for name, true in (("gain of y for u", GAIN), ("frequency 1", OMEGA), ("damping 1", ZETA)):
        assert readings[name]["value"] == pytest.approx(true, rel=0.02)
        assert abs(readings[name]["value"] - true) < 3.5 * readings[name]["stderr"]
    # Nothing is left but the noise of 2 %, from a start and the input alone.
    for entry in record["simulation"]:
        assert entry["relative"]["y"] == pytest.approx(0.02, rel=0.15)
        assert entry["fit"]["y"] == pytest.approx(0.98, abs=0.01)
    # What is left of it is that noise: white, and nothing that goes with the input.
    left = record["residuals"]
    assert left["of"] == "free run"
    assert all(each["chance"] > 1e-3 for each in left["whiteness"] + left["cross_correlation"])
    assert "held out" in str(found)
    found.save(tmp_path / "run", report=False)
    again = hl.load_discovery(tmp_path / "run")
    assert again.record["simulation"] == record["simulation"]
    # Its step response is read back with its band, which has the truth in it.
    step = hl.step_response(again.theory)
    np.testing.assert_array_equal(step.stderr, hl.step_response(found.theory).stderr)
    rate = OMEGA * np.sqrt(1 - ZETA**2)
    swing = np.cos(rate * step.x) + ZETA * OMEGA / rate * np.sin(rate * step.x)
    true = GAIN * (1 - np.exp(-ZETA * OMEGA * step.x) * swing)
    error = np.abs(step.values[:, 0, 0] - true)[1:] / step.stderr[1:, 0, 0]
    assert np.median(error) < 3.5


@pytest.mark.slow
def test_where_nothing_pulls_back_windows_tell_the_law():
    """x″ = u with a rough beam: over all of the record all that pushes besides adds up."""
    rng = np.random.default_rng(1)
    wish = lfilter([1.0], [1.0, -0.9], rng.normal(size=800))
    u, y, (place, speed) = np.empty(800), np.empty(800), (0.0, 0.0)
    for k in range(800):
        u[k] = wish[k] - 0.8 * place - speed  # somebody keeps it on the beam
        push = u[k] + 0.3 * rng.normal()
        place, speed = place + 0.1 * speed + 0.005 * push, speed + 0.1 * push
        y[k] = place
    y += 0.003 * y.std() * rng.normal(size=800)
    asked = {"family": "driven", "seeds": 1, "translator_seeds": 1}
    found = hl.discover(u[None], y[None], dx=0.1, **asked)
    assert found.theory.dimension == 2
    system = found.theory.statement.system.terms
    assert system["zeta'"]["u"].value == pytest.approx(1.0, abs=0.1)
    assert abs(system["zeta'"]["y"].value) < 0.05
