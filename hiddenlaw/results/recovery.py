"""What a killed process left beside a run directory: cleared away, unless a discovery waits in it.

While a discovery is on its way into DIR a hidden folder stands beside it, `.DIR.hiddenlaw` (or in
it, `DIR/.hiddenlaw`, where nothing can be made beside it). In a room of this folder the new
directory is made, under the name that it will have. Once record and arrays are whole their digest
is noted; from then on a search is not lost, whatever ends the process.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from hiddenlaw.errors import FormatError
from hiddenlaw.io import abandoned, write_whole
from hiddenlaw.results.placing import TO_MOVE, bring_back, finish_moving, put_in_place
from hiddenlaw.results.rundir import RECORD, digest_in, read

_SUFFIX = ".hiddenlaw"
_NOTE = "whole"  # holds digest and identity of a directory that is whole and about to be placed


def folders_for(target: Path) -> list[Path]:
    """Where the hidden folder of a run directory may stand, the usual place first."""
    beside = target.parent / f".{target.name}{_SUFFIX}"
    if not target.is_dir():
        return [beside]
    inside = target / _SUFFIX
    with contextlib.suppress(OSError):
        if target.stat().st_dev != target.parent.stat().st_dev:
            return [inside]  # files cannot be moved from one file system to another
    return [beside, inside]


def note_stage(stage: Path, *, found: bool) -> None:
    """Note that what stands at `stage` is whole, before it is put in its place.

    `found` says that it must not be lost; a report drawn anew can be drawn again. Raises
    `FormatError`.
    """
    text = json.dumps([digest_in(stage) if found else None, _identity(stage)])
    write_whole(stage.parent / _NOTE, lambda path: path.write_text(text, encoding="utf-8"))


def recover(target: Path) -> list[Path]:
    """Finish or clear away what killed processes left of their saving into `target`.

    Returns where discoveries now are that had been found and not been put in their place: at
    `target`, if nothing is there, and beside it otherwise. What a living process does is left
    alone, and so is what the system does not let us touch.
    """
    found: list[Path] = []
    for folder in folders_for(target):
        left = abandoned(folder)
        if left is not None:
            try:
                found += settle(folder, target)
                left.release()
            except OSError:
                left.leave()
    return found


def recover_all(parent: Path) -> list[Path]:
    """`recover` for every run directory in this folder beside which something was left."""
    found: list[Path] = []
    with contextlib.suppress(OSError):
        for entry in sorted(parent.glob(f".*{_SUFFIX}")):
            name = entry.name[1:].removesuffix(_SUFFIX)
            if name and entry.is_dir() and not entry.is_symlink():
                found += recover(parent / name)
    return found


def recovered(directory: str | os.PathLike[str]) -> Path:
    """The directory, for whoever reads it, with the last step of a killed process done first."""
    directory = Path(directory)
    with contextlib.suppress(OSError, ValueError):
        target = Path(os.path.realpath(directory))
        folders = [folder for folder in folders_for(target) if folder.is_dir()]
        moved_in_part = any(any(folder.glob(f"*/{TO_MOVE}")) for folder in folders)
        if moved_in_part or (folders and not target.exists()):
            recover(target)
    return directory


def settle(folder: Path, target: Path) -> list[Path]:
    """`recover` for one hidden folder, which is claimed by us and may be cleared away afterwards.

    Every process that had it made a room of its own in it.
    """
    found: list[Path] = []
    for room in sorted(folder.iterdir()):
        if (room / target.name).is_dir():
            with contextlib.suppress(FormatError):
                found += _settle(room, room / target.name, target)
    return found


def _settle(room: Path, stage: Path, target: Path) -> list[Path]:
    if finish_moving(stage, target, room):
        return []
    try:
        digest, identity = json.loads((room / _NOTE).read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return []  # it was not whole yet
    if _identity(target) == identity:
        bring_back(stage, target)  # the two have changed places
        return []
    if digest is None or digest_in(target) == digest or digest_in(stage) != digest:
        return []
    read(stage)
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        put_in_place(stage, target, room)
        return [target]
    place = next_free(target)
    os.rename(stage, place)
    return [place]


def _identity(directory: Path) -> list[int] | None:
    """What a record is recognised by wherever its directory is moved to."""
    try:
        found = (directory / RECORD).stat()
    except OSError:
        return None
    return [found.st_dev, found.st_ino]


def next_free(target: Path) -> Path:
    """`DIR-2`, or the first of `DIR-3`, … that is not there."""
    number = 2
    while os.path.lexists(place := target.with_name(f"{target.name}-{number}")):
        number += 1
    return place
