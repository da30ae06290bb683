"""Grids that jitter are taken for even and said so; what is more than jitter has a remedy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.grid import MOST_JITTER, evened
from hiddenlaw.data.joined import joined
from hiddenlaw.errors import DataError
from hiddenlaw.io import load, surveyed


def runs_on(x, **options):
    """A run, or several, on these grids."""
    several = isinstance(x, list)
    lengths = [len(grid) for grid in x] if several else [len(x)]
    rng = np.random.default_rng(1)
    u = [rng.standard_normal(n) for n in lengths]
    return Dataset.from_arrays(u, u, x=x, x_name="t", **options)


@given(
    errors=st.lists(st.floats(-0.12, 0.12), min_size=3, max_size=80),
    step=st.floats(1e-6, 1e6),
    start=st.floats(-100, 100),
)
def test_steps_within_five_per_cent_of_their_mean_make_an_even_grid(errors, step, start):
    steps = step * (1 + np.array(errors))
    x = start * step + np.concatenate([[0.0], np.cumsum(steps)])
    steps = np.diff(x)
    jitter = np.abs(steps / steps.mean() - 1).max()
    if jitter > MOST_JITTER:
        with pytest.raises(DataError, match=r"resample=[0-9.e+-]+"):
            runs_on(x)
        return
    data = runs_on(x)
    assert data.dx == pytest.approx(steps.mean(), rel=1e-9)
    assert (data.x[0], data.x[-1]) == pytest.approx((x[0], x[-1]), rel=1e-9, abs=1e-9 * step)
    if np.abs(steps - np.median(steps)).max() > 2e-6 * step:
        np.testing.assert_allclose(np.diff(data.x), data.dx, rtol=1e-9)
        assert data.jitter == pytest.approx(jitter, abs=1e-9)
        assert len(data.remarks) == 1


def test_how_large_the_jitter_is_is_told():
    x = 0.1 * np.arange(101)
    x[1:-1:2] += 0.002
    data = runs_on(x)
    assert data.jitter == pytest.approx(0.02)
    assert data.remarks == (
        "steps of t differ from their mean, 0.1, by up to 2 %; it is taken for an even grid, from "
        "which samples lie up to 0.02 steps away",
    )
    part = data.select_runs([0])
    assert (part.remarks, part.jitter) == (data.remarks, data.jitter)
    drift = np.concatenate([[0.0], np.cumsum(np.where(np.arange(100) < 50, 0.104, 0.096))])
    (said,) = runs_on(drift).remarks
    assert said.endswith("up to 2 steps away; resample=0.1 takes samples from where they are")


def test_a_grid_that_is_not_even_names_the_step_to_resample_to():
    x = np.arange(20.0)
    x[10:] += 0.25
    with pytest.raises(DataError) as caught:
        runs_on(x)
    assert str(caught.value) == (
        "t is not uniform: the step from site 9 to 10 is 1.25, where most are 1, and more than 5 % "
        "is no jitter; put it on an even grid with resample=1, or, if t was rounded, write it "
        "with more digits"
    )


def test_gaps_of_whole_steps_are_said_to_be_gaps():
    x = np.delete(0.5 * np.arange(30), [4, 5, 6, 20])
    with pytest.raises(DataError) as caught:
        runs_on(x)
    assert str(caught.value) == (
        "t has gaps: 3 samples are missing between site 3 (1.5) and 4 (3.5), and 1 more in 1 other "
        "place; resample=0.5 puts the others on one grid and says that these are missing"
    )
    jittered = x + 0.01 * (np.arange(len(x)) % 2)
    with pytest.raises(DataError, match="has gaps: 3 samples are missing between site 3"):
        runs_on(jittered)


def test_runs_may_jitter_and_begin_each_in_its_own_way():
    rng = np.random.default_rng(0)
    grids = [
        start + 0.1 * (np.arange(n) + rng.uniform(-0.02, 0.02, n))
        for start, n in ((0.0, 60), (7.0, 80), (100.0, 50))
    ]
    data = runs_on(grids)
    assert data.x[0] == grids[0][0]
    assert data.sites == 80
    assert data.dx == pytest.approx(0.1, rel=1e-3)
    assert data.jitter == pytest.approx(max(evened(x, "t")[1] for x in grids))
    assert any("runs begin at t from " in said for said in data.remarks)
    faster = [grids[0], np.linspace(0, 4, 50)]
    with pytest.raises(DataError, match=r"t of run 1 has the step 0\.0816.* of run 0 0\.09996"):
        runs_on(faster)
    uneven = [np.sort(rng.uniform(0, 9, 20)) for _ in range(3)]
    with pytest.raises(DataError, match=r"t of run 0 is not uniform.*likewise in 2 more runs"):
        runs_on(uneven)
    with pytest.raises(DataError, match=r"t has runs of 3, 4 sites and the data of 3, 3;"):
        Dataset.from_arrays(np.ones((2, 3)), np.ones((2, 3)), x=[np.arange(3.0), np.arange(4.0)],
                            x_name="t")  # fmt: skip


def test_files_may_jitter_each_in_its_own_way(tmp_path):
    rng = np.random.default_rng(0)
    paths = []
    for name in "ab":
        x = 0.1 * (np.arange(40) + rng.uniform(-0.02, 0.02, 40))
        rows = [f"{t},{u},{u}" for t, u in zip(x, rng.standard_normal(40), strict=True)]
        paths.append(tmp_path / f"{name}.csv")
        paths[-1].write_text("\n".join(["t,u,y", *rows]) + "\n")
    with surveyed() as survey:
        data = load(paths)
    assert [said.partition(": steps of t differ")[0] for said in survey.notes[:2]] == [
        str(path) for path in paths
    ]
    assert "runs begin at t from" in survey.notes[-1]
    assert data.jitter == max(load(path).jitter for path in paths)
    assert set(data.remarks) > set(load(paths[0]).remarks)
    twice = joined([load(paths[0]), load(paths[0])])
    assert twice.remarks == load(paths[0]).remarks
