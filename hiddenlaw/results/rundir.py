"""The run directory: discovery.json and models.npz, to which a report may be added.

Everything in it can be read by other programs: the record is JSON, the arrays are a NumPy archive,
and nothing is pickled.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hiddenlaw.errors import FormatError
from hiddenlaw.io import read_arrays, write_whole

FORMAT, VERSION = "hiddenlaw.discovery", 1
RECORD, ARRAYS = "discovery.json", "models.npz"


def write(
    record: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    directory: str | os.PathLike[str],
) -> None:
    """Write a record and its arrays; each file whole, then renamed. Raises `FormatError`."""
    directory = Path(directory)
    text = json.dumps(_plain(record), indent=1, ensure_ascii=False, allow_nan=False)
    write_whole(directory / ARRAYS, lambda path: _save_arrays(path, arrays))
    write_whole(directory / RECORD, lambda path: path.write_text(text, encoding="utf-8"))


def read(directory: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The record and the arrays that `write` left. Raises `FormatError` for whatever is damaged."""
    directory = Path(directory)
    path = directory / RECORD
    if not path.is_file():
        raise FormatError(f"{directory} is no run directory: it has no {RECORD}")
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise FormatError(f"{path} is damaged ({error}); make the discovery again") from None
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise FormatError(f"{path} is no discovery: its format is not {FORMAT!r}")
    if record.get("version") != VERSION:
        raise FormatError(
            f"{path} has version {record.get('version')!r} and this program reads {VERSION}"
        )
    return record, _load_arrays(directory / ARRAYS)


def _save_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    # Slashes in names are folders of the archive.
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def _load_arrays(path: Path) -> dict[str, np.ndarray]:
    if not path.is_file():
        raise FormatError(f"{path} is missing; make the discovery again")
    try:
        return read_arrays(path)
    except FormatError as error:
        reason = str(error).removeprefix(f"{path} ")
        raise FormatError(f"{path} is damaged: it {reason}; make the discovery again") from None


def _plain(value: Any) -> Any:
    """Only what JSON has: NumPy numbers as numbers, what is not finite as null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    raise TypeError(f"{type(value)} has no place in discovery.json")
