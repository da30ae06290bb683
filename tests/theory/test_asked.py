"""What is asked in any kind that `discover` takes is answered in that kind, with the same numbers.

The oracle is SciPy's exact discretisation of the law, not the law that answers arrays.
"""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from driven_example import OSCILLATOR, respond

import hiddenlaw as hl
from hiddenlaw.errors import DataError, FormatError

DX, RUNS, SITES = 0.1, 4, 24
UNITS = {"x": "s", "u": "V", "y": "m"}


@pytest.fixture(scope="module")
def theory():
    u, y = respond(OSCILLATOR, [0.0, 0.0], DX)
    found = hl.discover(u, y, dx=DX, family="driven", dimension=2, readout="linear", hidden=3,
                        seeds=1, units=UNITS)  # fmt: skip
    return found.theory


@pytest.fixture(scope="module")
def new():
    """Inputs, and what SciPy says they make, that no discovery saw."""
    u, y = respond(OSCILLATOR, [0.0, 0.0], DX, seed=9)
    return u[:RUNS, :SITES], y[:RUNS, :SITES]


@pytest.fixture
def data(new):
    """The same inputs with responses that say nothing."""
    return hl.Dataset.from_arrays(new[0], np.ones_like(new[0]), dx=DX, units=UNITS)


def close(answer, y):
    np.testing.assert_allclose(np.asarray(answer), y, atol=1e-8)


def long_table(u):
    grid = np.tile(DX * np.arange(1, SITES + 1), len(u))
    return {"shot": np.arange(u.size), "run": np.repeat(np.arange(len(u)), SITES), "t": grid,
            "u": u.ravel()}  # fmt: skip


def test_a_dataset_is_answered_by_one_that_can_be_saved_and_drawn(theory, new, data, tmp_path):
    answer = theory.predict(data)
    assert isinstance(answer, hl.Dataset)
    close(answer.response[..., 0], new[1])
    np.testing.assert_array_equal(answer.input, data.input)
    np.testing.assert_array_equal(answer.x, data.x)
    assert (answer.response_names, answer.units, answer.source) == (("y",), UNITS, data.source)
    assert answer.response_error is None
    hl.save(answer, tmp_path / "answer.csv")
    close(hl.load(tmp_path / "answer.csv").response, answer.response)


def test_other_names_of_channels_go_by_their_order_and_the_response_is_the_law_s(theory, new, data):
    renamed = data.renamed(input_names="force", response_names="place")
    answer = theory.predict(renamed)
    assert (answer.input_names, answer.response_names) == (("force",), ("y",))
    assert answer.units["y"] == "m"
    close(answer.response[..., 0], new[1])


def test_what_a_dataset_was_written_to_comes_back_as_such(theory, new, data):
    answer = theory.predict(data.to_xarray())
    assert isinstance(answer, xr.Dataset)
    assert answer.attrs == data.to_xarray().attrs
    close(hl.Dataset.from_xarray(answer).response[..., 0], new[1])


@pytest.mark.parametrize("name", ["runs.csv", "runs.npz", "runs.nc"])
def test_a_file_is_answered_by_a_dataset(theory, new, data, tmp_path, name):
    hl.save(data, tmp_path / name)
    for path in (tmp_path / name, str(tmp_path / name)):
        close(theory.predict(path).response[..., 0], new[1])


def test_files_of_several_runs_with_the_columns_of_the_law(theory, new, tmp_path):
    paths = []
    for k, run in enumerate(new[0]):
        table = {"t [s]": DX * np.arange(1, SITES + 1), "v": 0.0, "u [V]": run, "y [m]": 1.0 * k}
        paths.append(tmp_path / f"run{k}.csv")
        pd.DataFrame(table).to_csv(paths[-1], index=False)
    answer = theory.predict(paths)
    close(answer.response[..., 0], new[1])
    with pytest.raises(FormatError, match="missing"):
        theory.predict([*paths, tmp_path / "missing.csv"])


def test_a_list_is_answered_run_by_run_in_the_kind_of_each(theory, new):
    u, y = new
    t = DX * np.arange(1, SITES + 1)
    series = theory.predict([pd.Series(run[: 9 + k], t[: 9 + k]) for k, run in enumerate(u)])
    assert [type(run) for run in series] == [pd.Series] * RUNS
    for k, run in enumerate(series):
        close(run, y[k, : 9 + k])
        np.testing.assert_array_equal(run.index, t[: 9 + k])
    arrays = theory.predict([xr.DataArray(run, {"t": t}, ["t"]) for run in u])
    assert all(run.dims == ("t",) and run.attrs == {"units": "m"} for run in arrays)
    close(np.stack([run.values for run in arrays]), y)
    frames = theory.predict([pd.DataFrame({"u": run}) for run in u])
    close(frames[1]["y"], y[1])
    unequal = theory.predict([u[0].tolist(), u[1, :5].tolist()])
    close(unequal[1], y[1, :5])
    close(theory.predict(u.tolist()), y)


def test_a_dict_of_columns_is_answered_by_one(theory, new):
    u, y = new
    answer = theory.predict(long_table(u))
    assert list(answer) == ["y"]
    close(answer["y"], y.ravel())
    wrong = long_table(u) | {"t": 2 * long_table(u)["t"]}
    with pytest.raises(DataError, match=r"t has the step 0\.2 and the law was found at 0\.1"):
        theory.predict(wrong)


def test_polars_is_answered_in_polars(theory, new):
    polars = pytest.importorskip("polars")
    u, y = new
    answer = theory.predict(polars.DataFrame(long_table(u)))
    assert isinstance(answer, polars.DataFrame)
    close(answer["y"].to_numpy(), y.ravel())
    one = theory.predict(polars.Series("u", u[0]))
    assert isinstance(one, polars.Series)
    close(one.to_numpy(), y[0])


def test_a_series_of_runs_keeps_its_index(theory, new):
    u, y = new
    index = pd.MultiIndex.from_product(
        [range(RUNS), DX * np.arange(1, SITES + 1)], names=["run", "t"]
    )
    answer = theory.predict(pd.Series(u.ravel(), index, name="u"))
    assert answer.index.equals(index)
    close(answer, y.ravel())


def test_a_dataset_of_another_step_is_refused_with_the_remedy(theory, new):
    other = hl.Dataset.from_arrays(*new, dx=2 * DX)
    with pytest.raises(DataError, match=r"resample=0\.1"):
        theory.predict(other)


def test_what_nobody_can_ask_in_is_said():
    from hiddenlaw.theory.asked import Asking

    asking = Asking(lambda input, given: input, DX, ["u"], ["y"])
    with pytest.raises(DataError, match=r"predict takes no polars\.Dataset; give an array"):
        asking(type("Dataset", (), {"__module__": "polars"})())
