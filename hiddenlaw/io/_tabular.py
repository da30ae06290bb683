"""A table as a dataset: one row a sample, the runs one below the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

import numpy as np

from hiddenlaw.data.arrays import fields_given
from hiddenlaw.data.columns import Column
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.dates import told
from hiddenlaw.data.grid import common_grid, evened
from hiddenlaw.errors import DataError, HiddenlawError, option
from hiddenlaw.io._base import Columns
from hiddenlaw.io._numbers import Rows, read_columns
from hiddenlaw.io._remarks import current
from hiddenlaw.io._roles import Roles, roles_of, tell
from hiddenlaw.io._table import Table

_Values = Callable[[Column], np.ndarray]  # of a column, by (run, site)
_Reader = Callable[[Table, Sequence[Column], Column | None], Rows]


def dataset_of(
    table: Table, columns: Columns, *, allow_missing: bool = False, read: _Reader = read_columns
) -> Dataset:
    """The dataset in a table, whose numbers `read` gives. Raises `FormatError` and `DataError`.

    Whoever listens hears of all faults that can be told from each other, not of the first alone.
    """
    roles = roles_of(table, columns)
    tell(table, roles)
    rows = read(table, roles.read, roles.run)
    faults: list[HiddenlawError] = [] if rows.problem is None else [rows.problem]
    inside, place = _places(rows)

    def values(column: Column) -> np.ndarray:
        found = rows.numbers[column.symbol][place]
        return found - found[:, :1] if table.kinds[column.place] == "date" else found

    for check in _checks(roles, values, inside, rows, columns, allow_missing):
        try:
            check()
        except DataError as problem:
            faults.append(problem)
    if not faults:
        step = columns.resample
        return _made(table, roles, inside, rows, values, step=step, missing=allow_missing)
    survey = current()
    survey.problems += faults
    with suppress(DataError):
        survey.provisional = _made(table, roles, inside, rows, values, grid=False, missing=True)
    raise faults[0]


def _made(
    table: Table,
    roles: Roles,
    inside: np.ndarray,
    rows: Rows,
    values: _Values,
    *,
    step: float | None = None,
    grid: bool = True,
    missing: bool,
) -> Dataset:
    """The dataset; behind the end of a run that is shorter than others responses are missing."""
    x, errors = roles.x, roles.response_error

    def runs(columns: Sequence[Column]) -> np.ndarray | list[np.ndarray]:
        channels = np.stack([values(column) for column in columns], axis=2)
        return channels if inside.all() else _by_run(channels, inside)

    return Dataset(
        **fields_given(
            runs(roles.input),
            runs(roles.response),
            x=_by_run(values(x), inside) if x and grid else None,
            dx=table.step if grid and not x else None,
            input_names=[column.symbol for column in roles.input],
            response_names=[column.symbol for column in roles.response],
            x_name=x.symbol if x else "x",
            units={column.symbol: column.unit for column in _with_units(roles)},
            source=str(table.path),
            truth=None,
            response_error=runs(errors) if errors else None,
            allow_missing=missing,
            labels=rows.labels,
            run_names=tuple(f"run {label}" for label in rows.labels) if roles.run else (),
            resample=step,
            remarks=[told(x.symbol)] if x and table.kinds[x.place] == "date" else [],
        )
    )


def _by_run(values: np.ndarray, inside: np.ndarray) -> list[np.ndarray]:
    """The values (run, site, ...) of each run, without those behind its end."""
    return [own[there] for own, there in zip(values, inside, strict=True)]


def _with_units(roles: Roles) -> list[Column]:
    grid = () if roles.x is None else (roles.x,)
    return [column for column in (*roles.input, *roles.response, *grid) if column.unit]


def _checks(
    roles: Roles,
    values: _Values,
    inside: np.ndarray,
    rows: Rows,
    columns: Columns,
    missing: bool,
) -> list[Callable[[], None]]:
    """What must hold of each column by itself, but for those with text in place of numbers."""
    labels, even = rows.labels, columns.resample is None
    whole = [column for column in roles.read if column.symbol not in rows.spoiled]

    def finite(column: Column, response: bool = False) -> Callable[[], None]:
        return lambda: _check_finite(
            column.symbol, values(column), labels, response=response, missing=response and missing
        )

    return [
        *(finite(column) for column in roles.input if column in whole),
        *((lambda: _check_x(roles.x, values, inside, labels, even),) if roles.x in whole else ()),
        *(finite(column, response=True) for column in roles.response if column in whole),
    ]


def _check_x(
    column: Column | None, values: _Values, inside: np.ndarray, labels: list[str], even: bool
) -> None:
    if column is not None:
        x = values(column)
        _check_finite(column.symbol, x, labels)
        if even:  # else it will be made so, and is checked then
            grid, *_ = common_grid(_by_run(x, inside), labels, column.symbol)
            evened(grid, column.symbol)


def _places(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Which sites (run, site) every run has, and the row of each; behind a run's end its last."""
    counts, order = np.bincount(rows.run), np.argsort(rows.run, kind="stable")
    sites = np.arange(counts.max())
    first = np.cumsum(counts) - counts
    place = order[first[:, None] + np.minimum(sites, counts[:, None] - 1)]
    return np.asarray(sites < counts[:, None]), place


def _check_finite(
    name: str, values: np.ndarray, labels: list, *, response: bool = False, missing: bool = False
) -> None:
    """Like the check of `Dataset`, but by the labels that the file gives its runs."""
    bad = np.isinf(values) if missing else ~np.isfinite(values)
    if bad.any():
        run = int(np.argmax(bad.any(axis=1)))
        site = int(np.argmax(bad[run]))
        word = "NaN" if np.isnan(values[run, site]) else "infinite"
        allowed = option("allow_missing", True)
        raise DataError(
            f"{name} has {bad[run].sum()} {word} in run {labels[run]} (first at site {site}); "
            "drop the run or interpolate it"
            + (
                f", or say that NaN and empty fields are missing samples ({allowed})"
                if response and not missing
                else ""
            )
        )
