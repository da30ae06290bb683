"""A process of its own that reads HDF5 for `_hdf5.py`: the C library may hang or crash on damage.

A request is one line of JSON on standard input: `path`, `wanted` (names of variables, or null for
all), `whole` (a `format` whose files are read as a whole in any case), `most` (bytes that the
content may take), `cpu_seconds`. The answer on standard output:

- `{}` as soon as the request was read;
- `{"attrs", "known"}`: attributes of the file, names of its variables;
- for every variable `{"name", "dims", "attrs", "dtype", "shape"}` and then its bytes, or for text
  `{"name", "dims", "attrs", "text", "shape"}`;
- `{"end": true}`, or at any place after the first line `{"error"}` or
  `{"too_large", "bytes"}`.

Nothing is pickled. JAX, xarray and the rest of hiddenlaw are not imported, so that it starts fast.
It ends when its input is closed, or after a minute without a request.
"""

from __future__ import annotations

import json
import math
import os
import signal
import sys
from collections.abc import Iterator
from typing import IO, Any

import h5netcdf
import h5py
import numpy as np

IDLE_SECONDS = 60.0
# What Python and the libraries need beside the content: buffers, masks, strings.
_HEADROOM = 256 * 2**20
_TEXT_BYTES = 64
_KINDS = (*"biufcSU", "text")


class TooLarge(Exception):
    """A variable, in words, and the bytes that it would take, which are more than it may have."""


def main(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer requests until there are no more."""
    used = _address_space()
    while True:
        _set_timer("ITIMER_REAL", IDLE_SECONDS)
        line = requests.readline()
        _set_timer("ITIMER_REAL", 0)
        if not line:
            return
        request = json.loads(line)
        _say(answers, {})
        _limit_memory(used, request["most"])
        _set_timer("ITIMER_PROF", request.pop("cpu_seconds"))
        try:
            for part in read(**request):
                if isinstance(part, dict):
                    _say(answers, part)
                else:
                    answers.write(part)
            last: dict[str, Any] = {"end": True}
        except TooLarge as problem:
            last = dict(zip(("too_large", "bytes"), problem.args, strict=True))
        except Exception as problem:
            # The libraries raise whatever they like on a damaged file, and all of it means that.
            # (A KeyError puts quotes around what it says.)
            last = {"error": str(problem).strip("'\"") or type(problem).__name__}
        _set_timer("ITIMER_PROF", 0)
        _say(answers, last)


def read(
    path: str, wanted: list[str] | None, whole: str, most: int
) -> Iterator[dict[str, Any] | memoryview]:
    """The parts of an answer: what the file is, then every variable followed by its bytes."""
    with h5py.File(path, "r") as plain:
        # On a file damaged here h5netcdf fails twice, the second time in its destructor.
        dict(plain.attrs)
        _check_links(plain)
    with h5netcdf.File(path, "r", phony_dims="sort", decode_vlen_strings=True) as file:
        attrs = _attributes(file)
        if attrs.get("format") == whole:
            wanted = None
        variables = {
            name: variable
            for name, variable in file.variables.items()
            if _kind(variable) in _KINDS or name in (wanted or ())
        }
        yield {"attrs": attrs, "known": list(variables)}
        for name, variable in variables.items():
            dims = tuple(variable.dimensions)
            if wanted is None or name in wanted or dims == (name,):
                most -= _check_extent(name, variable, most)
                described = {"name": name, "dims": dims, "attrs": _attributes(variable)}
                yield from _values(name, variable, described)


def _values(
    name: str, variable: Any, described: dict[str, Any]
) -> Iterator[dict[str, Any] | memoryview]:
    if _kind(variable) not in _KINDS:
        raise ValueError(f"{name} holds no plain numbers")
    values = np.asarray(variable[...])
    described["shape"] = list(values.shape)
    if values.dtype.kind == "O":
        yield described | {"text": [_decoded(item) for item in values.ravel()]}
    else:
        yield described | {"dtype": values.dtype.str}
        if values.size:
            yield np.ascontiguousarray(values).reshape(-1).view(np.uint8).data


def _kind(variable: Any) -> str:
    """NumPy's letter for the type of a variable; "text" for strings of any length."""
    string = h5py.check_string_dtype(variable._h5ds.dtype)
    return "text" if string and string.length is None else variable._h5ds.dtype.kind


def _check_links(file: h5py.File) -> None:
    """Nothing but this file is read, whatever it refers to."""
    for name in file:
        if isinstance(file.get(name, getlink=True), h5py.ExternalLink):
            raise ValueError(f"{name} is a link to another file")
        item = file.get(name)
        if isinstance(item, h5py.Dataset) and (item.external or item.is_virtual):
            raise ValueError(f"{name} takes its values from another file")


def _check_extent(name: str, variable: Any, most: int) -> int:
    """The bytes a variable takes as float64, if they and those of its chunks are not too many."""
    stored = variable._h5ds
    itemsize = _TEXT_BYTES if _kind(variable) == "text" else max(stored.dtype.itemsize, 8)
    extents = [variable.shape, stored.shape, stored.chunks or ()]
    size = max(math.prod(map(int, extent)) for extent in extents) * itemsize
    if size > most:
        raise TooLarge(f"{name} of shape {tuple(map(int, variable.shape))}", size)
    return size


def _attributes(owner: Any) -> dict[str, Any]:
    return {name: _plain(value) for name, value in owner.attrs.items()}


def _plain(value: Any) -> Any:
    """An attribute as JSON has it."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return _decoded(value)
    return value if isinstance(value, str | int | float | bool) else str(value)


def _decoded(text: Any) -> str:
    return text.decode("utf-8", "backslashreplace") if isinstance(text, bytes) else str(text)


def _say(answers: IO[bytes], message: dict[str, Any]) -> None:
    answers.write(json.dumps(message).encode() + b"\n")
    answers.flush()


def _set_timer(which: str, seconds: float) -> None:
    """Have this process killed after so much time; systems without such timers do without."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(getattr(signal, which), seconds)


def _address_space() -> int:
    """Bytes of memory mapped by Python and the libraries before anything was read."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return 2**30


def _limit_memory(used: int, most: int) -> None:
    try:
        import resource

        # A variable is held twice while it is unpacked.
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (used + 2 * most + _HEADROOM, hard))
    except (ImportError, OSError, ValueError):
        pass  # not on this system: the declared sizes are checked all the same


def _start() -> None:
    if hasattr(signal, "SIGINT"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What libraries print would spoil the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=2**20)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    main(sys.stdin.buffer, answers)


if __name__ == "__main__":
    _start()
