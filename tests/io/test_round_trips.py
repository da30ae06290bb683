"""What is written is what is read: every bit of it."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hiddenlaw.data.dataset import Dataset, Truth
from hiddenlaw.errors import FormatError
from hiddenlaw.io import load, save, write_whole

FINITE = st.floats(allow_nan=False, allow_infinity=False, width=64)


@st.composite
def measurements(draw):
    runs, sites = draw(st.integers(1, 4)), draw(st.integers(2, 6))
    inputs, responses = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    dx = draw(st.floats(1e-3, 1e3))
    return {
        "input": draw(arrays(np.float64, (runs, sites, inputs), elements=FINITE)),
        "response": draw(arrays(np.float64, (runs, sites, responses), elements=FINITE)),
        "x": dx * np.arange(1, sites + 1),
    }


def same_bits(one: Dataset, other: Dataset):
    for name in ("x", "input", "response"):
        np.testing.assert_array_equal(
            getattr(one, name).view(np.uint64), getattr(other, name).view(np.uint64)
        )
    assert one.input_names == other.input_names
    assert one.response_names == other.response_names


@pytest.mark.parametrize("suffix", [".nc", ".npz"])
@settings(max_examples=10, deadline=None)
@given(measured=measurements())
def test_binary_formats_keep_every_bit(suffix, measured, tmp_path_factory):
    dataset = Dataset.from_arrays(**measured)
    path = tmp_path_factory.mktemp("data") / f"data{suffix}"
    save(dataset, path)
    same_bits(load(path), dataset)


@settings(max_examples=30, deadline=None)
@given(measured=measurements())
def test_csv_keeps_every_bit(measured, tmp_path_factory):
    dataset = Dataset.from_arrays(**measured)
    path = tmp_path_factory.mktemp("data") / "data.csv"
    save(dataset, path)
    back = load(path, input=dataset.input_names, response=dataset.response_names)
    same_bits(back, dataset)


@pytest.mark.parametrize("suffix", [".nc", ".h5", ".npz"])
def test_names_units_hold_and_truth_are_kept(suffix, tmp_path):
    rng = np.random.default_rng(0)
    psi = rng.standard_normal((3, 5))
    dataset = Dataset.from_arrays(
        np.stack([psi, psi + 1], axis=2),
        psi**2,
        dx=0.1,
        input_names=("V", "W"),
        response_names="rho",
        x_name="z",
        units={"W": "nK", "rho": "1/um", "z": "um"},
        hold="cubic",
        truth=Truth("toy", {"psi": psi, "psi'": -psi}, {"kappa": 1.5, "energy": 0.1}),
    )
    path = tmp_path / "new folder" / f"data{suffix}"
    save(dataset, path)
    back = load(path)
    assert (back.x_name, back.hold) == ("z", "cubic")
    assert back.units == dataset.units
    assert back.source == str(path)
    assert back.truth is not None
    assert back.truth.system == "toy"
    assert back.truth.parameters == {"kappa": 1.5, "energy": 0.1}
    np.testing.assert_array_equal(back.truth.states["psi'"], -psi)
    assert [item.name for item in path.parent.iterdir()] == [path.name]

    save(dataset.without_truth(), path)
    assert load(path).truth is None


@pytest.mark.parametrize("suffix", [".nc", ".npz"])
def test_a_channel_may_be_chosen_by_name(suffix, tmp_path):
    values = np.random.default_rng(0).standard_normal((3, 5, 2))
    dataset = Dataset.from_arrays(values, values, units={"u2": "V", "y1": "m"})
    path = tmp_path / f"data{suffix}"
    save(dataset, path)
    chosen = load(path, input="y2", response=["y1"])
    np.testing.assert_array_equal(chosen.input[:, :, 0], values[:, :, 1])
    assert chosen.input_names == ("y2",)
    assert chosen.units == {"y1": "m"}
    with pytest.raises(FormatError, match=r"no column 'V' \(it has u1, u2, y1, y2\).*input="):
        load(path, input="V")


def test_a_csv_of_the_schroedinger_kind_needs_no_options(tmp_path):
    dataset = Dataset.from_arrays(
        np.ones((2, 3)), np.ones((2, 3)), dx=0.2, input_names="V", response_names="rho"
    )
    path = tmp_path / "data.csv"
    save(dataset, path)
    assert path.read_text().splitlines()[1] == "run,x,V,rho"
    assert load(path).input_names == ("V",)


def test_writing_is_whole_or_not_at_all(tmp_path):
    path = tmp_path / "data.txt"
    path.write_text("before")

    def half(temporary: Path):
        temporary.write_text("ha")
        raise OSError(28, "No space left on device")

    with pytest.raises(FormatError, match=r"cannot write .*data.txt: No space left"):
        write_whole(path, half)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
    write_whole(path, lambda temporary: temporary.write_text("after"))
    assert path.read_text() == "after"


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    dataset = Dataset.from_arrays(np.ones((2, 3)), np.ones((2, 3)))
    with pytest.raises(FormatError, match="is a folder"):
        save(dataset, tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(FormatError, match="cannot write"):
        save(dataset, tmp_path / "file" / "data.nc")
    with pytest.raises(FormatError, match=r"unknown suffix '.xls'; written are \.nc"):
        save(dataset, tmp_path / "data.xls")


def test_every_format_that_is_listed_as_written_can_be(tmp_path):
    dataset = Dataset.from_arrays(np.arange(6.0).reshape(2, 3), np.ones((2, 3)))
    with pytest.raises(FormatError) as caught:
        save(dataset, tmp_path / "data.doc")
    listed = str(caught.value).partition("written are ")[2].split(", ")
    assert len(listed) > 8
    for suffix in listed:
        save(dataset, tmp_path / f"data{suffix}")
    (tmp_path / "data.doc").write_text("x")
    with pytest.raises(FormatError, match=r"known are .*\.mat, \.xlsx$"):
        load(tmp_path / "data.doc")
