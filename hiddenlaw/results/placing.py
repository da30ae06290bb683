"""How a finished run directory comes to its place, in one step wherever the system has one.

Where something stands there already, the two directories change places, which Linux and macOS do
in one step: whoever looks sees the old or the new one, whole. What others have put into the old one
is in the new one as well by then. Where that is not possible (another system, a mount point, the
folder in which a shell stands) the files are moved one by one, and which ones is written down
before, so that whoever comes next can finish it.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from hiddenlaw.io import write_whole
from hiddenlaw.results.rundir import ARRAYS, RECORD

_PAGE, _FIGURES = "report.html", "figures"
TO_MOVE = "to-move.json"
# What earlier versions of the program left beside a file when they were killed while writing it.
_LEFTOVER = re.compile(r"\.(?P<stem>\w+)\.[0-9a-f]{8}(?P<suffix>\.\w+)")


def ours(path: Path, within: Path) -> bool:
    """Whether a file of a run directory is one of the discovery's own."""
    *folders, name = path.relative_to(within).parts
    left = _LEFTOVER.fullmatch(name)
    name = left["stem"] + left["suffix"] if left else name
    if not folders:
        return name in (RECORD, ARRAYS, _PAGE)
    from hiddenlaw.report.figures import registered  # not needed for a search

    return folders == [_FIGURES] and name in {f"{figure.name}.png" for figure in registered()}


def of_others(directory: Path) -> Iterator[Path]:
    """Every file in the directory, and in its folders, that is none of the discovery's own."""
    for folder, folders, files in os.walk(directory):
        folders[:] = [name for name in folders if not name.startswith(".hiddenlaw")]
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        for name in (*files, *links):
            path = Path(folder, name)
            if not ours(path, directory):
                yield path


def put_in_place(new: Path, directory: Path, notes: Path) -> None:
    """Make `new`, a whole run directory, the one at `directory`; `notes` is a folder to use.

    Raises `OSError` where the system refuses; `new` is then whole still, or what is left to be done
    stands in `notes`, for `finish_moving`.
    """
    if not directory.exists():
        os.rename(new, directory)
    elif not any(directory.iterdir()) and not _is_busy(directory) and os.name == "posix":
        shutil.copymode(directory, new)
        os.rename(new, directory)
    elif _is_busy(directory) or not (directory / RECORD).is_file():
        _move_one_by_one(new, directory, notes)
    elif _carried_over(directory, new) and exchange(new, directory):
        bring_back(new, directory)
        shutil.rmtree(new, ignore_errors=True)
    else:
        _move_one_by_one(new, directory, notes)


def exchange(one: Path, other: Path) -> bool:
    """Let two paths change places in one step; False where the system cannot."""
    library = ctypes.CDLL(None, use_errno=True) if sys.platform != "win32" else None
    names = os.fsencode(one), os.fsencode(other)
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        here = ctypes.c_int(-100)  # AT_FDCWD
        return library.renameat2(here, names[0], here, names[1], ctypes.c_uint(2)) == 0
    if sys.platform == "darwin" and hasattr(library, "renamex_np"):
        return library.renamex_np(*names, ctypes.c_uint(2)) == 0
    return False


def bring_back(old: Path, directory: Path) -> None:
    """Move what others have put into `old`, or changed, since it was carried over.

    Of two files of the same name the newer one stays.
    """
    for path in list(of_others(old)):
        place = directory / path.relative_to(old)
        with contextlib.suppress(OSError):
            if not os.path.lexists(place) or path.lstat().st_mtime_ns > place.lstat().st_mtime_ns:
                place.parent.mkdir(parents=True, exist_ok=True)
                os.replace(path, place)


def finish_moving(new: Path, directory: Path, notes: Path) -> bool:
    """Go on where `put_in_place` was stopped; False where it had not begun. Raises `OSError`."""
    try:
        names = json.loads((notes / TO_MOVE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if (new / RECORD).exists():  # else the new page may be there already
        _remove_report(directory)
    for name in (ARRAYS, RECORD, _PAGE):
        if name in names and (new / name).exists():
            os.replace(new / name, directory / name)
    figures = new / _FIGURES
    if figures.is_dir():
        (directory / _FIGURES).mkdir(exist_ok=True)
        for path in sorted(figures.iterdir()):
            os.replace(path, directory / _FIGURES / path.name)
    (notes / TO_MOVE).unlink()
    return True


def _move_one_by_one(new: Path, directory: Path, notes: Path) -> None:
    text = json.dumps(sorted(path.name for path in new.iterdir()))
    write_whole(notes / TO_MOVE, lambda path: path.write_text(text, encoding="utf-8"))
    finish_moving(new, directory, notes)
    shutil.rmtree(new, ignore_errors=True)


def _remove_report(directory: Path) -> None:
    """Take page and figures away, which are of another discovery."""
    for path in (directory / _PAGE, *sorted((directory / _FIGURES).glob("*.png"))):
        if ours(path, directory):
            path.unlink(missing_ok=True)


def _is_busy(directory: Path) -> bool:
    """Whether it must stay the folder that it is: a mount point, or where somebody stands."""
    here = Path.cwd()
    return directory.is_mount() or directory == here or directory in here.parents


def _carried_over(directory: Path, new: Path) -> bool:
    """Whether all that others have put into the directory is in the new one, too, and its mode."""
    try:
        for path in of_others(directory):
            place = new / path.relative_to(directory)
            if os.path.lexists(place):
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, place, follow_symlinks=False)
        for folder, folders, _ in os.walk(directory):
            folders[:] = [name for name in folders if not name.startswith(".hiddenlaw")]
            for name in folders:  # empty ones, which no file has brought
                place = Path(folder, name).relative_to(directory)
                if place != Path(_FIGURES) and not os.path.islink(os.path.join(folder, name)):
                    (new / place).mkdir(exist_ok=True)
        shutil.copymode(directory, new)
    except OSError:
        return False
    return True
