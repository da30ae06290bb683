"""Standard input and output as the program needs them, whatever they were connected to."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import Any, TextIO

from hiddenlaw._letters import PLAIN

_NARROWEST, _WIDEST = 40, 1000  # columns


class _Forgiving:
    """Standard error, where nothing that cannot be written may end what is going on."""

    def __init__(self, stream: TextIO | io.TextIOBase) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Closed(io.TextIOBase):
    """A stream that was closed before the program began."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        raise OSError("it is closed")


@contextlib.contextmanager
def streams() -> Iterator[None]:
    """Letters that a stream cannot show are replaced, and a stream that is closed is no surprise.

    Writing to standard output raises `OSError` where it fails, to standard error never. A width in
    COLUMNS at which nothing can be laid out is taken for another.
    """
    _open_missing_files()
    before, columns = (sys.stdout, sys.stderr), os.environ.get("COLUMNS")
    sys.stdout = sys.stdout or _Closed()
    for stream in (sys.stdout, sys.stderr):
        if getattr(stream, "errors", None) in ("strict", "backslashreplace"):
            with contextlib.suppress(AttributeError, ValueError, OSError):
                stream.reconfigure(errors=PLAIN)  # type: ignore[union-attr]
    sys.stderr = _Forgiving(sys.stderr or _Closed())  # type: ignore[assignment]
    if columns is not None:
        _set_columns(_usable(columns))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        _set_columns(columns)


def forget_output() -> None:
    """What is still to be written to standard output goes nowhere: Python flushes it at its end."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _usable(columns: str) -> str | None:
    """A width in which a table can be laid out; None for what is no width."""
    if not columns.isdecimal() or not columns.strip("0"):
        return None
    width = int(columns) if len(columns) < 6 else _WIDEST
    return str(max(_NARROWEST, min(width, _WIDEST)))


def _set_columns(columns: str | None) -> None:
    if columns is None:
        os.environ.pop("COLUMNS", None)
    else:
        os.environ["COLUMNS"] = columns


def _open_missing_files() -> None:
    """Files 0, 1 and 2 are open, so that none that is opened later is taken for one of them."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            with contextlib.suppress(OSError):
                os.open(os.devnull, os.O_RDWR)
