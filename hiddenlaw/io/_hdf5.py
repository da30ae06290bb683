"""HDF5 read through a process of its own, which may hang, crash or be killed in our place.

The process (`_hdf5_worker.py`) is started with the first file, kept for those that follow, and
ends by itself when nobody asks. It is spawned, never forked: JAX would not survive a fork.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import math
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np

from hiddenlaw.data.layout import FORMAT
from hiddenlaw.errors import FormatError
from hiddenlaw.io._base import UNREADABLE
from hiddenlaw.io._limits import (
    BYTES_PER_SECOND,
    CLOCK_SECONDS,
    CPU_SECONDS,
    START_SECONDS,
    most_bytes,
    readable,
    too_large,
)

_WORKER = Path(__file__).with_name("_hdf5_worker.py")
# Our own path, not the folder in which the worker lies (it has a csv.py) nor the current one.
_START = (
    "import runpy, sys; sys.path[:] = sys.argv[2:]; "
    "runpy.run_path(sys.argv[1], run_name='__main__')"
)
_LONGEST_LINE = 64 * 2**20


@dataclass
class Variable:
    """A variable as it stands in the file: fill values, scales and characters not yet decoded."""

    dims: tuple[str, ...]
    values: np.ndarray
    attrs: dict[str, Any]


@dataclass
class Content:
    """What was read: the variables, attributes of the file, and the names of all variables."""

    attrs: dict[str, Any]
    known: list[str]
    variables: dict[str, Variable] = field(default_factory=dict)


class _NotTaken(Exception):
    """The process went away before it took the request; a new one will."""


class _Worker:
    """The process and the pipes to it."""

    def __init__(self):
        # One thread of linear algebra: the others would only take memory.
        env = os.environ | {
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "PYTHONWARNINGS": "ignore",
        }
        self.owner = os.getpid()
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START, str(_WORKER), *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=env,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.requests: IO[bytes] = self.process.stdin
        self.answers: IO[bytes] = self.process.stdout

    def usable(self) -> bool:
        return self.owner == os.getpid() and self.process.poll() is None

    def close(self) -> None:
        """End the process, whatever it is doing."""
        if self.owner == os.getpid():
            self.process.kill()
            self.process.wait()
        for pipe in (self.requests, self.answers):
            with contextlib.suppress(OSError):
                pipe.close()

    def read(self, path: Path, wanted: list[str] | None, most: int) -> Content:
        """Ask for a file. Raises `FormatError`, `_NotTaken`, or EOFError and others if it dies."""
        more = path.stat().st_size / BYTES_PER_SECOND
        request = {
            "path": str(path.absolute()),
            "wanted": wanted,
            "whole": FORMAT,
            "most": most,
            "cpu_seconds": CPU_SECONDS + more,
        }
        try:
            with self._killed_after(START_SECONDS):
                self.requests.write(json.dumps(request).encode() + b"\n")
                self.requests.flush()
                self._line()
        except (OSError, EOFError) as problem:
            raise _NotTaken from problem
        with self._killed_after(CLOCK_SECONDS + more):
            return self._content(path, most)

    @contextlib.contextmanager
    def _killed_after(self, seconds: float) -> Iterator[None]:
        watchdog = threading.Timer(seconds, self.process.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            yield
        finally:
            watchdog.cancel()

    def _content(self, path: Path, most: int) -> Content:
        content: Content | None = None
        while True:
            part = self._line()
            if "error" in part:
                said = str(part["error"])  # of the library, or of the worker itself
                raise damaged(path, UNREADABLE if said.startswith("Unable to") else said)
            if "too_large" in part:
                size = readable(part["bytes"])
                raise too_large(path, f"{part['too_large']} takes {size}", most)
            if "end" in part:
                if content is None:
                    raise EOFError
                return content
            if content is None:
                content = Content(part["attrs"], part["known"])
                continue
            shape = tuple(map(int, part["shape"]))
            if "text" in part:
                values = np.array(part["text"], dtype=object).reshape(shape)
            else:
                dtype = np.dtype(part["dtype"])
                size = math.prod(shape) * dtype.itemsize
                if size > most:
                    raise EOFError
                values = np.frombuffer(self._bytes(size), dtype).reshape(shape)
            content.variables[part["name"]] = Variable(tuple(part["dims"]), values, part["attrs"])

    def _line(self) -> dict[str, Any]:
        line = self.answers.readline(_LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise EOFError
        return json.loads(line)

    def _bytes(self, size: int) -> bytearray:
        content = bytearray(size)
        view = memoryview(content)
        done = 0
        while done < size:
            count = self.answers.readinto(view[done:])  # type: ignore[attr-defined]
            if not count:
                raise EOFError
            done += count
        return content


_lock = threading.Lock()
_worker: _Worker | None = None


def read_content(path: Path, wanted: list[str] | None = None) -> Content:
    """The variables called `wanted` and the coordinates; all for None, and in files of our own.

    Raises `FormatError` for what is no HDF5, damaged or too large, and where reading crashes or
    does not end.
    """
    global _worker
    most = most_bytes(path)
    with _lock:
        for _ in range(2):
            if _worker is None or not _worker.usable():
                close()
                _worker = _started()
            try:
                return _worker.read(path, wanted, most)
            except FormatError:
                raise
            except _NotTaken:
                close()
            except (EOFError, ValueError, KeyError, TypeError) as problem:
                # It died, or what it says is no answer: damage reached it.
                close()
                raise damaged(
                    path, "reading it crashed or did not end, and was stopped"
                ) from problem
            except BaseException:
                close()
                raise
    raise FormatError(f"cannot read {path}: the process that reads HDF5 does not start")


def _started() -> _Worker:
    try:
        return _Worker()
    except (OSError, ValueError, TypeError) as problem:
        raise FormatError(f"no Python can be started to read HDF5 ({problem})") from problem


def damaged(path: Path, reason: str) -> FormatError:
    """The error for a file that is no HDF5, or no longer."""
    return FormatError(f"{path} is no NetCDF-4/HDF5 file, or damaged ({reason}); write it again")


@atexit.register
def close() -> None:
    """End the process that reads; the next file starts another."""
    global _worker
    if _worker is not None:
        _worker.close()
        _worker = None
