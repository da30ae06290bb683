"""NetCDF, HDF5 and NPZ from elsewhere, damaged, or carrying what must not be opened."""

import contextlib
import json
import pickle

import h5py
import numpy as np
import pytest
import xarray

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import DataError, FormatError, HiddenlawError
from hiddenlaw.io import load, save

VALUES = np.random.default_rng(0).standard_normal((4, 9))


def refused(error: type[HiddenlawError], match: str, path, **options):
    with pytest.raises(error, match=match) as caught:
        load(path, **options)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder(tmp_path):
    refused(FormatError, "^no such file: .*data.nc$", tmp_path / "data.nc")
    refused(FormatError, "is a folder", tmp_path)
    (tmp_path / "data.doc").write_text("1")
    refused(
        FormatError, r"unknown suffix '.doc'; known are .nc, .*\.npz, \.csv", tmp_path / "data.doc"
    )
    (tmp_path / "data").write_text("1")
    refused(FormatError, "has no suffix; known are", tmp_path / "data")


@pytest.mark.parametrize("suffix", [".nc", ".h5", ".npz"])
def test_files_that_are_something_else(suffix, tmp_path):
    path = tmp_path / f"data{suffix}"
    path.write_bytes(b"")
    refused(FormatError, "is empty", path)
    path.write_text("run,x,V,rho\n0,1,2,3\n")
    refused(FormatError, "is no .*, or damaged", path)
    path.write_bytes(pickle.dumps({"x": 1}))
    refused(FormatError, "is no .*, or damaged", path)


@pytest.mark.parametrize("suffix", [".nc", ".npz"])
def test_a_file_cut_anywhere_ends_in_one_line(suffix, tmp_path):
    whole = tmp_path / f"whole{suffix}"
    save(Dataset.from_arrays(VALUES, VALUES), whole)
    content = whole.read_bytes()
    path = tmp_path / f"cut{suffix}"
    for length in np.linspace(1, len(content) - 1, 20).astype(int):
        path.write_bytes(content[:length])
        refused(FormatError, "cut", path)


def test_a_damaged_npz_is_refused_or_still_reads(tmp_path):
    whole = tmp_path / "whole.npz"
    save(Dataset.from_arrays(VALUES, VALUES), whole)
    content = whole.read_bytes()
    path = tmp_path / "damaged.npz"
    rng = np.random.default_rng(1)
    for _ in range(100):
        damaged = bytearray(content)
        for place in rng.integers(0, len(content), 3):
            damaged[place] = rng.integers(256)
        path.write_bytes(damaged)
        with contextlib.suppress(HiddenlawError):
            load(path)


def test_a_newer_format_asks_for_an_update(tmp_path):
    path = tmp_path / "data.npz"
    np.savez(path, input=VALUES, response=VALUES, version=2)
    refused(FormatError, "version 2, newer than 1", path)
    path = tmp_path / "data.nc"
    Dataset.from_arrays(VALUES, VALUES).to_xarray().assign_attrs(version=2).to_netcdf(
        path, engine="h5netcdf"
    )
    refused(FormatError, "data.nc.*version 2 is newer", path)


def test_a_plain_npz_has_one_channel_and_default_names(tmp_path):
    path = tmp_path / "data.npz"
    np.savez(path, x=0.1 * np.arange(9), input=VALUES, response=VALUES)
    dataset = load(path)
    assert (dataset.input_names, dataset.response_names) == (("u",), ("y",))
    assert dataset.dx == 0.1
    np.savez(
        path, x=0.1 * np.arange(9), input=VALUES, response=VALUES,
        input_names="V", response_names=["rho"], units=json.dumps({"V": "nK"}),
    )  # fmt: skip
    assert load(path).input_names == ("V",)
    assert load(path).units == {"V": "nK"}
    np.savez(path, input=VALUES, response=VALUES, units="nK")
    refused(FormatError, "units is no JSON object", path)


def test_an_npz_with_arrays_of_other_names(tmp_path):
    path = tmp_path / "data.npz"
    np.savez(path, t=0.1 * np.arange(9), V=VALUES, rho=np.stack([VALUES, VALUES], axis=2))
    dataset = load(path, input="V", response="rho", x="t")
    assert (dataset.response_names, dataset.x_name) == (("rho1", "rho2"), "t")
    refused(FormatError, r"no column 'input' \(it has t, V, rho\)", path)
    refused(FormatError, "no column 'z'", path, input="V", response="rho", x="z")
    refused(DataError, r"t has shape \(9,\)", path, input="V", response="t")


def test_pickled_objects_are_never_opened(tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    path = tmp_path / "data.npz"
    np.savez(path, input=VALUES, response=np.array([Trap(), None], dtype=object))
    refused(FormatError, "pickled objects, which could run code and are never opened", path)
    assert not (tmp_path / "sprung").exists()


def test_nan_in_a_binary_file_is_found(tmp_path):
    path = tmp_path / "data.nc"
    table = Dataset.from_arrays(VALUES, VALUES).to_xarray()
    table["response"][2, 3:5] = np.nan
    table.to_netcdf(path, engine="h5netcdf")
    refused(DataError, r"response has 2 NaN in run 2 \(first at site 3\)", path)


def test_netcdf_of_anybody(tmp_path):
    path = tmp_path / "data.nc"
    xarray.Dataset(
        {
            "V": (("site", "run"), VALUES.T, {"units": "nK"}),
            "rho": (("run", "site", "spin"), np.stack([VALUES, -VALUES], axis=2)),
            "alone": ("site", VALUES[0]),
        },
        coords={"z": ("site", 0.1 * np.arange(9), {"units": "s"})},
    ).to_netcdf(path, engine="h5netcdf")
    dataset = load(path, input="V", response="rho", x="z")
    np.testing.assert_array_equal(dataset.input[:, :, 0], VALUES)
    assert dataset.response_names == ("rho1", "rho2")
    assert dataset.units == {"V": "nK", "z": "s"}
    assert (dataset.dx, dataset.x_name) == (0.1, "z")
    refused(FormatError, r"no column 'input' \(it has V, rho, alone, z\)", path)
    refused(FormatError, "no column 'U'", path, input="U", response="rho")
    refused(FormatError, "no column 'y'.*x=", path, input="V", response="rho", x="y")
    refused(FormatError, "no column 'shot'.*run=", path, input="V", response="rho", run="shot")
    refused(DataError, "has .* runs and sites but", path, input=["V", "alone"], response="rho")


def test_the_grid_may_be_the_coordinate_of_the_site_dimension(tmp_path):
    path = tmp_path / "data.nc"
    xarray.Dataset(
        {"u": (("shot", "time"), VALUES), "y": (("shot", "time"), VALUES)},
        coords={"time": ("time", 0.1 * np.arange(9), {"units": "s"})},
    ).to_netcdf(path, engine="h5netcdf")
    dataset = load(path, input="u", response="y")
    assert (dataset.runs, dataset.x_name, dataset.dx) == (4, "time", 0.1)
    swapped = load(path, input="u", response="y", run="shot")
    np.testing.assert_array_equal(swapped.input, dataset.input)
    refused(DataError, "shape", path, input="u", response="y", x="time", run="time")


def test_plain_hdf5_without_named_dimensions(tmp_path):
    path = tmp_path / "data.h5"
    with h5py.File(path, "w") as file:
        file["V"], file["rho"], file["x"] = VALUES, VALUES**2, 0.2 * np.arange(9)
    dataset = load(path, input="V", response="rho")
    assert (dataset.runs, dataset.sites, dataset.dx) == (4, 9, 0.2)


def test_as_many_runs_as_sites_are_not_mixed_up(tmp_path):
    path = tmp_path / "data.h5"
    square = np.random.default_rng(1).standard_normal((9, 9))
    with h5py.File(path, "w") as file:
        file["V"], file["rho"], file["x"] = square, square, 0.2 * np.arange(9)
    np.testing.assert_array_equal(load(path, input="V", response="rho").input[:, :, 0], square)


def test_a_single_run_needs_no_dimension_of_runs(tmp_path):
    path = tmp_path / "data.nc"
    record = ("time", VALUES[0])
    xarray.Dataset({"u": record, "y": record}).to_netcdf(path, engine="h5netcdf")
    dataset = load(path, input="u", response="y")
    assert (dataset.runs, dataset.sites, dataset.dx) == (1, 9, 1)
