"""Dead times: how late an input acts, found beside the law."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import cont2discrete

import hiddenlaw as hl
from hiddenlaw.cells import DrivenCell
from hiddenlaw.errors import DataError
from hiddenlaw.holds import applied, delayed, jumps_within
from hiddenlaw.translator.dead_time import dead_times

pytestmark = pytest.mark.slow

DX, FINE = 0.3, 20
LAWS = {1: (1.0,), 2: (1.5, 0.4), 3: (1.0, 2.0, 1.2)}
QUICK = {"seeds": 1, "translator_seeds": 1, "hidden": 3, "max_dimension": 3}


def measured(order, late, *, noise=0.03, runs=24, sites=48, seed=0, before=0.0):
    """y^(n) = 2 u(t − late) − Σ a_k y^(k), on a grid so fine that the delay is whole there."""
    rng, a = np.random.default_rng(seed), LAWS[order]
    matrix, push = np.eye(order, k=1), np.zeros((order, 1))
    matrix[-1], push[-1] = -np.array(a), 2.0
    system = matrix, push, np.eye(order), np.zeros((order, 1))
    update, pushed, *_ = cont2discrete(system, DX / FINE)
    u = rng.normal(size=(runs, sites))
    sites_late = round(late * FINE)
    acting = np.full((runs, sites * FINE), before)
    acting[:, sites_late:] = np.repeat(u, FINE, axis=1)[:, : sites * FINE - sites_late]
    z, y = np.zeros((runs, order)), np.empty_like(u)
    for step in range(sites * FINE):
        z = z @ update.T + acting[:, step, None] @ pushed.T
        if (step + 1) % FINE == 0:
            y[:, step // FINE] = z[:, 0]
    return u, y + noise * y.std() * rng.normal(size=y.shape)


@pytest.mark.parametrize(("order", "late"), [(1, 2.4), (2, 3.0), (2, 0.0), (3, 2.4), (3, 0.0)])
def test_a_dead_time_is_found_inside_its_interval_and_none_where_there_is_none(order, late):
    u, y = measured(order, late)
    (found,) = dead_times(hl.Dataset.from_arrays(u, y, dx=DX), seed=0)
    told = found.to_json()
    if not late:
        assert found.value == 0.0
        return
    assert abs(found.value / DX - late) < 0.05
    low, high = told["ci95"]
    assert low <= late * DX <= high
    assert found.stderr < 0.05 * DX


@pytest.mark.parametrize("late", [0.25, 1.5, 2.9])
def test_a_jump_inside_a_cell_is_seen_to_the_third_power_of_the_step(late):
    """Beside the exact response, on a grid where the jump is at a sample of its own."""

    def off(step: float) -> tuple[float, float]:
        u = np.random.default_rng(1).normal(size=(4, 24))
        matrix, push = np.array([[0.0, 1.0], [-1.2, -0.8]]), np.array([[0.0], [1.0]])
        update, pushed, *_ = cont2discrete((matrix, push, np.eye(2), np.zeros((2, 1))), step / FINE)
        fine = np.concatenate([np.zeros((4, round(late * FINE))), np.repeat(u, FINE, axis=1)], 1)
        z, exact = np.zeros((4, 2)), []
        for k in range(24 * FINE):
            z = z @ update.T + fine[:, k, None] @ pushed.T
            exact.append(z)
        there = np.stack(exact[FINE - 1 :: FINE], axis=1)
        rates = step * np.concatenate([matrix, push, np.zeros((2, 1))], axis=1)
        errors = []
        for shown in (applied(u[..., None], "zero", (late,)), delayed(u[..., None], (late,))):
            varies = not isinstance(shown, np.ndarray)
            cell = DrivenCell(rates, np.zeros(1), np.ones(1), varies)
            values = shown.values if varies else shown
            states = cell.steps(cell.prepared(values)).states(np.zeros((4, 2)))
            errors.append(np.abs(np.swapaxes(states, 0, 1) - there).max())
        return errors[0], errors[1]

    (coarse, by_mean), (fine, _) = off(0.2), off(0.1)
    assert coarse < 0.1 * by_mean
    assert fine < coarse / 6


def test_whole_dead_times_jump_between_cells():
    u = np.random.default_rng(0).normal(size=(2, 9, 1))
    assert not jumps_within("zero", (2.0,))
    assert not jumps_within("first", (2.5,))
    assert not jumps_within("zero", (2.5, 0.0))
    np.testing.assert_array_equal(applied(u, "zero", (2.0,)).values[:, 2:], u[:, :-2])


def test_the_range_of_an_input_that_jumps_is_its_own():
    u = np.repeat([[[0.0], [1.0]]], 3, axis=1).reshape(1, 6, 1)
    span = applied(u, "zero", (0.25,)).span
    assert (span.low, span.high) == ((0.0,), (1.0,))
    assert span.step is not None


@pytest.mark.parametrize("before", [0.0, 1.5])
def test_law_and_dead_time_are_found_together_whatever_was_before_the_runs(before, tmp_path):
    u, y = measured(1, 3.0, noise=0.01, runs=16, sites=40, before=before)
    found = hl.discover(u, y, dx=DX, family="driven", initial_state="shared", **QUICK)
    record = found.theory.record
    assert found.theory.dimension == 1
    (late,) = found.record["dead_time"]
    assert late["value"] == pytest.approx(3 * DX, abs=0.05 * DX)
    (terms,) = record["law"]["terms"].values()
    assert terms["u"]["value"] == pytest.approx(2.0, rel=0.02)
    assert terms["y"]["value"] == pytest.approx(-1.0, rel=0.02)
    assert "acts" in str(found)
    found.save(tmp_path / "run", report=False)
    again = hl.load_discovery(tmp_path / "run")
    assert again.theory.dead_time == found.theory.dead_time
    # It is a reading, too, and its error widens the rise of the step response.
    assert again.theory.dead_time_stderr == (late["stderr"],)
    assert again.theory.readings[-1].name == "dead time of u"
    assert again.theory.readings == found.theory.readings
    rise = hl.step_response(again.theory, [late["value"] - 1e-9, late["value"] + 1e-9])
    assert rise.stderr[:, 0, 0] == pytest.approx([0.0, 2.0 * late["stderr"]], rel=0.02)
    answer = found.theory.predict(u)
    np.testing.assert_allclose(again.theory.predict(u), answer, rtol=1e-12)
    late_sites = slice(3, None)
    left = np.mean((answer - y)[:, late_sites] ** 2) / y.var()
    assert left < 3 * 0.01**2


@given(st.integers(0, 5), st.floats(0.0, 0.99), st.integers(0, 2**16))
def test_what_is_late_is_the_input_moved_and_its_mean_between_sites(whole, part, seed):
    u = np.random.default_rng(seed).normal(size=(2, 12, 1))
    moved = delayed(u, (whole + part,))
    padded = np.concatenate([np.zeros((2, 7, 1)), u], axis=1)
    at = padded[:, 7 - whole : 19 - whole], padded[:, 6 - whole : 18 - whole]
    np.testing.assert_allclose(moved, (1 - part) * at[0] + part * at[1], atol=1e-12)


def test_a_dataset_refuses_dead_times_that_are_none():
    u = np.zeros((2, 5))
    data = hl.Dataset.from_arrays(u, u + np.arange(5), dx=0.5)
    assert replace(data, dead_time=(1.0,)).late == (2.0,)
    for wrong, message in (((-1.0,), "zero or more"), ((1.0, 2.0), "2 values for 1")):
        with pytest.raises(DataError, match=message):
            replace(data, dead_time=wrong)


def test_a_dead_time_longer_than_the_first_stage_of_training_is_no_hindrance():
    u, y = measured(2, 7.0, noise=0.02, runs=12, sites=48)
    found = hl.discover(u, y, dx=DX, family="driven", **QUICK)
    assert found.record["dead_time"][0]["value"] == pytest.approx(7.0 * DX, abs=0.05 * DX)
    assert found.theory.dimension == 2
