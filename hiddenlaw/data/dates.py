"""Dates as seconds since the first of them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from hiddenlaw.errors import DataError

# As the CF conventions for NetCDF write units of time; months and years have no fixed length.
_SINCE = re.compile(r"\s*([A-Za-z]+)\s+since\s+\S.*", re.IGNORECASE)
_UNITS = {
    86400.0: "day days d",
    3600.0: "hour hours hr hrs h",
    60.0: "minute minutes min mins",
    1.0: "second seconds sec secs s",
    1e-3: "millisecond milliseconds msec msecs ms",
    1e-6: "microsecond microseconds us",
    1e-9: "nanosecond nanoseconds ns",
}
_SECONDS = {name: seconds for seconds, names in _UNITS.items() for name in names.split()}


def seconds_of(values: Any, unit: str = "") -> np.ndarray | None:
    """Dates (datetime64, objects with the differences of `datetime`, or numbers of a unit such as
    "days since 2024-03-01") as seconds since the first; None for what holds no dates.

    Raises `DataError` for dates with a time zone among others without.
    """
    array = np.asarray(values)
    if array.dtype.kind == "M":
        return (array - array[:1]) / np.timedelta64(1, "ns") / 1e9
    if array.dtype.kind == "m":
        return array / np.timedelta64(1, "ns") / 1e9
    if array.dtype.kind == "O" and array.ndim == 1 and all(hasattr(d, "tzinfo") for d in array):
        try:
            return np.array([(date - array[0]).total_seconds() for date in array])
        except TypeError:
            raise DataError(
                "some dates have a time zone and others have none; give all alike"
            ) from None
    found = _SINCE.fullmatch(unit)
    if found is None or found[1].lower() not in _SECONDS or array.dtype.kind not in "iuf":
        return None
    # Nanoseconds since 1970 are more than float64 can tell apart: first the difference.
    return (array - array[:1]) * _SECONDS[found[1].lower()]


def told(name: str) -> str:
    """That dates became seconds, as a sentence."""
    return f"the dates of {name} are taken as seconds since the first sample of each run"
