"""Files that were dropped: kept for as long as the app runs, under names of its own."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hiddenlaw.io import format_of, told_plainly

MOST_BYTES = 256 * 2**20  # of all files that are dropped together
MOST_FILES = 100
_LONGEST = 80  # letters of a name


@dataclass(frozen=True)
class Files:
    """The files that are looked at: where they are, and how the user calls them."""

    paths: tuple[Path, ...]
    names: tuple[str, ...]

    @property
    def title(self) -> str:
        first = self.names[0]
        return first if len(self.names) == 1 else f"{first} and {len(self.names) - 1} more"

    def told(self, text: str) -> str:
        """A message about these files with the user's names in place of paths."""
        for path, name in zip(self.paths, self.names, strict=True):
            text = text.replace(str(path), name)
        return text


class Shelf:
    """A temporary folder, for the files of one look; the next ones take their place.

    What a file is called says how it is read, by its suffix, and nothing else.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="hiddenlaw-app-")
        self._count = 0

    def free(self, name: str) -> Path:
        """Where to put a file of this name. Raises `FormatError` for a suffix that none reads."""
        shown = shown_name(name)
        suffixes = [
            suffix for suffix in format_of(shown).suffixes if shown.lower().endswith(suffix)
        ]
        self._count += 1
        return Path(self._folder.name) / f"file-{self._count}{max(suffixes, key=len)}"

    def keep_only(self, paths: Sequence[Path]) -> None:
        """Remove all other files."""
        for path in Path(self._folder.name).iterdir():
            if path not in paths:
                with contextlib.suppress(OSError):
                    path.unlink()

    def close(self) -> None:
        self._folder.cleanup()


def shown_name(name: str) -> str:
    """The last part of what a browser calls a file, in letters that can be shown."""
    last = told_plainly(name.replace("\\", "/")).rstrip("/").rpartition("/")[2]
    return last if len(last) <= _LONGEST else f"…{last[-_LONGEST:]}"
