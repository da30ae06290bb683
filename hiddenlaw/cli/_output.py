"""Where commands write: checked before hours of work, not after."""

from __future__ import annotations

import os
from pathlib import Path

from hiddenlaw.errors import SettingsError


def check_writable(directory: Path) -> None:
    """Raise `SettingsError` where no run directory can be written; nothing is made yet."""
    if directory.exists() and not directory.is_dir():
        raise SettingsError(f"--out {directory} is a file; name a directory")
    filled = directory.is_dir() and any(directory.iterdir())
    if filled and not (directory / "discovery.json").is_file():
        raise SettingsError(
            f"--out {directory} holds other things than a discovery; name another directory"
        )
    parent = directory
    while not parent.exists():
        parent = parent.parent
    if not os.access(parent, os.W_OK):
        raise SettingsError(f"--out {directory} cannot be written: no permission in {parent}")
