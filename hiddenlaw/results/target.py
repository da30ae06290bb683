"""Whether a run directory can be written, asked before a search and not after it."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

from hiddenlaw.errors import FormatError
from hiddenlaw.io import reason_of
from hiddenlaw.results.recovery import folders_for
from hiddenlaw.results.rundir import RECORD


def check_target(directory: Path, *, only_discoveries: bool = False) -> Path:
    """Where the directory really is; nothing is made. Raises `FormatError` if it can be none.

    With `only_discoveries` it may not hold other things than a discovery.
    """

    def refused(reason: str) -> FormatError:
        return FormatError(f"cannot write {directory}: {reason}; name another directory")

    try:
        target = Path(os.path.realpath(directory))
        for path in (directory, *directory.parents):
            if path.is_symlink() and not path.exists():
                raise refused(f"{path} is a link to {os.readlink(path)}, which is not there")
        if target.exists() and not target.is_dir():
            raise refused("it is a file")
        parent = target.parent
        while not parent.exists():
            parent = parent.parent
        if not parent.is_dir():
            raise refused(f"{parent} is a file, and nothing can be in it")
        if only_discoveries and target.is_dir() and not (target / RECORD).is_file():
            others = [path for path in target.iterdir() if path not in folders_for(target)]
            if others:
                raise refused("it holds other things than a discovery")
        if target.is_dir() and not os.access(target, os.W_OK | os.X_OK):
            raise refused("no permission")
    except (OSError, ValueError) as problem:
        if isinstance(problem, FormatError):
            raise
        raise refused(reason(problem)) from problem
    return target


def make_parents(target: Path) -> list[Path]:
    """Make the folders above; returns those that were not there, the innermost first."""
    missing = []
    parent = target.parent
    while not parent.exists():
        missing.append(parent)
        parent = parent.parent
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise FormatError(f"cannot write {target}: {reason(problem)} in {parent}") from problem
    return missing


def reason(problem: BaseException) -> str:
    """Why something could not be written."""
    return reason_of(problem) if isinstance(problem, OSError) else str(problem)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """A Ctrl-C waits until what takes a moment, and must not be done by halves, is done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)
    if came and before is not signal.SIG_IGN:
        raise KeyboardInterrupt
