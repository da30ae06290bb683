"""Run directories changed on purpose: every entry and array in kind, size and value.

A changed directory carries the digest of what it holds then, as that of a forger would, so that
what refuses it is the look at its content. What is wrong with files as such comes on top.
"""

from __future__ import annotations

import copy
import io
import json
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hiddenlaw.results.digest import digest_of
from hiddenlaw.results.rundir import read

Change = Callable[[Path], None]
"""Makes a changed run directory in an empty folder."""

ANYTHING = {
    "null": None,
    "true": True,
    "minus": -1,
    "zero": 0,
    "huge": 10**9,
    "fraction": 0.5,
    "text": "no such thing",
    "empty text": "",
    "list": [],
    "object": {},
    "lists": [[[1.0, None], ["a"]]],
    "NaN": float("nan"),
    "infinite": float("inf"),
    "large": 1e300,
    "long": 10**400,
}


def changes(directory: Path) -> dict[str, Change]:
    """All changes of a sound run directory, by a name that says what is changed."""
    record, arrays = read(directory)
    found: dict[str, Change] = {}
    for path in _paths(record):
        at = "/".join(map(str, path))
        for name, value in ANYTHING.items():
            found[f"{at} is {name}"] = _rewritten(record, arrays, path, value)
        found[f"{at} is missing"] = _rewritten(record, arrays, path, _MISSING)
    for name, array in arrays.items():
        for how, other in _other_arrays(array).items():
            changed = {key: value for key, value in arrays.items() if key != name}
            if other is not None:
                changed[name] = other
            found[f"array {name}: {how}"] = lambda place, changed=changed: write(
                record, changed, place
            )
    for name, change in _FILES.items():
        found[f"file: {name}"] = lambda place, change=change: change(directory, place)
    return found


def write(record: Any, arrays: dict[str, np.ndarray], place: Path) -> None:
    """A record and arrays, whatever they hold, with a digest where one can be made."""
    try:
        digest = digest_of(record, arrays)
        record, arrays = {**record, "digest": digest}, {**arrays, "digest": np.array(digest)}
    except (TypeError, ValueError):
        pass
    (place / "discovery.json").write_text(json.dumps(record), encoding="utf-8")
    np.savez(place / "models.npz", **arrays)


_MISSING = object()


def _paths(value: Any, at: tuple = ()) -> Iterator[tuple]:
    """Every place in a record; of a list its first entry and its last."""
    if at:
        yield at
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _paths(item, (*at, key))
    elif isinstance(value, list) and value:
        for place in {0, len(value) - 1}:
            yield from _paths(value[place], (*at, place))


def _rewritten(record: dict, arrays: dict, path: tuple, value: Any) -> Change:
    def change(place: Path) -> None:
        changed = copy.deepcopy(record)
        owner = changed
        for key in path[:-1]:
            owner = owner[key]
        if value is _MISSING:
            del owner[path[-1]]
        else:
            owner[path[-1]] = value
        write(changed, arrays, place)

    return change


def _other_arrays(array: np.ndarray) -> dict[str, np.ndarray | None]:
    real = array.astype(float)
    spoiled, infinite = real.copy(), real.copy()
    if array.size:
        spoiled.flat[0], infinite.flat[-1] = np.nan, -np.inf
    return {
        "missing": None,
        "complex": array + 1j,
        "text": array.astype(str),
        "true and false": array != 0,
        "objects": array.astype(object),
        "times": np.zeros(array.shape, "M8[s]"),
        "half": real.astype(np.float16),
        "flat": real.ravel(),
        "one axis more": real[..., None],
        "turned": real.T,
        "one less": np.atleast_1d(real)[:-1],
        "one more": np.concatenate([np.atleast_1d(real), np.atleast_1d(real)[:1]]),
        "none": np.atleast_1d(real)[:0],
        "a single number": np.array(1.0),
        "NaN": spoiled,
        "infinite": infinite,
        "large": real * 1e300,
        "zero": real * 0,
        "minus": -real,
    }


def _copied(source: Path, place: Path) -> None:
    for name in ("discovery.json", "models.npz"):
        (place / name).write_bytes((source / name).read_bytes())


def _text(spoil: Callable[[bytes], bytes], name: str = "discovery.json") -> Callable:
    def change(source: Path, place: Path) -> None:
        _copied(source, place)
        (place / name).write_bytes(spoil((source / name).read_bytes()))

    return change


def _arrays(spoil: Callable[[bytes], bytes]) -> Callable:
    return _text(spoil, "models.npz")


def _with_member(name: str, content: bytes, *, twice: bool = False) -> Callable:
    def spoil(archive: bytes) -> bytes:
        packed = io.BytesIO(archive)
        with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as file:
            for _ in range(1 + twice):
                file.writestr(name, content)
        return packed.getvalue()

    return _arrays(spoil)


def _header(shape: str) -> bytes:
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text) + 1) + text + b"\n"


def _deep(depth: int) -> bytes:
    return b'{"format": "hiddenlaw.discovery", "version": 1, "notes": %s}' % (
        b"[" * depth + b"]" * depth
    )


_FILES: dict[str, Callable[[Path, Path], None]] = {
    "record empty": _text(lambda b: b""),
    "record cut": _text(lambda b: b[: len(b) // 2]),
    "record no UTF-8": _text(lambda b: b.replace(b"hiddenlaw", b"hidden\xff", 2)),
    "record UTF-16": _text(lambda b: b.decode().encode("utf-16")),
    "record of NUL": _text(lambda b: bytes(len(b))),
    "record NaN": _text(lambda b: b.replace(b'"version": 1', b'"version": NaN')),
    "record an entry twice": _text(lambda b: b.replace(b"{", b'{"selected": 0, ', 1)),
    "record deep": _text(lambda b: _deep(100)),
    "record deeper": _text(lambda b: _deep(100_000)),
    "record a list": _text(lambda b: b"[" + b + b"]"),
    "record a number": _text(lambda b: b"7"),
    "record long digits": _text(lambda b: b.replace(b'"version": 1', b'"version": ' + b"1" * 9999)),
    "record of another": _text(lambda b: b.replace(b'"verdict": "law"', b'"verdict": "none"')),
    "arrays empty": _arrays(lambda b: b""),
    "arrays cut": _arrays(lambda b: b[: len(b) // 2]),
    "arrays flipped": _arrays(lambda b: b[:300] + bytes([b[300] ^ 255]) + b[301:]),
    "arrays no zip": _arrays(lambda b: b"PK\3\4" + bytes(len(b))),
    "arrays a bomb": _with_member("bomb.npy", _header("(16777216,)") + bytes(2**27)),
    "arrays huge shape": _with_member("extra.npy", _header("(10**9, 10**9)")),
    "arrays declared huge": _with_member("extra.npy", _header(f"({10**9}, {10**9})")),
    "arrays negative shape": _with_member("extra.npy", _header("(-1, 5)") + bytes(40)),
    "arrays many axes": _with_member("extra.npy", _header(str((1,) * 100)) + bytes(8)),
    "arrays a name twice": _with_member("extra.npy", _header("(1,)") + bytes(8), twice=True),
}
