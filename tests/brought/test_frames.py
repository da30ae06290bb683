"""Long tables go by their columns, wide ones by their labels; nothing is guessed from a shape."""

import numpy as np
import pandas as pd
import pytest

import hiddenlaw as hl
from hiddenlaw import Dataset
from hiddenlaw.errors import DataError, FormatError

RUNS, SITES, DX = 4, 6, 0.5
T = DX * np.arange(1, SITES + 1)
U = np.random.default_rng(0).normal(size=(RUNS, SITES))
Y = np.random.default_rng(1).normal(size=(RUNS, SITES))


def long(**columns):
    return pd.DataFrame({
        "run": np.repeat(list("dabc"), SITES),
        "t": np.tile(T, RUNS),
        "u": U.ravel(),
        "y": Y.ravel(),
    } | columns)  # fmt: skip


def holds(data, dx=DX):
    np.testing.assert_array_equal(data.input[..., 0], U)
    np.testing.assert_array_equal(data.response[..., 0], Y)
    assert data.dx == dx


@pytest.mark.parametrize("shape", ["plain", "runs", "times", "both", "dict"])
def test_a_long_table_by_its_usual_names(shape):
    frame = long()
    turned = {
        "plain": frame,
        "runs": frame.set_index("run"),
        "times": frame.set_index("t"),
        "both": frame.set_index(["run", "t"]),
        "dict": {name: frame[name].to_numpy() for name in frame},
    }
    data = hl.as_dataset(turned[shape])
    holds(data)
    assert (data.x_name, data.input_names, data.response_names) == ("t", ("u",), ("y",))
    assert data.run_names == ("run d", "run a", "run b", "run c")


def test_columns_by_name_with_units_in_their_headers():
    frame = long().rename(
        columns={"run": "shot", "t": "when [s]", "u": "u [V]", "y": "Motor speed (rpm)"}
    )
    data = hl.as_dataset(frame, "Motor speed", input="u", x="when", run="shot")
    holds(data)
    assert data.units == {"when": "s", "u": "V", "Motor_speed": "rpm"}
    assert data.remarks == ("Motor speed (rpm) is called Motor_speed in equations",)
    data = hl.as_dataset(frame, "Motor speed", input="u", x="when", run="shot",
                         response_names="n", units={"u": "mV"})  # fmt: skip
    assert data.units == {"when": "s", "u": "mV", "n": "rpm"}
    assert data.remarks == ()


def test_names_that_do_not_settle_it_are_asked_for():
    frame = long().rename(columns={"u": "a", "y": "b"})
    with pytest.raises(FormatError, match=r"columns run, t, a, b; name those .* input= and respon"):
        hl.as_dataset(frame)
    with pytest.raises(FormatError, match=r"no column 'c' \(it has run, t, a, b\).* response="):
        hl.as_dataset(frame, "c", input="a")
    with pytest.raises(FormatError, match=r"columns t, time; name what is what with x="):
        hl.as_dataset(long(time=0.0))
    with pytest.raises(DataError, match=r"a holds values that are not numbers|a holds "):
        hl.as_dataset(frame.assign(a="hot"), "b", input="a")


def test_runs_of_unequal_lengths_errors_and_gaps():
    frame = long(y_error=1.0).drop(index=[4, 5])
    data = hl.as_dataset(frame)
    assert np.isnan(data.response[0, 4:, 0]).all()
    np.testing.assert_array_equal(data.response[1:, :, 0], Y[1:])
    assert (data.response_error == 1).all()
    frame.loc[9, "y"] = pd.NA
    with pytest.raises(DataError, match=r"1 NaN .*allow_missing=True"):
        hl.as_dataset(frame)
    assert np.isnan(hl.as_dataset(frame, allow_missing=True).response[1, 3, 0])


def wide(values, **axes):
    return pd.DataFrame(values.T, index=T, columns=[f"shot {k}" for k in range(RUNS)]).rename_axis(
        **axes
    )


def test_a_wide_pair_by_its_labels_whichever_way_round():
    pairs = [
        (wide(U), wide(Y)),
        (wide(U).T, wide(Y).T),
        (wide(U), wide(Y)[["shot 2", "shot 0", "shot 3", "shot 1"]]),
    ]
    for u, y in pairs:
        data = hl.as_dataset(u, y)
        holds(data)
        assert data.run_names[2] == "run shot 2"
        np.testing.assert_array_equal(data.x, T)
    with pytest.raises(DataError, match="different columns"):
        hl.as_dataset(wide(U), wide(Y).drop(columns="shot 2"))


def test_a_square_wide_pair_without_labels_is_asked_about():
    u, y = pd.DataFrame(U), pd.DataFrame(Y)
    with pytest.raises(DataError, match="neither index nor columns say where the sites are"):
        hl.as_dataset(u, y)
    for axes, turn in (
        ({"index": "run"}, False),
        ({"columns": "t"}, False),
        ({"index": "t"}, True),
    ):
        frames = [(f.T if turn else f).rename_axis(**axes) for f in (u, y)]
        holds(hl.as_dataset(*frames), 1.0)
    holds(hl.as_dataset(u.rename_axis(index="shot"), y.rename_axis(index="shot"), run="shot",
                        dx=DX))  # fmt: skip


def test_series_are_one_run_or_a_list_of_runs():
    u, y = (pd.Series(v[0], index=pd.Index(T, name="t"), name=n) for v, n in ((U, "u"), (Y, "y")))
    data = hl.as_dataset(u, y)
    np.testing.assert_array_equal(data.response[0, :, 0], Y[0])
    assert (data.dx, data.x_name) == (DX, "t")
    with pytest.raises(DataError, match="different indexes"):
        hl.as_dataset(u, y[:-1])
    data = hl.as_dataset([u, u[:4]], [y, y[:4]])
    assert (data.runs, data.dx, data.input_names) == (2, DX, ("u",))
    assert np.isnan(data.response[1, 4:, 0]).all()


def test_dates_with_a_zone():
    when = pd.date_range("2024-03-01", periods=SITES, freq="500ms", tz="Europe/Berlin")
    frame = long(t=np.tile(when, RUNS))
    frame["t"] = pd.to_datetime(frame["t"])
    data = hl.as_dataset(frame)
    holds(data)
    assert data.units == {"t": "s"}


def test_there_and_back_again():
    data = hl.as_dataset(long(), units={"t": "s", "u": "V"})
    frame = data.to_dataframe()
    again = Dataset.from_pandas(frame)
    holds(again)
    assert again.units == {"t": "s", "u": "V"}
    assert list(frame.columns) == ["run", "t", "u", "y"]


def test_polars_tables():
    polars = pytest.importorskip("polars")
    data = hl.as_dataset(polars.DataFrame(long().to_dict("list")), "y", input="u")
    holds(data)
    with pytest.raises(DataError, match="polars do not say what their rows are"):
        hl.as_dataset(polars.DataFrame(U), polars.DataFrame(Y))
    data = hl.as_dataset(polars.Series("u", U[0]), polars.Series("y", Y[0]))
    assert data.input_names == ("u",)


def test_a_dataset_tells_what_it_holds():
    data = hl.as_dataset(long(), units={"t": "s", "u": "<V>"})
    assert len(data) == RUNS
    page = data._repr_html_()
    assert "&lt;V&gt;" in page
    assert "<V>" not in page
    assert page.count("<tr>") == 3
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    axes = data.plot(runs=2)
    assert axes.shape == (2, 2)
    np.testing.assert_array_equal(axes[1, 1].lines[0].get_ydata(), Y[1])
    assert axes[1, 0].get_xlabel() == "t [s]"
