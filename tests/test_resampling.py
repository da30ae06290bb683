"""Uneven samples on an even grid, against closed forms, and what is said of the cost."""

import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import hiddenlaw as hl
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.grid import evened
from hiddenlaw.errors import DataError
from hiddenlaw.io import load, save

OMEGA = 2 * np.pi / 20  # 20 samples a period


def uneven(kind, samples=800, seed=0):
    rng = np.random.default_rng(seed)
    if kind == "jittering":
        return np.arange(samples) + rng.uniform(-0.4, 0.4, samples)
    return np.cumsum(rng.exponential(1.0, samples))


def wave(t):
    return np.sin(OMEGA * t) + 0.5 * np.cos(0.37 * OMEGA * t)


def measured(t, noise=0.0, step=1.0, **options):
    y = wave(t) + noise * np.random.default_rng(7).standard_normal(len(t))
    return Dataset.from_arrays(
        np.cos(OMEGA * t / 3)[None], y[None], x=t, x_name="t", resample=step, **options
    )


def said_of(data, name):
    """By which curve a channel was interpolated, and what that misses of its deviation."""
    (found,) = (
        m
        for said in data.remarks
        if (m := re.search(rf"^{name} is interpolated by (.*) \(.*by ([0-9.e-]+) %", said))
    )
    return found[1], float(found[2]) / 100


@pytest.mark.parametrize(("kind", "most"), [("jittering", 5e-4), ("random", 0.06)])
@pytest.mark.parametrize("step", [0.6, 1.0, 1.7])
def test_a_sine_sampled_unevenly_is_met_better_than_is_said(kind, most, step):
    data = measured(uneven(kind), step=step)
    assert data.dx == step
    error = np.sqrt(np.nanmean((data.response[0, :, 0] - wave(data.x)) ** 2)) / wave(data.x).std()
    assert error < most
    way, missed = said_of(data, "y")
    assert error < missed
    assert way == ("a cubic spline" if kind == "jittering" else "a monotone cubic")
    np.testing.assert_allclose(data.input[0, :, 0], np.cos(OMEGA * data.x / 3), atol=0.02)
    assert np.isnan(data.response).mean() < 0.03
    with pytest.raises(DataError, match="resample="):
        evened(uneven(kind), "t")


def test_samples_close_together_do_not_make_noise_larger():
    """A cubic spline would: by a factor of 80 here."""
    t = uneven("random")
    data = measured(t, noise=0.05)
    error = np.nanstd(data.response[0, :, 0] - wave(data.x))
    assert error < 0.1
    way, missed = said_of(data, "y")
    assert way != "a cubic spline"
    assert 0.05 < missed < 0.15
    noisy = Dataset.from_arrays(
        np.cos(t / 9)[None], np.random.default_rng(0).standard_normal((1, 800)), x=t, resample=1.0
    )
    assert said_of(noisy, "y")[0] == "straight lines"


@given(values=st.lists(st.floats(-3, 3), min_size=4, max_size=30), parts=st.integers(1, 5))
@example(values=[0.0] * 6 + [2.3e-309, 0.0], parts=2)  # a slope whose inverse overflows
def test_a_held_input_in_finer_steps_is_held(values, parts):
    u = np.array(values)
    data = Dataset.from_arrays(u[None], np.sin(u)[None], dx=1.0).resampled(1 / parts, held=True)
    np.testing.assert_array_equal(data.input[0, 1:, 0], np.repeat(u[1:], parts))


def test_a_held_input_keeps_its_levels_and_its_integral():
    rng = np.random.default_rng(3)
    t = np.cumsum(rng.uniform(0.5, 1.5, 300))
    u = np.repeat(rng.choice([-1.0, 0.3, 2.0], 30), 10)
    for step in (0.13, 0.9, 2.5):
        data = Dataset.from_arrays(u[None], np.sin(t / 5)[None], x=t, resample=step)
        assert any(said.startswith("u is held, and its mean") for said in data.remarks)
        new, x = data.input[0, :, 0], data.x
        # ∫u over (x[0], x[k]], u being u_j between t_{j-1} and t_j
        fine = np.linspace(t[0], t[-1], 400_001)
        pushed = np.cumsum(u[np.searchsorted(t, fine[:-1] + 1e-9)]) * (fine[1] - fine[0])
        at = np.interp(x[1:], fine[1:], pushed)
        np.testing.assert_allclose(np.cumsum(new[1:]) * step, at, atol=5e-3)
        level = np.isin(new, u).mean()
        assert level > 0.7  # the very values; the others are cells with a jump in them


def test_gaps_of_an_even_grid_are_missing_and_nothing_else_is_touched():
    whole = 0.5 * np.arange(60)
    lost = [10, 11, 12, 30]
    t = np.delete(whole, lost)
    data = Dataset.from_arrays(wave(t)[None], wave(t)[None], x=t, x_name="t", resample=0.5)
    np.testing.assert_allclose(data.x, whole)
    assert np.flatnonzero(~data.observed[0, :, 0]).tolist() == lost
    kept = np.delete(np.arange(60), lost)
    np.testing.assert_allclose(data.response[0, kept, 0], wave(t), atol=1e-12)
    assert "4 samples of it count as missing there" in data.remarks[-1]
    assert np.isfinite(data.input).all()


def test_a_record_is_cut_at_long_gaps_and_nothing_is_made_up_in_between():
    whole = 0.5 * np.arange(200)
    t = np.delete(whole, np.r_[60:90, 95:140, 150])  # five samples stand alone in between
    data = Dataset.from_arrays(wave(t)[None], wave(2 * t)[None], x=t, x_name="t", resample=0.5)
    assert data.runs == 2
    for run, (first, last) in enumerate(((0, 60), (140, 200))):
        inside = slice(0, last - first)
        there = ~np.isin(np.arange(first, last), 150)
        for got, measured in ((data.input, wave(whole)), (data.response, wave(2 * whole))):
            own = got[run, inside, 0]
            np.testing.assert_allclose(own[there], measured[first:last][there], atol=1e-12)
        assert np.isnan(data.response[run, last - first :]).all()
    assert data.remarks[0] == (
        "t has 2 long gaps, in which nobody knows what the input did: what is between is taken for "
        "2 records of their own; 5 samples in shorter pieces are left out"
    )


def test_pieces_of_records_are_called_by_where_they_begin(tmp_path):
    t = np.delete(0.5 * np.arange(200), np.r_[60:90])
    lines = ["run,t,u,y"]
    lines += [f"{name},{x!r},{np.sin(x)},{np.cos(x)}" for name in "ab" for x in t.tolist()]
    (tmp_path / "two.csv").write_text("\n".join(lines) + "\n")
    data = load(tmp_path / "two.csv", resample=0.5)
    assert data.run_names == (
        "run a from t = 0",
        "run a from t = 45",
        "run b from t = 0",
        "run b from t = 45",
    )
    assert data.select_runs([3, 0]).run_names == ("run b from t = 45", "run a from t = 0")
    assert data.select_runs([0]).run_names == ("run a from t = 0",)


def test_many_runs_keep_what_is_behind_their_gaps():
    t = np.delete(0.5 * np.arange(80), np.arange(30, 50))
    data = Dataset.from_arrays([wave(t)] * 4, [wave(t)] * 4, x=[t] * 4, x_name="t", resample=0.5)
    assert data.runs == 4
    assert np.isnan(data.response[:, 30:50]).all()


def test_runs_of_their_own_lengths_errors_and_gaps():
    grids = [uneven("jittering", n, seed=n) + n for n in (60, 90, 40)]
    y = [wave(t) for t in grids]
    y[1] = np.where(np.arange(90) == 50, np.nan, y[1])
    errors = [np.full(len(t), 0.1 + k) for k, t in enumerate(grids)]
    data = Dataset.from_arrays(
        [np.cos(t / 9) for t in grids], y, x=grids, x_name="t", response_error=errors,
        allow_missing=True, resample=0.5,
    )  # fmt: skip
    assert data.runs == 3
    for run, t in enumerate(grids):
        there = int((t[-1] - t[0]) / 0.5) + 1
        own = data.response[run, :there, 0]
        np.testing.assert_allclose(own, wave(t[0] + 0.5 * np.arange(there)), atol=0.1)
        assert np.isnan(data.response[run, there:]).all()
    np.testing.assert_array_equal(data.response_error, np.broadcast_to(
        np.array([0.1, 1.1, 2.1])[:, None, None], data.response.shape))  # fmt: skip
    assert any(said.startswith("runs begin at t from") for said in data.remarks)


def test_a_step_far_from_the_sampling_is_warned_of_or_refused():
    t = uneven("jittering", 200)
    assert "what moves faster than in 10 is lost" in measured(t, step=5.0).remarks[-1]
    assert "new samples share the errors" in measured(t, step=0.2).remarks[-1]
    assert len(measured(t, step=1.0).remarks) == 3
    for step, reason in (
        (0.0, "the step to resample to is 0; it must be a positive number"),
        (np.nan, "is nan"),
        (1e-3, "makes 2e+05 samples of the 200 that were measured; take one near 0.99"),
        (300.0, "300 is too long a step to resample to: t spans"),
    ):
        with pytest.raises(DataError, match=re.escape(reason)):
            measured(t, step=step)
    t[3], t[4] = t[4], t[3]
    with pytest.raises(DataError, match="t is not increasing"):
        measured(t)
    u = np.where(np.arange(200) == 7, np.nan, 1.0)
    with pytest.raises(DataError, match="input has 1 NaN in run 0"):
        Dataset.from_arrays(u[None], u[None], x=uneven("random", 200), resample=1.0,
                            allow_missing=True)  # fmt: skip


def test_even_data_on_another_grid():
    x = 0.1 * np.arange(200)
    data = Dataset.from_arrays(np.cos(x)[None], np.sin(x)[None], x=x, hold="cubic", x_name="t",
                               units={"t": "s"})  # fmt: skip
    finer = data.resampled(0.04)
    np.testing.assert_allclose(finer.response[0, :, 0], np.sin(finer.x), atol=1e-5)
    np.testing.assert_allclose(finer.input[0, :, 0], np.cos(finer.x), atol=1e-5)
    assert (finer.hold, finer.units, finer.dx) == ("cubic", {"t": "s"}, 0.04)
    same = data.resampled(0.1)
    np.testing.assert_array_equal(same.response, data.response)
    assert same.remarks == ()


def test_every_format_is_resampled_alike(tmp_path):
    t = uneven("jittering", 60)
    u, y = np.cos(t / 9), wave(t)
    expected = Dataset.from_arrays(u[None], y[None], x=t, x_name="t", resample=0.5)
    rows = [",".join(map(repr, map(float, row))) for row in zip(t, u, y, strict=True)]
    (tmp_path / "a.csv").write_text("\n".join(["t,u,y", *rows]) + "\n")
    np.savez(tmp_path / "a.npz", t=t, u=u[None], y=y[None])
    np.savez(tmp_path / "own.npz", x=t, x_name="t", input=u[None], response=y[None])
    even = Dataset.from_arrays(u[None], y[None], x=np.arange(60.0), x_name="t")
    even.to_xarray().assign_coords(t=("site", t)).to_netcdf(tmp_path / "own.nc", engine="h5netcdf")
    foreign = even.to_xarray().isel(input_channel=0, response_channel=0, drop=True).drop_attrs()
    foreign = foreign.rename(input="u", response="y").assign_coords(t=("site", t))
    foreign.to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    for name in ("a.csv", "a.npz", "own.npz", "own.nc", "a.nc"):
        named = {} if name.startswith("own") else {"input": "u", "response": "y", "x": "t"}
        data = load(tmp_path / name, resample=0.5, **named)
        np.testing.assert_allclose(data.response, expected.response, rtol=1e-12, err_msg=name)
        np.testing.assert_allclose(data.input, expected.input, rtol=1e-12)
        assert data.remarks == expected.remarks
        with pytest.raises(DataError, match=r"t is not uniform.*resample="):
            load(tmp_path / name, **named)
    save(expected, tmp_path / "even.nc")
    assert load(tmp_path / "even.nc", resample=0.25, allow_missing=True).dx == 0.25


def test_a_law_is_found_through_uneven_samples():
    """x' = 2 u - 0.7 x with u = sin(0.9 t), solved by hand, on a clock that is off by 40 %."""
    t = 0.05 * uneven("jittering", 200)
    w, d, gain = 0.9, 0.7, 2.0
    x = gain * (d * np.sin(w * t) - w * np.cos(w * t)) / (d**2 + w**2) + 3 * np.exp(-d * t)
    data = Dataset.from_arrays(np.sin(w * t)[None], x[None], x=t, resample=0.05, hold="cubic",
                               response_names="q", x_name="t")  # fmt: skip
    fitted = hl.test_law("q' = K*u - d*q", data)
    for name, value in (("K", gain), ("d", d)):
        assert fitted.constants[name][0] == pytest.approx(value, rel=1e-5)
