"""The run directory: discovery.json and models.npz, to which a report may be added.

Everything in it can be read by other programs: the record is JSON, the arrays are a NumPy archive,
and nothing is pickled.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hiddenlaw.errors import FormatError
from hiddenlaw.io import read_arrays, told_plainly, write_bytes, write_whole
from hiddenlaw.results.digest import NAME as DIGEST
from hiddenlaw.results.digest import digest_of

FORMAT, VERSION = "hiddenlaw.discovery", 1
RECORD, ARRAYS = "discovery.json", "models.npz"
_LONGEST, _DEEPEST = 64 * 2**20, 40  # of a record: bytes, objects and lists in one another
_READINGS = 3  # of a directory that is replaced while it is read


def write(
    record: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    directory: str | os.PathLike[str],
) -> None:
    """Write a record and its arrays, each whole and with the digest of both.

    That the two appear together, in place of others, is the business of `saving`. Raises
    `FormatError`.
    """
    directory = Path(directory)
    plain = _plain(record)
    digest = digest_of(plain, arrays)
    plain[DIGEST] = digest
    text = json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False)
    packed = io.BytesIO()
    # Slashes in names are folders of the archive.
    np.savez_compressed(packed, **arrays, **{DIGEST: np.array(digest)})  # type: ignore[arg-type]
    write_whole(directory / ARRAYS, lambda path: write_bytes(path, packed.getbuffer()))
    write_whole(directory / RECORD, lambda path: write_bytes(path, text.encode()))


def read(directory: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The record and the arrays that `write` left, without their digest.

    Raises `FormatError` for whatever is missing or damaged, and for two files of which one is not
    of the discovery of the other. Directories of earlier versions have no digest.
    """
    directory = Path(directory)
    record, arrays, readings = {}, {}, 0
    while readings < _READINGS:
        before = _identity(directory)
        record = _load_record(directory)
        arrays = _load_arrays(directory / ARRAYS)
        # Another one may have taken its place meanwhile.
        readings = _READINGS if _identity(directory) == before else readings + 1
    said, of_arrays = record.pop(DIGEST, None), arrays.pop(DIGEST, None)
    if said is not None or of_arrays is not None:
        if of_arrays is None or str(of_arrays) != said:
            raise FormatError(
                f"{directory / ARRAYS} is not of this {RECORD}: they carry different digests; take "
                "both from one discovery, or make it again"
            )
        if digest_of(record, arrays) != said:
            raise FormatError(
                f"{directory} is damaged: it was changed after it was written, for its digest is "
                "another; make the discovery again"
            )
    return record, arrays


def digest_in(directory: Path) -> str | None:
    """The digest that stands in a record; None where there is no such record or none in it."""
    try:
        found = _load_record(directory).get(DIGEST)
    except FormatError:
        return None
    return found if isinstance(found, str) else None


def _load_record(directory: Path) -> dict[str, Any]:
    path = directory / RECORD
    if not path.is_file():
        raise FormatError(f"{directory} is no run directory: it has no {RECORD}")
    try:
        if path.stat().st_size > _LONGEST:
            raise ValueError(f"longer than {_LONGEST} bytes")
        record = json.loads(
            path.read_text(encoding="utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_no_number,
        )
        depth = _depth(record)
        if depth > _DEEPEST:
            raise ValueError(f"nested more than {_DEEPEST} deep")
    except (ValueError, OSError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise FormatError(f"{path} is damaged ({reason}); make the discovery again") from None
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise FormatError(f"{path} is no discovery: its format is not {FORMAT!r}")
    version = record.get("version")
    if version != VERSION or isinstance(version, bool):
        said = told_plainly(repr(version))[:40]
        raise FormatError(f"{path} has version {said} and this program reads {VERSION}")
    return record


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{told_plainly(twice)[:40]} stands in it twice")
    return found


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")


def _depth(value: Any) -> int:
    """How many objects and lists stand in one another."""
    deepest, level = 0, [value]
    while level and deepest <= _DEEPEST:
        inner: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                inner += item.values()
            elif isinstance(item, list):
                inner += item
        level, deepest = inner, deepest + 1
    return deepest


def _identity(directory: Path) -> tuple[int, int] | None:
    """What tells a directory from one that takes its place."""
    try:
        found = (directory / RECORD).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


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
    if isinstance(value, str):  # a path may hold what is no text
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    raise TypeError(f"{type(value)} has no place in discovery.json")
