"""Arrays of a NumPy archive (.npz), read within bounds: a zip file may unpack without end.

What the zip directory and the headers of the arrays declare is added up before anything is
unpacked; what is unpacked is counted all the same. Pickled objects are never opened.
"""

from __future__ import annotations

import math
import struct
import warnings
import zipfile
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from hiddenlaw.errors import FormatError
from hiddenlaw.io._limits import check_size, most_bytes

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_END = struct.Struct("<4s4H2LH")
_LONGEST_DIRECTORY = 4 * 2**20
_BLOCK = 2**20
_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Every array of the archive, read at once, so that damage anywhere shows here.

    Raises `FormatError` for what is no archive, damaged, too large, or holds pickled objects.
    """
    try:
        most = most_bytes(path)
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of headers that Python 2 wrote
            _check_directory(path, file)
            arrays: dict[str, np.ndarray] = {}
            with zipfile.ZipFile(file) as archive:
                members = [m for m in archive.infolist() if m.filename.endswith(".npy")]
                check_size(path, "its content", sum(m.file_size for m in members), most)
                for member in members:
                    array = _read_array(path, archive, member, most)
                    most -= _as_float64(array.shape, array.dtype)
                    arrays[member.filename.removesuffix(".npy")] = array
            return arrays
    except FormatError:
        raise
    except Exception as problem:
        # NumPy, zipfile and zlib, and Python's tokenizer in an array's header, each raise their own
        # on damage; there is nothing else here that could go wrong.
        raise FormatError(
            f"{path} is no NumPy archive, or damaged; write it again with numpy.savez"
        ) from problem


def check_unpacked(path: Path) -> None:
    """Raise `FormatError` for what is no zip file, or unpacks to more than a file may hold.

    Everything is unpacked once and counted, for readers that would take it all into memory.
    """
    try:
        most = most_bytes(path)
        with path.open("rb") as file:
            _check_directory(path, file)
            with zipfile.ZipFile(file) as archive:
                check_size(path, "its content", sum(m.file_size for m in archive.infolist()), most)
                unpacked = 0
                for member in archive.infolist():
                    if member.compress_type not in _METHODS:
                        method = member.compress_type
                        raise FormatError(
                            f"{path}: {member.filename} is packed by method {method}; save it anew"
                        )
                    with archive.open(member) as content:
                        while block := content.read(_BLOCK):
                            unpacked += len(block)
                            check_size(path, "its content", unpacked, most)
    except FormatError:
        raise
    except Exception as problem:
        # As in `read_arrays`.
        raise FormatError(f"{path} is no zip file, or damaged; write it again") from problem


def _check_directory(path: Path, file: IO[bytes]) -> None:
    """The directory is read as a whole when the archive is opened: see first how long it is."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END.size - 2**16))
    tail = file.read()
    place = tail.rfind(b"PK\5\6")
    if not 0 <= place <= len(tail) - _END.size:
        raise zipfile.BadZipFile("not a zip file")
    if tail[max(0, place - 20) :].startswith(b"PK\6\7"):
        raise zipfile.BadZipFile("its directory is one for more than 4 GiB")
    check_size(path, "its directory", _END.unpack_from(tail, place)[5], _LONGEST_DIRECTORY)
    file.seek(0)


def _read_array(
    path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int
) -> np.ndarray:
    name = member.filename.removesuffix(".npy")
    if member.compress_type not in _METHODS:
        raise FormatError(
            f"{path}: {name} is packed by method {member.compress_type}; save it with numpy.savez "
            "or numpy.savez_compressed"
        )
    with archive.open(member) as file:
        version = npy.read_magic(file)
        if version not in _HEADERS:
            raise FormatError(
                f"{path}: {name} has the unknown array format {version}; save it with numpy.savez"
            )
        shape, by_columns, dtype = _HEADERS[version](file)
        if dtype.hasobject:
            raise FormatError(
                f"{path} holds pickled objects, which could run code and are never opened; "
                "save plain arrays of numbers"
            )
        size = math.prod(shape) * dtype.itemsize
        if min(shape, default=0) < 0 or size > member.file_size:
            raise FormatError(
                f"{path}: {name} of shape {shape} has less than the {size} bytes it needs; "
                "save it again"
            )
        check_size(path, name, _as_float64(shape, dtype), most)
        content = bytearray()
        while len(content) < size:
            block = file.read(min(_BLOCK, size - len(content)))
            if not block:
                raise EOFError(f"{name} ends after {len(content)} of {size} bytes")
            content += block
        while file.read(_BLOCK):  # to the end, where its checksum is compared
            pass
    if (
        size
        and dtype.kind == "U"
        and (np.frombuffer(content, dtype.byteorder + "u4") > 0x10FFFF).any()
    ):
        raise ValueError(f"{name} holds what is no text")
    values = np.frombuffer(content, dtype) if size else np.empty(math.prod(shape), dtype)
    return values.reshape(shape, order="F" if by_columns else "C")


def _as_float64(shape: tuple[int, ...], dtype: np.dtype) -> int:
    """The bytes an array takes once its numbers, perhaps of one byte each, are float64."""
    return math.prod(shape) * max(dtype.itemsize, 8)
