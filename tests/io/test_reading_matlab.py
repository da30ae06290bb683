"""MATLAB files of every version, and the one line where they cannot be read."""

import struct
import tracemalloc
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from hiddenlaw.errors import DataError, FormatError
from hiddenlaw.io import _limits, load, save, surveyed

GRID = np.arange(1, 7) / 8
INPUT = np.array([0.5, -1, 2, 0, 1, 3])
RESPONSE = INPUT**2 - 1
MEASURED = Path(__file__).parents[2].parent / "shared" / "data" / "dc-motor-one-experiment.mat"


def column(values):
    return np.asarray(values)[:, np.newaxis]


def save_73(path, variables, classes=None):
    """A file as MATLAB 7.3 writes it: HDF5 behind a header of its own, arrays transposed."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, values in variables.items():
            file[name] = np.atleast_2d(values).T
            file[name].attrs["MATLAB_class"] = np.bytes_((classes or {}).get(name, "double"))
        file.create_group("s")["a"] = 1.0
    with open(path, "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")


WRITERS = {
    "5": lambda path, variables: savemat(path, variables),
    "5, packed": lambda path, variables: savemat(path, variables, do_compression=True),
    "5, rows": lambda path, variables: savemat(path, variables, oned_as="row"),
    "4": lambda path, variables: savemat(path, variables, format="4"),
    "7.3": save_73,
}


@pytest.mark.parametrize("write", WRITERS.values(), ids=list(WRITERS))
@pytest.mark.parametrize("shape", [column, np.asarray], ids=["columns", "vectors"])
def test_vectors_named_like_columns(write, shape, tmp_path):
    path = tmp_path / "data.mat"
    write(path, {"t": shape(GRID), "V": shape(INPUT), "rho": shape(RESPONSE), "n": 3.0})
    for x in (None, "t"):
        dataset = load(path, input="V", response="rho", x=x)
        np.testing.assert_array_equal(dataset.x, GRID)
        np.testing.assert_array_equal(dataset.input[0, :, 0], INPUT)
        np.testing.assert_array_equal(dataset.response[0, :, 0], RESPONSE)
        assert (dataset.x_name, dataset.input_names) == ("t", ("V",))
    with pytest.raises(FormatError, match=r'has the columns .*input="V", response="rho".*, or the'):
        load(path)
    with pytest.raises(FormatError, match=r"no column 'U' \(it has .*V.*input="):
        load(path, input="U", response="rho")


@pytest.mark.parametrize("write", WRITERS.values(), ids=list(WRITERS))
@pytest.mark.parametrize("name", ["dt", "Ts"])
def test_a_scalar_may_be_the_step(name, write, tmp_path):
    path = tmp_path / "data.mat"
    write(path, {"u": INPUT, "y": RESPONSE, name: 0.125})
    for x in (None, name):
        dataset = load(path, x=x)
        np.testing.assert_array_equal(dataset.x, GRID)
        assert (dataset.input_names, dataset.response_names) == (("u",), ("y",))


def test_whole_numbers_and_truths_become_numbers(tmp_path):
    path = tmp_path / "data.mat"
    savemat(path, {"u": INPUT > 0, "y": (8 * RESPONSE).astype(np.int16), "run": [1, 1, 1, 2, 2, 2]})
    dataset = load(path)
    np.testing.assert_array_equal(dataset.input[:, :, 0], (INPUT > 0).reshape(2, 3))
    np.testing.assert_array_equal(dataset.response[:, :, 0], (8 * RESPONSE).reshape(2, 3))


ODD = {
    "struct": ({"a": 1.0}, "u is a struct; save vectors of real numbers, for example save"),
    "cell": (np.array([[1.0], "a"], dtype=object), "u is a cell; save vectors"),
    "text": ("spring", "u is text; save vectors"),
    "complex": (1j * INPUT, "u is complex; save vectors"),
    "matrix": (np.ones((6, 2)), "u is 6 × 2; save each channel as a vector of its own"),
    "block": (np.ones((6, 2, 2)), "u is 6 × 2 × 2; save each"),
    "short": (INPUT[:4], "u has 4 samples but y has 6; save as many of each"),
    "gap": (np.where(INPUT == 0, np.nan, INPUT), r"u has 1 NaN in run 0 \(first at site 3\)"),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("odd", "said"), ODD.values(), ids=list(ODD))
def test_what_is_no_vector_of_numbers_is_refused_in_one_line(odd, said, packed, tmp_path):
    path = tmp_path / "data.mat"
    savemat(path, {"u": odd, "y": RESPONSE}, do_compression=packed)
    with pytest.raises((FormatError, DataError), match=said) as caught:
        load(path, input="u", response="y")
    assert "\n" not in str(caught.value)
    if said.startswith("u is"):
        savemat(path, {"u": INPUT, "y": RESPONSE, "other": odd}, do_compression=packed)
        with surveyed() as survey:
            assert load(path, input="u", response="y").sites == 6
        assert survey.notes == ["not read, no vector of numbers: other"]


def test_odd_variables_of_version_73_are_refused(tmp_path):
    path = tmp_path / "data.mat"
    save_73(path, {"u": [65, 66], "y": [1, 2], "m": np.ones((2, 2))}, {"u": "char"})
    for name, said in (("u", "u is text"), ("m", "m is 2 × 2"), ("s", "no column 's'")):
        with pytest.raises(FormatError, match=said):
            load(path, input=name, response="y")


def test_damaged_files_end_in_one_line(tmp_path):
    path = tmp_path / "data.mat"
    savemat(path, {"u": INPUT, "y": RESPONSE}, do_compression=True)
    whole = path.read_bytes()
    for content, said in (
        (whole[:-5], "ends in the middle of a variable"),
        (whole[:128], "it holds no variables"),
        (b"no file of MATLAB's at all", "no MATLAB file, or damaged"),
        (whole[:140] + bytes(20) + whole[160:], "no MATLAB file, or damaged"),
        (bytes(200), "no MATLAB file, or damaged"),
    ):
        path.write_bytes(content)
        with pytest.raises(FormatError, match=said) as caught:
            load(path, input="u", response="y")
        assert "\n" not in str(caught.value)


def test_a_variable_that_unpacks_without_end(tmp_path):
    """The header of the variable declares six numbers, its content would fill the memory."""
    path = tmp_path / "data.mat"
    savemat(path, {"u": INPUT, "y": RESPONSE})
    content = path.read_bytes()
    (size,) = struct.unpack_from("<I", content, 132)
    element = content[128 : 136 + size] + bytes(2 * _limits.SMALL)
    packed = zlib.compress(element)
    assert len(packed) < 2**20
    tag = struct.pack("<2I", 15, len(packed))
    path.write_bytes(content[:128] + tag + packed + content[136 + size :])
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match="too large: u takes 64 MiB"):
            load(path, input="u", response="y")
        assert tracemalloc.get_traced_memory()[1] < 2.5 * _limits.SMALL
    finally:
        tracemalloc.stop()


def test_nothing_is_written(tmp_path):
    path = tmp_path / "data.mat"
    savemat(path, {"u": INPUT, "y": RESPONSE})
    with pytest.raises(
        FormatError, match=r".mat is read but not written; written are .nc, [^x]*[.]npz"
    ):
        save(load(path), tmp_path / "again.mat")


@pytest.mark.skipif(not MEASURED.exists(), reason="the measured file is not here")
def test_a_file_that_was_measured():
    """A motor's voltage and speed, as SciPy by itself finds them in the file."""
    from scipy.io import loadmat

    plain = loadmat(MEASURED)
    options = {"x": "Zeit", "input": "Motorspannung", "response": "Geschwindigkeit"}
    dataset = load(MEASURED, **options)
    np.testing.assert_array_equal(dataset.x, plain["Zeit"][:, 0])
    np.testing.assert_array_equal(dataset.input[0], plain["Motorspannung"])
    np.testing.assert_array_equal(dataset.response[0], plain["Geschwindigkeit"])
