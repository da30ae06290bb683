"""Dates in text: year first, as ISO 8601 writes them; whatever can mean two days is no date."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

from hiddenlaw.errors import DataError

EXAMPLE = "2024-03-01 12:00:00"
_ISO = re.compile(
    r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})"
    r"(?:(?:T|\s+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?)?"
    r"\s*(Z|UTC|[-+]\d{2}:?\d{2}|[-+]\d{2})?",
    re.ASCII,
)
_ODD = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b.*|\d{1,2}:\d{2}(:\d{2}.*)?", re.ASCII)
_EPOCH = datetime(1970, 1, 1)


def nanoseconds_in(text: str) -> tuple[int, bool] | None:
    """Nanoseconds from 1970 to the date that a field holds, and whether that has a zone; None for
    no date. Without a zone it is counted as if it had that of Greenwich.
    """
    found = _ISO.fullmatch(text.strip())
    if found is None:
        return None
    year, _, month, day, hour, minute, second, part, zone = found.groups()
    try:
        moment = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0)
        )
        seconds = (moment - _EPOCH - _ahead(zone)) // timedelta(seconds=1)
    except (ValueError, OverflowError):
        return None
    return seconds * 10**9 + int(f"{part or '':0<9}"[:9]), zone is not None


def looks_like_a_date(text: str) -> bool:
    """Whether it may be a date or a time of day, read as such or not."""
    return bool(_ODD.fullmatch(text.strip()))


class Zones:
    """Whether the dates of a column have zones, have none, or both, which no clock does."""

    def __init__(self) -> None:
        self.lines: dict[bool, int] = {}

    def see(self, zoned: bool, line: int) -> None:
        self.lines.setdefault(zoned, line)

    def check(self, path: Path, header: str) -> None:
        if len(self.lines) == 2:
            raise DataError(
                f"{path}: dates of {header} have a time zone (line {self.lines[True]}) and none "
                f"(line {self.lines[False]}); write all alike"
            )


def _ahead(zone: str | None) -> timedelta:
    """How much a clock of this zone is ahead of Greenwich."""
    if zone in (None, "Z", "UTC"):
        return timedelta(0)
    digits = zone[1:].replace(":", "").ljust(4, "0")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -ahead if zone[0] == "-" else ahead
