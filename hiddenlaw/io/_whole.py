"""How a file appears: whole or not at all, and without leaving anything beside it for ever."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from hiddenlaw.errors import FormatError
from hiddenlaw.io._claim import Claim, abandoned, claim

_PREFIX = ".hiddenlaw."
_TRIES = 20


def write_whole(path: str | os.PathLike[str], callback: Callable[[Path], object]) -> None:
    """Let `callback` write a file of this name in a hidden folder beside it, then move it here.

    Missing folders are made. Whatever goes wrong, `path` holds either what it held before or the
    whole new file. The hidden folder is removed; that of a process which was killed is removed by
    the next one that writes beside it. Raises `FormatError` where the system refuses.
    """
    path = Path(path)
    folder = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        clear_abandoned(path.parent)
        folder = _hidden_folder(path.parent)
        temporary = folder.path / path.name
        callback(temporary)
        os.replace(temporary, path)
    except OSError as problem:
        raise FormatError(f"cannot write {path}: {reason_of(problem)}") from problem
    finally:
        if folder is not None:
            folder.release()


def write_bytes(path: Path, content: bytes | memoryview) -> None:
    """Write a file in one go; its bytes are on the disk when this returns. Raises `OSError`."""
    with open(path, "wb", buffering=0) as file:
        rest = memoryview(content).cast("B")
        while rest:
            rest = rest[file.write(rest) :]
        with contextlib.suppress(OSError):  # not every file can be synchronised
            os.fsync(file.fileno())


def check_writable(path: Path) -> None:
    """Raise `FormatError` where no file can be written at `path`; nothing is left of the trial.

    For commands that compute before they write.
    """
    try:
        if path.is_dir():
            raise FormatError(f"cannot write {path}: it is a folder; name a file in it")
        parent = path.parent
        while not parent.exists():
            if parent.is_symlink():
                raise FormatError(f"cannot write {path}: {parent} is a link to nothing")
            parent = parent.parent
        if not parent.is_dir():
            raise FormatError(f"cannot write {path}: {parent} is a file, and nothing can be in it")
        _hidden_folder(parent).release()
    except OSError as problem:
        raise FormatError(f"cannot write {path}: {reason_of(problem)}") from problem


def _hidden_folder(parent: Path) -> Claim:
    """A folder of our own, though others may be clearing away what they take for left over."""
    for _ in range(_TRIES):
        made = claim(parent / f"{_PREFIX}{secrets.token_hex(4)}")
        if made is not None:
            return made
    raise FileExistsError(errno.EEXIST, "folders in it are taken away as they are made", parent)


def clear_abandoned(folder: Path) -> None:
    """Remove the hidden folders in which processes that were killed had been writing files."""
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            if entry.name.startswith(_PREFIX) and entry.is_dir(follow_symlinks=False):
                left = abandoned(Path(entry.path))
                if left is not None:
                    left.release()


def reason_of(problem: OSError) -> str:
    """Why the system refused, on one line."""
    return problem.strerror or " ".join(str(problem).split()) or type(problem).__name__
