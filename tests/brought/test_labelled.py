"""Arrays of xarray go by the names of their dimensions: no grid is lost, no axes are swapped."""

import numpy as np
import pytest
import xarray as xr

import hiddenlaw as hl
from hiddenlaw import Dataset
from hiddenlaw.errors import DataError

RUNS, SITES, DX = 5, 12, 0.25
X = 3.0 + DX * np.arange(SITES)
V = np.random.default_rng(0).normal(size=(RUNS, SITES))
RHO = np.random.default_rng(1).normal(size=(RUNS, SITES))


def array(values, name, dims=("run", "x"), unit="", **coords):
    return xr.DataArray(values, dims=dims, name=name, attrs={"units": unit} if unit else {},
                        coords=coords)  # fmt: skip


def pair(**coords):
    grid = {"x": ("x", X, {"units": "µm"})} | coords
    return array(V, "V", unit="nK", **grid), array(RHO, "rho", **grid)


def holds(data, input=V, response=RHO):
    np.testing.assert_array_equal(data.input[..., 0], input)
    np.testing.assert_array_equal(data.response[..., 0], response)


@pytest.mark.parametrize("make", [hl.as_dataset, Dataset.from_xarray, Dataset.from_arrays])
def test_two_arrays_keep_grid_units_and_names(make):
    data = make(*pair())
    holds(data)
    np.testing.assert_array_equal(data.x, X)
    assert (data.x_name, data.dx) == ("x", DX)
    assert (data.input_names, data.response_names) == (("V",), ("rho",))
    assert data.units == {"x": "µm", "V": "nK"}


@pytest.mark.parametrize("sites", [SITES, RUNS])
def test_a_transposed_array_swaps_nothing(sites):
    """Also where there are as many sites as runs, so that no shape tells."""
    V, rho = (each.isel(x=slice(sites)) for each in pair())
    data = hl.as_dataset(V.T, rho)
    holds(data, V.values, rho.values)
    holds(hl.as_dataset(V.T, rho.T), V.values, rho.values)
    assert (data.runs, data.sites, data.dx) == (RUNS, sites, DX)


@pytest.mark.parametrize(
    ("dims", "coords", "named"),
    [
        (("shot", "t"), {}, {}),
        (("shot", "depth"), {"depth": X}, {}),
        (("shot", "depth"), {"depth": X, "shot": np.arange(RUNS)}, {}),
        (("shot", "depth"), {}, {"x": "depth"}),
        (("shot", "depth"), {}, {"x": "depth", "run": "shot"}),
        (("run", "depth"), {}, {}),
    ],
)
def test_dimensions_are_found_by_name_or_coordinate_or_named(dims, coords, named):
    V_, rho = array(V, "V", dims, **coords), array(RHO, "rho", dims, **coords)
    for input in (V_, V_.T):
        data = hl.as_dataset(input, rho, dx=None if coords else DX, **named)
        holds(data)
        assert data.dx == DX


def test_a_coordinate_of_another_name_is_the_grid_and_of_several_one_is_named():
    when = {"time": ("x", X, {"units": "s"})}
    V_, rho = array(V, "V", **when), array(RHO, "rho", **when)
    data = hl.as_dataset(V_.T, rho)
    assert (data.x_name, data.dx, data.units) == ("time", DX, {"time": "s"})
    V_ = V_.assign_coords(place=("x", 2 * X))
    with pytest.raises(DataError, match=r"x has the coordinates .*; name that of the sites"):
        hl.as_dataset(V_, rho)
    assert hl.as_dataset(V_, rho, x="place").dx == 2 * DX


def test_dimensions_that_do_not_say_what_they_are_are_asked_for():
    V_, rho = array(V, "V", ("a", "b")), array(RHO, "rho", ("a", "b"))
    with pytest.raises(DataError, match=r"which one are the sites \(V: a, b.*x=.*run="):
        hl.as_dataset(V_, rho)
    with pytest.raises(DataError, match=r"V: a, b, rho: c, d\); rename"):
        hl.as_dataset(V_, rho.rename(a="c", b="d"))
    with pytest.raises(DataError, match="c is no dimension"):
        hl.as_dataset(V_, rho, x="c")
    with pytest.raises(DataError, match=r"V has runs .* and the responses have none"):
        hl.as_dataset(array(V, "V"), array(RHO[0], "rho", ("x",)))


def test_coordinates_that_differ_are_refused_and_runs_in_another_order_put_in_order():
    V_, rho = pair(run=("run", list("abcde")))
    holds(hl.as_dataset(V_, rho.isel(run=[3, 1, 4, 0, 2])))
    with pytest.raises(DataError, match="the coordinate x of rho is not that of V"):
        hl.as_dataset(V_, rho.assign_coords(x=X + 0.01))
    with pytest.raises(DataError, match="the coordinate run of rho is not that of V"):
        hl.as_dataset(V_, rho.assign_coords(run=list("abcdf")))
    assert hl.as_dataset(V_, rho).run_names[0] == "run a"


def test_a_third_dimension_is_channels_and_an_input_without_runs_is_that_of_all():
    both = np.stack([V, 2 * V], axis=2)
    V_ = array(both, "V", ("run", "x", "where"), x=X, where=["left", "right"])
    data = hl.as_dataset(V_.transpose("where", "x", "run"), pair()[1])
    np.testing.assert_array_equal(data.input, both)
    assert data.input_names == ("left", "right")
    data = hl.as_dataset(array(V[0], "V", ("x",), x=X), pair()[1])
    holds(data, np.tile(V[0], (RUNS, 1)))


def test_variables_of_a_dataset_and_their_errors():
    V_, rho = pair()
    table = xr.Dataset({"V": V_, "rho": rho, "rho_error": abs(rho) + 1, "other": V_})
    data = hl.as_dataset(table, "rho", input="V")
    holds(data)
    np.testing.assert_array_equal(data.response_error[..., 0], abs(RHO) + 1)
    assert data.units == {"x": "µm", "V": "nK"}
    with pytest.raises(DataError, match=r"variables V, rho.*; name the input with input="):
        hl.as_dataset(table, "rho")
    with pytest.raises(DataError, match="no W; name the input"):
        hl.as_dataset(table, "rho", input="W")


def test_dates_are_seconds_and_gaps_are_taken_when_asked():
    when = np.datetime64("2024-03-01T00:00") + np.arange(SITES) * np.timedelta64(250, "ms")
    rho = RHO.copy()
    rho[2, 3] = np.nan
    arrays = [array(each, None, ("run", "time"), time=when) for each in (V, rho)]
    data = hl.as_dataset(*arrays, allow_missing=True)
    assert (data.dx, data.units["time"]) == (DX, "s")
    with pytest.raises(DataError, match=r"1 NaN in run 2 .*allow_missing=True"):
        hl.as_dataset(*arrays)


def test_a_labelled_array_beside_a_plain_one_is_refused():
    with pytest.raises(DataError, match=r"input is a xarray.DataArray and the response a plain"):
        hl.as_dataset(pair()[0], RHO)
    with pytest.raises(DataError, match="input is a plain array and the response a xarray"):
        Dataset.from_arrays(V, pair()[1])
    with pytest.raises(DataError, match="x is given and the data have a grid, x"):
        hl.as_dataset(*pair(), x=X)


def test_there_and_back_again():
    data = hl.as_dataset(*pair())
    again = Dataset.from_xarray(data.to_xarray())
    holds(again)
    assert again.units == data.units
    np.testing.assert_array_equal(hl.as_dataset(data.to_xarray()).x, X)
