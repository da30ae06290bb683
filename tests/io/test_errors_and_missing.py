"""Errors and missing samples: kept by every format, found by name, never taken in silence."""

import h5py
import numpy as np
import pytest
import xarray
from hypothesis import given, settings
from hypothesis import strategies as st

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import DataError, FormatError, HiddenlawError
from hiddenlaw.io import load, save

RNG = np.random.default_rng(0)
VALUES = RNG.standard_normal((4, 9))
ERRORS = 0.1 + RNG.random((4, 9))
GAPS = VALUES.copy()
GAPS[1, 3:5] = np.nan


def refused(error: type[HiddenlawError], match: str, path, **options):
    with pytest.raises(error, match=match) as caught:
        load(path, **options)
    assert "\n" not in str(caught.value)


def bits(array: np.ndarray | None) -> bytes:
    assert array is not None
    return array.tobytes()


def random_dataset(shape: tuple[int, ...], seed: int, gaps: float, errors: bool) -> Dataset:
    """Numbers of any size, any samples missing but one a run, errors missing with some of them."""
    rng = np.random.default_rng(seed)
    response = rng.standard_normal(shape) * 10.0 ** rng.integers(-300, 300, shape)
    error = rng.random(shape) + np.finfo(float).tiny
    missing = rng.random(shape) < gaps
    missing[:, rng.integers(shape[1])] = False
    response[missing] = np.nan
    error[missing & (rng.random(shape) < 0.5)] = np.nan
    return Dataset.from_arrays(
        rng.standard_normal(shape[:2]),
        response,
        dx=0.1,
        response_error=error if errors else None,
        allow_missing=True,
    )


@pytest.mark.parametrize("suffix", [".nc", ".h5", ".npz", ".csv"])
@settings(max_examples=25)
@given(
    shape=st.tuples(st.integers(1, 3), st.integers(2, 5), st.integers(1, 2)),
    seed=st.integers(0, 2**32 - 1),
    gaps=st.floats(0, 0.9),
    errors=st.booleans(),
)
def test_every_format_keeps_errors_and_gaps_to_the_bit(
    suffix, shape, seed, gaps, errors, tmp_path_factory
):
    dataset = random_dataset(shape, seed, gaps, errors)
    path = tmp_path_factory.mktemp("data") / f"data{suffix}"
    save(dataset, path)
    names = {"input": dataset.input_names, "response": dataset.response_names}
    back = load(path, allow_missing=True, **names)
    np.testing.assert_array_equal(back.observed, dataset.observed)
    assert bits(back.response[back.observed]) == bits(dataset.response[dataset.observed])
    if dataset.response_error is None:
        assert back.response_error is None
    else:
        np.testing.assert_array_equal(back.response_error, dataset.response_error)
        np.testing.assert_array_equal(back.weight, dataset.weight)


@pytest.mark.parametrize("suffix", [".nc", ".npz", ".csv"])
def test_gaps_are_taken_only_when_asked(suffix, tmp_path):
    path = tmp_path / f"data{suffix}"
    save(Dataset.from_arrays(VALUES, GAPS, allow_missing=True), path)
    refused(DataError, r"2 NaN in run 1 \(first at site 3\).*allow_missing=True", path)
    assert (~load(path, allow_missing=True).observed).sum() == 2
    infinite = GAPS.copy()
    infinite[2, 0] = np.inf
    np.savez(tmp_path / "infinite.npz", input=VALUES, response=infinite)
    refused(DataError, "1 infinite in run 2", tmp_path / "infinite.npz", allow_missing=True)


@pytest.mark.parametrize("suffix", [".nc", ".npz", ".csv"])
def test_a_gap_in_the_input_is_never_taken(suffix, tmp_path):
    path = tmp_path / f"data{suffix}"
    if suffix == ".csv":
        path.write_text("x,u,y\n1,,3\n2,3,4\n")
    elif suffix == ".npz":
        np.savez(path, input=GAPS, response=VALUES)
    else:
        table = Dataset.from_arrays(VALUES, VALUES).to_xarray()
        table["input"][1, 3] = np.nan
        table.to_netcdf(path, engine="h5netcdf")
    with pytest.raises(DataError, match=r"1 NaN|2 NaN") as caught:
        load(path, allow_missing=True)
    assert "allow_missing=True" not in str(caught.value)


ROWS = "1,1,10,0.1\n2,2,,\n3,3,30,0.3\n4,4,40,0.4\n"


def test_errors_in_a_csv_are_found_by_their_name(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("x,V,rho,rho_error\n" + ROWS)
    for options in ({}, {"input": "V", "response": "rho"}):
        dataset = load(path, allow_missing=True, **options)
        assert dataset.response_names == ("rho",)
        assert dataset.response_error is not None
        np.testing.assert_array_equal(dataset.response_error[0, :, 0], [0.1, np.nan, 0.3, 0.4])
        np.testing.assert_array_equal(dataset.observed[0, :, 0], [True, False, True, True])
    path.write_text("x,input,response,response_error\n" + ROWS)
    assert load(path, allow_missing=True).response_error is not None
    path.write_text("x,rho_error,rho\n1,2,3\n2,3,4\n")
    refused(FormatError, "columns x, rho_error, rho; name those", path)
    named = load(path, input="rho_error", response="rho")
    assert named.input_names == ("rho_error",)
    assert named.response_error is None
    path.write_text("x,V,rho,V_error\n1,2,3,4\n")
    refused(FormatError, "columns x, V, rho, V_error; name those", path)


def test_errors_in_a_csv_may_have_any_name(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("x,V,rho,s,sigma\n1,1,2,10,0.1\n2,2,3,20,0.2\n")
    dataset = load(path, input="V", response=["rho", "s"], response_error=["sigma", "s"])
    assert dataset.response_error is not None
    np.testing.assert_array_equal(dataset.response_error[0, 0], [0.1, 10])
    named = {"input": "V", "response": ["rho", "s"]}
    refused(FormatError, "no column 'e' .*response_error=", path, **named, response_error="e")
    refused(
        FormatError,
        r"1 errors are named \(sigma\) for 2 responses \(rho, s\); name .*response_error=",
        path,
        **named,
        response_error="sigma",
    )


def test_errors_of_some_responses_only_are_refused(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("x,V,y,z,y_error\n1,2,3,4,5\n2,2,3,4,5\n")
    refused(FormatError, "has y_error but no z_error", path, input="V", response=["y", "z"])
    path.write_text("x,V,y,y_error\n1,2,3,4\n2,2,3,\n")
    refused(DataError, "the error of y is nan in run 0 at site 1", path)
    path.write_text("x,V,y,y_error\n1,2,3,4\n2,2,3,0\n")
    refused(DataError, "the error of y is 0 in run 0 at site 1.*positive", path)


def test_a_csv_cannot_hold_two_columns_of_one_name(tmp_path):
    dataset = Dataset.from_arrays(
        VALUES, VALUES, input_names="y_error", response_names="y", response_error=ERRORS
    )
    path = tmp_path / "data.csv"
    with pytest.raises(FormatError, match=r"a column y_error.*rename it, or write .nc or .npz"):
        save(dataset, path)
    assert not list(tmp_path.iterdir())


def test_an_empty_field_is_a_number_nowhere_else(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("run,x,u,y\n0,1,2,\n0,,3,4\n")
    refused(DataError, "x has 1 NaN", path, allow_missing=True)
    path.write_text("run,x,u,y\n0,1,2,NA\n0,2,3,4\n")
    assert (~load(path, allow_missing=True).observed).sum() == 1
    path.write_text("run,x,u,y\n0,1,2,-\n0,2,3,4\n")
    refused(FormatError, "line 2, column y: '-' is not a number", path, allow_missing=True)
    path.write_text("run,x,u,y\n0,1,2\n0,2,3,4\n")
    refused(FormatError, "line 2 has 3 fields, the header has 4", path, allow_missing=True)
    path.write_text("run,x,u,y\n0,1,2,\n0,2,3,\n1,1,2,1\n1,2,3,1\n")
    refused(DataError, "response y is missing altogether in run 0", path, allow_missing=True)


def test_arrays_and_variables_of_errors(tmp_path):
    npz, nc, h5 = tmp_path / "data.npz", tmp_path / "data.nc", tmp_path / "data.h5"
    np.savez(npz, V=VALUES, rho=VALUES, rho_error=ERRORS, sigma=2 * ERRORS)
    axes = ("run", "site")
    xarray.Dataset(
        {"V": (axes, VALUES), "rho": (axes, VALUES), "rho_error": (("site", "run"), ERRORS.T),
         "sigma": (axes, 2 * ERRORS)}
    ).to_netcdf(nc, engine="h5netcdf")  # fmt: skip
    with h5py.File(h5, "w") as file:
        file["V"], file["rho"], file["rho_error"], file["sigma"] = (
            VALUES,
            VALUES,
            ERRORS,
            2 * ERRORS,
        )
    for path in (npz, nc, h5):
        named = {"input": "V", "response": "rho"}
        assert bits(load(path, **named).response_error) == bits(ERRORS)
        assert bits(load(path, **named, response_error="sigma").response_error) == bits(2 * ERRORS)
        refused(FormatError, "no column 'e'", path, **named, response_error="e")
        assert load(path, input="rho", response="V").response_error is None


@pytest.mark.parametrize("suffix", [".nc", ".npz"])
def test_errors_follow_the_channels_that_are_chosen(suffix, tmp_path):
    path = tmp_path / f"data{suffix}"
    both = np.stack([VALUES, 2 * VALUES], axis=2)
    errors = np.stack([ERRORS, 2 * ERRORS], axis=2)
    save(Dataset.from_arrays(both, both, response_error=errors), path)
    assert bits(load(path, response="y2").response_error) == bits(2 * ERRORS)
    swapped = load(path, response=["y2", "y1"]).response_error
    assert bits(swapped) == bits(errors[:, :, ::-1].copy())
    assert load(path, input="y1", response="u1").response_error is None
    refused(FormatError, "errors of y1 but none of u2", path, input="u1", response=["y1", "u2"])
    refused(FormatError, "no column 'e' .*response_error=", path, response_error="e")


def test_an_array_beside_our_own_layout_may_hold_the_errors(tmp_path):
    path = tmp_path / "data.npz"
    np.savez(path, input=VALUES, response=VALUES, sigma=ERRORS, response_names="rho")
    assert load(path).response_error is None
    assert bits(load(path, response_error="sigma").response_error) == bits(ERRORS)


def test_a_fill_value_is_a_missing_sample(tmp_path):
    path = tmp_path / "data.nc"
    filled = {"_FillValue": -9999.0}
    table = xarray.Dataset({"V": (("run", "site"), VALUES), "rho": (("run", "site"), GAPS)})
    table.to_netcdf(path, engine="h5netcdf", encoding={"rho": filled})
    with h5py.File(path) as file:
        assert (file["rho"][1, 3:5] == -9999).all()  # pyright: ignore
    dataset = load(path, input="V", response="rho", allow_missing=True)
    np.testing.assert_array_equal(dataset.response[:, :, 0], GAPS)
    refused(DataError, "2 NaN in run 1", path, input="V", response="rho")
