"""The variables of a MATLAB file before 7.3, and the real numbers in them.

Nothing else is opened: what is a struct, a cell, an object or a function is known by its first
bytes, and what is packed is unpacked within bounds. SciPy's own reader is not used, for it crashes
on some damaged files. The layout is that of "MAT-File Format" (The MathWorks), version 5, and
version 4 before it.
"""

from __future__ import annotations

import math
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hiddenlaw.errors import FormatError
from hiddenlaw.io._base import in_plain_words
from hiddenlaw.io._limits import check_size, most_bytes

_HEADER = 128
_BEGINNING = 1024  # of a variable: its class, shape and name
_MATRIX, _COMPRESSED = 14, 15
_COMPLEX = 0x800
_CLASSES = {1: "a cell", 2: "a struct", 3: "an object", 4: "text", 5: "a sparse matrix",
            16: "a function", 17: "an object"} | dict.fromkeys(range(6, 16), "")  # fmt: skip
_TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8",
          13: "u8"}  # fmt: skip
_TYPES_4 = ("f8", "f4", "i4", "i2", "u2", "u1")
_KINDS_4 = {0: "", 1: "text", 2: "a sparse matrix"}


@dataclass(frozen=True)
class MatVariable:
    """A variable that was found: `odd` says what it is where it holds no real numbers.

    `content` is what the file has of it, packed or not; `dtype` is that of version 4, which says it
    in another place, and `order` that of the bytes.
    """

    name: str
    shape: tuple[int, ...]
    odd: str
    content: memoryview
    order: str
    packed: bool = False
    dtype: str = ""

    def numbers(self, path: Path) -> np.ndarray:
        """The numbers, one after another, as float64. Raises `FormatError`."""
        most = most_bytes(path)
        check_size(path, self.name, 8 * math.prod(self.shape), most)
        try:
            values = self._values(path, most)
        except (struct.error, ValueError, KeyError, zlib.error) as problem:
            raise damaged(path, in_plain_words(problem)) from problem
        if values.size != math.prod(self.shape):
            raise damaged(path, f"{self.name} has {values.size} numbers for shape {self.shape}")
        return values.astype(np.float64)

    def _values(self, path: Path, most: int) -> np.ndarray:
        if self.dtype:
            return np.frombuffer(self.content, self.dtype)
        element: bytes | memoryview = self.content
        if self.packed:
            stream = zlib.decompressobj()
            element = stream.decompress(self.content, most + 1)
            check_size(path, self.name, len(element), most)
            if not stream.eof:
                raise ValueError(f"{self.name} ends before its end")
        place = 8
        for _ in range(3):  # flags, shape and name
            _, _, place = _part(element, place, self.order)
        kind, values, _ = _part(element, place, self.order)
        if kind not in _TYPES:
            raise ValueError(f"{self.name} has numbers of the unknown type {kind}")
        return np.frombuffer(values, self.order + _TYPES[kind])


def open_mat(path: Path) -> dict[str, MatVariable]:
    """The variables of a file of version 5 or 4, by name. Raises `FormatError`."""
    check_size(path, "it", path.stat().st_size, most_bytes(path))
    content = path.read_bytes()
    try:
        order = {b"IM": "<", b"MI": ">"}.get(content[126:_HEADER])
        if order is None or 0 in content[:4]:
            found = list(_of_version_4(memoryview(content)))
        else:
            found = list(_of_version_5(memoryview(content), order))
    except (struct.error, ValueError, IndexError, zlib.error) as problem:
        raise damaged(path, in_plain_words(problem)) from problem
    if not found:
        raise damaged(path, "it holds no variables")
    return {variable.name: variable for variable in found if variable.name}


def damaged(path: Path, reason: str) -> FormatError:
    """The error for a file that is none of MATLAB's, or no longer."""
    return FormatError(
        f"{path} is no MATLAB file, or damaged ({reason}); save it again in MATLAB or SciPy"
    )


def _of_version_5(content: memoryview, order: str) -> Iterator[MatVariable]:
    place = _HEADER
    while place < len(content):
        kind, size = struct.unpack_from(order + "II", content, place)
        end = place + 8 + size
        if end > len(content):
            raise ValueError("it ends in the middle of a variable")
        if kind == _COMPRESSED:
            packed = content[place + 8 : end]
            beginning = zlib.decompressobj().decompress(packed, _BEGINNING)
            if struct.unpack_from(order + "I", beginning)[0] == _MATRIX:
                yield _described(beginning, order, packed, packed=True)
        elif kind == _MATRIX:
            yield _described(content[place : place + _BEGINNING], order, content[place:end])
        place = end


def _described(
    beginning: bytes | memoryview, order: str, content: memoryview, packed: bool = False
) -> MatVariable:
    _, flags, place = _part(beginning, 8, order)
    (flag,) = struct.unpack_from(order + "I", flags)
    number, shape = flag & 0xFF, ()
    if number not in _CLASSES:
        raise ValueError(f"a variable is of the unknown class {number}")
    if number != 17:
        _, extents, place = _part(beginning, place, order)
        shape = struct.unpack(f"{order}{len(extents) // 4}i", extents)
    _, name, _ = _part(beginning, place, order)
    odd = _CLASSES[number] or ("complex" if flag & _COMPLEX else "")
    if min(shape, default=0) < 0:
        raise ValueError(f"a variable has the shape {shape}")
    return MatVariable(_name(name), shape, odd, content, order, packed)


def _name(letters: bytes) -> str:
    text = letters.decode("ascii", "replace")
    if not re.fullmatch(r"[A-Za-z]\w*", text) and text:
        raise ValueError("the name of a variable is none")
    return text


def _part(element: bytes | memoryview, place: int, order: str) -> tuple[int, bytes, int]:
    """The type and the bytes of a part of an element, and where the next one begins."""
    kind, size = struct.unpack_from(order + "II", element, place)
    if kind >> 16:  # up to four bytes stand in the tag itself
        kind, size, start, end = kind & 0xFFFF, kind >> 16, place + 4, place + 8
    else:
        start = place + 8
        end = start + (size + 7) // 8 * 8
    if size > len(element) - start:
        raise ValueError("a variable ends before its end")
    return kind, bytes(element[start : start + size]), end


def _of_version_4(content: memoryview) -> Iterator[MatVariable]:
    order = "<" if content[:4] and struct.unpack_from("<I", content)[0] < 5000 else ">"
    place = 0
    while place < len(content):
        kind, rows, columns, imaginary, length = struct.unpack_from(order + "5i", content, place)
        machine, zero, number, matrix = kind // 1000, kind // 100 % 10, kind // 10 % 10, kind % 10
        if machine not in (0, 1) or zero or number > 5 or matrix not in _KINDS_4:
            raise ValueError("its first bytes are not those of a variable")
        if min(rows, columns) < 0 or not 0 < length <= _BEGINNING or imaginary not in (0, 1):
            raise ValueError("a variable is misshapen")
        start = place + 20
        size = rows * columns * np.dtype(_TYPES_4[number]).itemsize * (1 + imaginary)
        end = start + length + size
        if end > len(content):
            raise ValueError("it ends in the middle of a variable")
        name = bytes(content[start : start + length]).rstrip(b"\0")
        odd = _KINDS_4[matrix] or ("complex" if imaginary else "")
        yield MatVariable(
            _name(name),
            (rows, columns),
            odd,
            content[start + length : end],
            order,
            dtype=order + _TYPES_4[number],
        )
        place = end
