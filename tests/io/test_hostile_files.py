"""Files made to exhaust memory, to hang a reader or to make it look elsewhere are refused."""

import io
import os
import struct
import tracemalloc
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from hiddenlaw.errors import FormatError
from hiddenlaw.io import _limits, _lines, _numbers, load

VALUES = np.random.default_rng(0).standard_normal((4, 9))
ZEROS = 2 * _limits.SMALL // 8
LITTLE = 48 * 2**20  # the import of xarray counts


def refused(match: str, path: Path, **options):
    """Refused in one line, and without room being made for what the file declares."""
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match=match) as caught:
            load(path, **options)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1000
    assert peak < LITTLE


def header(shape: tuple[int, ...], descr: str = "'<f8'") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text) + 1) + text + b"\n"


def archive(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return path


def test_an_archive_that_unpacks_without_end(tmp_path):
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, input=np.zeros((1, ZEROS)), response=np.zeros((1, 2)))
    assert path.stat().st_size < 2**20
    refused("too large: its content takes 128 MiB, where a file of .* may hold 64 MiB; save", path)


def test_an_archive_of_many_arrays_of_bytes(tmp_path):
    members = {name: header((5 * 2**20,), "'|i1'") + bytes(5 * 2**20) for name in ("a", "b", "c")}
    path = archive(tmp_path / "bytes.npz", members)
    with pytest.raises(FormatError, match="too large: b takes 40 MiB"):
        load(path)


def test_an_archive_that_lies_about_its_size(tmp_path):
    content = header((1, ZEROS)) + bytes(8 * ZEROS)
    packed = archive(tmp_path / "data.npz", {"input": content}).read_bytes()
    little = struct.pack("<I", 1000)
    assert packed.count(struct.pack("<I", len(content))) == 2
    path = tmp_path / "lie.npz"
    path.write_bytes(packed.replace(struct.pack("<I", len(content)), little))
    refused("damaged; write it again with numpy.savez", path)
    content = header((1, 20)) + bytes(8 * ZEROS)
    packed = archive(tmp_path / "data.npz", {"input": content}).read_bytes()
    path.write_bytes(packed.replace(struct.pack("<I", len(content)), little))
    refused("damaged; write it again with numpy.savez", path)


def test_headers_that_ask_for_too_much(tmp_path):
    for text, reason in (
        (header((10**12, 10**12)), "less than the"),
        (header((-1, 4)), "less than the"),
        (header((10**9,), "'<U0'"), "input takes 7.45 GiB"),
        (header((10**9,), "'|V0'"), "input takes 7.45 GiB"),
        (header((2,), "(" * 3000 + ")" * 3000), "damaged"),
        (header((2,), "'|O'"), "pickled objects"),
        (b"\x93NUMPY\x09\x00" + bytes(200), "unknown array format"),
    ):
        refused(reason, archive(tmp_path / "data.npz", {"input": text, "response": text}))


def test_an_archive_packed_by_a_method_without_bounds(tmp_path):
    content = io.BytesIO()
    np.save(content, np.zeros((1, ZEROS)))
    path = archive(tmp_path / "data.npz", {"input": content.getvalue()}, zipfile.ZIP_BZIP2)
    refused("too large", path)
    content = io.BytesIO()
    np.save(content, VALUES)
    path = archive(tmp_path / "data.npz", {"input": content.getvalue()}, zipfile.ZIP_LZMA)
    refused("input is packed by method 14; save it with numpy.savez", path)


def test_an_archive_with_an_endless_directory(tmp_path):
    path = tmp_path / "data.npz"
    path.write_bytes(bytes(100) + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 9, 9, 2**30, 0, 0))
    refused("its directory takes 1 GiB", path)


def test_hdf5_that_declares_or_unpacks_without_end(tmp_path):
    path = tmp_path / "data.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("input", (10**6, 10**7), "f8", chunks=(10, 10))
        file["response"] = VALUES
    refused(r"too large: input of shape \(1000000, 10000000\) takes 72.8 TiB", path)
    with h5py.File(path, "w") as file:
        file.create_dataset("input", (4, 9), "f8", chunks=(4, 2**26), maxshape=(4, None))
        file["response"] = VALUES
    refused(r"too large: input of shape \(4, 9\) takes 2 GiB", path)
    with h5py.File(path, "w") as file:
        zeros = np.zeros((1, ZEROS))
        file.create_dataset("input", data=zeros, compression="gzip", chunks=(1, ZEROS // 8))
        file["response"] = VALUES
    assert path.stat().st_size < 2**20
    refused("too large: input of shape .* takes 128 MiB", path)


def test_what_is_large_but_not_asked_for_does_no_harm(tmp_path):
    path = tmp_path / "data.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("images", (10**6, 10**7), "f8", chunks=(10, 10))
        file["records"] = np.zeros(4, dtype=[("a", "f8"), ("b", "i4")])
        file["V"], file["rho"] = VALUES, VALUES**2
    dataset = load(path, input="V", response="rho")
    np.testing.assert_array_equal(dataset.input[:, :, 0], VALUES)
    refused(r"no column 'U' \(it has V, images, rho\)", path, input="U", response="rho")
    refused("records holds no plain numbers", path, input="records", response="rho")


def test_hdf5_that_points_to_other_files(tmp_path):
    secret = tmp_path / "secret.bin"
    secret.write_bytes(VALUES.tobytes())
    path = tmp_path / "data.h5"
    with h5py.File(path, "w") as file:
        file["response"] = VALUES
        outside = [(str(secret), 0, VALUES.nbytes)]
        file.create_dataset("input", VALUES.shape, "f8", external=outside)
    refused("input takes its values from another file", path)
    with h5py.File(path, "w") as file:
        file["response"] = VALUES
        file["input"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "input")
    refused("input is a link to another file", path)


def test_tables_without_end(tmp_path, monkeypatch):
    path = tmp_path / "data.csv"
    path.write_bytes(b"1," * _lines.LONGEST_RECORD)
    refused("a row is longer than 1048576 characters", path)
    path.write_bytes(b'run,x,u,y\n0,1,2,"3\n' + b"0,1,2,3\n" * 20_000)
    refused(r"no CSV table \(field larger than field limit", path)
    path.write_bytes(b"u,y\n" + b'"\n","\n",' * 140_000)
    refused("a row is longer than", path)
    path.write_bytes(b",".join(b"c%d" % c for c in range(10_001)) + b"\n1,2\n")
    refused("10001 columns; 10000 are the most", path)
    path.write_bytes(b",".join(b"c%d" % c for c in range(1000)) + b"\n1,2\n")
    refused("has the columns c0, c1, .* … .*name those to use with input=", path)
    path.write_bytes(b"run,x,u,y\n" + b"0,1,2,3\n" * 1000)
    monkeypatch.setattr(_numbers, "most_bytes", lambda path: 10_000)
    refused("too large: it has more than .* rows", path)


def test_what_is_no_plain_file(tmp_path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes with names here")
    os.mkfifo(tmp_path / "pipe.csv")
    refused("is no plain file", tmp_path / "pipe.csv")
    refused(r"no such file: .*a\\x00b.csv", tmp_path / "a\0b.csv")


def test_a_message_cannot_be_made_to_steer_a_terminal(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("run,x,V,rho\n0,1,\x1b[2J\u2028,3\n", encoding="utf-8")
    refused(r"column V: .* is not a number", path, input="V", response="rho")
    path.write_text("run,x,V\x1b]0;title\x07,rho,z\n0,1,2,3,4\n")
    refused(r"V\\x1b\]0;title\\x07", path)
