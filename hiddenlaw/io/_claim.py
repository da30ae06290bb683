"""A hidden folder that belongs to one living process: what it makes there is nobody else's.

The claim is a lock on a file in the folder. The system drops it when the process ends, however it
ends, so a folder without one is what a killed process left, and may be cleared away.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

LOCK = "lock"
_TRIES = 50  # a folder may be cleared away between two steps of ours


class Claim:
    """The folder at `path`, which is ours until `release`."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock: int | None = lock

    def leave(self) -> None:
        """Give up the claim and leave what is in the folder to whoever comes next."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def release(self) -> None:
        """Clear the folder away with all that is in it, and give up the claim."""
        if self._lock is None:
            return
        lock, self._lock = self._lock, None
        try:
            _clear(self.path)
            if fcntl is None:
                os.close(lock)  # an open file cannot be removed there
            with contextlib.suppress(OSError):
                (self.path / LOCK).unlink()
            with contextlib.suppress(OSError):
                self.path.rmdir()
        finally:
            if fcntl is not None:
                os.close(lock)


def claim(path: Path) -> Claim | None:
    """Make the folder, or take over what a dead process left; None where a living one has it.

    Raises `OSError` where the system refuses.
    """
    for _ in range(_TRIES):
        with contextlib.suppress(FileExistsError):
            path.mkdir()
        try:
            lock = os.open(path / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:
            continue  # its owner has just cleared it away
        try:
            if not _locked(lock):
                os.close(lock)
                return None
            if os.path.samestat(os.fstat(lock), os.stat(path / LOCK)):
                return Claim(path, lock)
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(lock)
            raise
        os.close(lock)
    return None


def abandoned(path: Path) -> Claim | None:
    """The claim on a folder that is there and belongs to no living process; None otherwise."""
    try:
        return claim(path) if path.is_dir() and not path.is_symlink() else None
    except OSError:
        return None


def _locked(file: int) -> bool:
    """Whether the lock is ours now; where a file system knows no locks, nobody else has it."""
    if fcntl is None:
        import msvcrt

        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True
    return True


def _clear(folder: Path) -> None:
    """Remove what is in the folder, but for the lock; what cannot be removed stays."""
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            elif entry.name != LOCK:
                with contextlib.suppress(OSError):
                    os.unlink(entry.path)
