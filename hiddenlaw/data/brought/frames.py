"""Tables of pandas and polars, and dicts of columns.

Long: a row a sample, columns by their names, runs one below the other. Wide: a table of the inputs
and one of the responses, sites along one axis and a run a column (or the other way round, where the
labels say so). An index that is more than row numbers is the grid, or numbers the runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hiddenlaw.data.brought.channels import Channel, Grid, fields_from
from hiddenlaw.data.checks import as_numbers
from hiddenlaw.data.columns import Column, columns_of, find
from hiddenlaw.errors import DataError, FormatError, option

_GRIDS = ("x", "t", "time")
_INPUTS = ("input", "u")
_RESPONSES = ("response", "y")
_TABLE = "the table"

Names = Sequence[str] | str | None


def fields_of_columns(
    columns: Mapping[str, np.ndarray],
    *,
    input: Names = None,
    response: Names = None,
    x: str | None = None,
    run: str | None = None,
    response_error: Names = None,
    index: str | None = None,
) -> dict[str, Any]:
    """A long table, by its columns, as what `fields_given` takes.

    Without names the columns called input or u, response or y, x, t or time, run, and
    `<response>_error` are taken; `index` is the column that was the index, which is the grid where
    nothing else is called so. Raises `FormatError` where names are missing or do not settle it.
    """
    known = columns_of(list(columns))
    named = {
        role: _found(known, names, role)
        for role, names in (("input", input), ("response", response), ("x", x), ("run", run))
    }
    left = [c for c in known if not any(c in taken for taken in named.values())]
    runs = named["run"] or _called(left, ("run",))
    left = [c for c in left if c not in runs]
    grid = named["x"] or _called(left, _GRIDS) or _dates(left, columns)
    grid = grid or [c for c in left if c.header == index]
    left = [c for c in left if c not in grid]
    inputs = named["input"] or _called(left, _INPUTS)
    responses = named["response"] or _called(left, _RESPONSES)
    if not inputs or not responses:
        raise FormatError(
            f"{_TABLE} has the columns {', '.join(c.header for c in known)}; name those to use "
            f"with {option('input')} and {option('response')}"
        )
    errors = _found(known, response_error, "response_error") or _errors(left, responses)
    places, labels = rows_of_runs(columns, runs)

    def channels(taken: Sequence[Column]) -> list[Channel]:
        return [
            Channel(c.header, _by_run(as_numbers(c.header, columns[c.header]), places))
            for c in taken
        ]

    return fields_from(
        channels(inputs),
        channels(responses),
        channels(errors),
        Grid(grid[0].header, [columns[grid[0].header][rows] for rows in places]) if grid else None,
        labels,
    )


def _found(known: Sequence[Column], names: Names, role: str) -> list[Column]:
    names = [names] if isinstance(names, str) else names or []
    return [find(_TABLE, name, role, known) for name in names]


def _called(columns: Sequence[Column], names: Sequence[str]) -> list[Column]:
    """The one column that goes by one of these names; in this very spelling before any other.

    Raises `FormatError` where several do.
    """
    able = [c for c in columns if c.name.lower() in names]
    able = [c for c in able if c.name in names] or able
    if len(able) > 1:
        raise FormatError(
            f"{_TABLE} has the columns {', '.join(c.header for c in able)}; name what is what with "
            f"{option('x')}, {option('input')} and {option('response')}"
        )
    return able


def _dates(columns: Sequence[Column], values: Mapping[str, np.ndarray]) -> list[Column]:
    able = [c for c in columns if values[c.header].dtype.kind in "Mm"]
    return able if len(able) == 1 else []


def _errors(left: Sequence[Column], responses: Sequence[Column]) -> list[Column]:
    """The columns `<response>_error`; none unless every response has one."""
    by_name = {c.name: c for c in left}
    usual = [f"{c.name}_error" for c in responses]
    there = [name for name in usual if name in by_name]
    if there and len(there) < len(usual):
        raise FormatError(
            f"{_TABLE} has {there[0]} but not the errors of every response; name them with "
            f"{option('response_error')}, or drop that column"
        )
    return [by_name[name] for name in there]


def rows_of_runs(
    columns: Mapping[str, np.ndarray], runs: Sequence[Column]
) -> tuple[list[np.ndarray], tuple[str, ...]]:
    """The rows of every run, in the order in which runs first appear, and what they are called."""
    count = len(next(iter(columns.values()), np.zeros(0)))
    if not count:
        raise DataError(f"{_TABLE} has no rows; bring one with samples")
    if not runs:
        return [np.arange(count)], ()
    values = np.asarray([str(v) for v in columns[runs[0].header].tolist()])
    names, first, codes = np.unique(values, return_index=True, return_inverse=True)
    order = np.argsort(first)
    return [np.flatnonzero(codes == k) for k in order], tuple(f"run {names[k]}" for k in order)


def _by_run(values: np.ndarray, places: Sequence[np.ndarray]) -> np.ndarray | list[np.ndarray]:
    """(run, site), or a list of runs of unequal lengths."""
    runs = [values[rows] for rows in places]
    return np.stack(runs) if len({len(run) for run in runs}) == 1 else runs
