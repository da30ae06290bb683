"""Which column of a table is the grid: by its name or its dates, and which other looks like one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from hiddenlaw.data.columns import Column
from hiddenlaw.errors import FormatError, option
from hiddenlaw.io._table import Table

_GRIDS = ("x", "t", "time")
_TEMPERATURES = ("K", "°C", "C", "degC", "°F", "F", "degF")
_TIMES = frozenset(
    {
        *(
            "t",
            "time",
            "times",
            "timestamp",
            "zeit",
            "temps",
            "tiempo",
            "tempo",
            "clock",
            "elapsed",
        ),
        *("s", "sec", "secs", "second", "seconds", "ms", "msec", "milliseconds", "us", "µs", "μs"),
        *("ns", "min", "mins", "minutes", "h", "hr", "hours", "d", "days"),
    }
)
_LOOKED_AT = 100  # columns
_EVEN = 0.05  # how much steps of an even grid may differ from the usual one
_RESTARTS = 0.25  # of all steps: where rows are of several runs, each of four samples at least


def grid_called(table: Table, free: Sequence[Column]) -> Column | None:
    """The column called x, t or time; in small letters before any other. A temperature is none.

    Raises `FormatError` where there are several.
    """
    able = [c for c in free if c.name.lower() in _GRIDS and c.unit not in _TEMPERATURES]
    exact = [c for c in able if c.name in _GRIDS] or able
    return _only(table, exact, "")


def grid_of_dates(table: Table, free: Sequence[Column]) -> Column | None:
    """The column of dates, whatever it is called. Raises `FormatError` where there are several."""
    return _only(table, [c for c in free if table.kinds[c.place] == "date"], "the dates ")


def likely_grids(table: Table, free: Sequence[Column], run: Column | None) -> list[Column]:
    """The columns that may be the grid though none is called so, the likeliest first.

    Of those whose first samples increase, or do so run by run, one that is called a time goes
    first, then one of even steps.
    """
    looks = []
    asked = sorted(free, key=lambda column: not _called_a_time(column))[:_LOOKED_AT]
    for column, numbers in zip(asked, table.first_numbers(asked), strict=True):
        steps = [later - before for before, later in pairwise(numbers)]
        rising = [step for step in steps if step > 0]
        back = len(steps) - len(rising)
        if not rising or back > (_RESTARTS * len(steps) if run else 0):
            continue
        usual = median(rising)
        even = all(abs(step - usual) <= _EVEN * usual for step in rising)
        looks.append((not _called_a_time(column), not even, column.place, column))
    return [look[-1] for look in sorted(looks)]


def _called_a_time(column: Column) -> bool:
    words = re.findall(r"[^\W\d_]+", column.name.lower())
    if column.unit:
        return column.unit.lower() in _TIMES
    return not _TIMES.isdisjoint(words)


def _only(table: Table, able: Sequence[Column], what: str) -> Column | None:
    if len(able) > 1:
        listed = ", ".join(column.header for column in able)
        raise FormatError(
            f"{table.path} has {what}{listed}; name the one that is the grid with {option('x')}"
        )
    return able[0] if able else None
