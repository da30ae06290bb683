"""What pandas brings: a long table, a pair of wide ones, a pair of Series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from hiddenlaw.data.brought.channels import Channel, Grid, fields_from
from hiddenlaw.data.brought.frames import fields_of_columns
from hiddenlaw.data.checks import as_numbers
from hiddenlaw.errors import DataError

if TYPE_CHECKING:
    import pandas

_RUNS = ("run", "runs")
_GRIDS = ("x", "t", "time", "site")


def fields_of_frame(frame: pandas.DataFrame, **named: Any) -> dict[str, Any]:
    """A long table; see `fields_of_columns`. Its index is a column like the others, or several,
    unless it only counts the rows.
    """
    columns, index = columns_of_frame(frame)
    return fields_of_columns(columns, index=index, **named)


def fields_of_series(u: Any, y: Any, **named: Any) -> dict[str, Any]:
    """Two Series with the same index: of one run, or of several by a MultiIndex."""
    import pandas

    if not u.index.equals(y.index):
        raise DataError("input and response have different indexes; align them, as by u.align(y)")
    names = [str(s.name) if s.name is not None else usual for s, usual in ((u, "u"), (y, "y"))]
    if names[0] == names[1]:
        raise DataError(f"input and response are both called {names[0]}; rename one")
    together = pandas.DataFrame(dict(zip(names, (u, y), strict=True)))
    return fields_of_frame(together, input=names[0], response=names[1], **named)


def fields_of_pair(
    u: pandas.DataFrame, y: pandas.DataFrame, *, x: str | None = None, run: str | None = None
) -> dict[str, Any]:
    """Two wide tables, a run a column and the sites along the index, or the other way round.

    Raises `DataError` where labels differ, or do not say which are the sites.
    """
    for axis, one, other in (("index", u.index, y.index), ("columns", u.columns, y.columns)):
        if one.nlevels > 1 or other.nlevels > 1:
            raise DataError(f"{axis} has several levels; give a long table, as by stack()")
        if set(one) != set(other) or len(one) != len(other) or not one.is_unique:
            raise DataError(
                f"input and response have different {axis}, or some of its labels twice; both need "
                "the same"
            )
    y = y.loc[u.index, u.columns]
    if sites_are_columns(u, x, run):
        u, y = u.T, y.T
    labels = [str(label) for label in u.columns]
    grid = None
    if not counts(u.index):
        grid = Grid(str(x or u.index.name or "x"), u.index.to_numpy())
    return fields_from(
        [Channel(None, as_numbers("input", u.to_numpy()).T)],
        [Channel(None, as_numbers("response", y.to_numpy()).T)],
        (),
        grid,
        () if counts(u.columns) else [f"run {label}" for label in labels],
    )


def sites_are_columns(frame: pandas.DataFrame, x: str | None, run: str | None) -> bool:
    """Whether the sites run along the columns; False where along the index."""
    names = [
        str(axis.name) if axis.name is not None else "" for axis in (frame.columns, frame.index)
    ]
    for wanted, says in ((x, True), (run, False)):
        if wanted in names and names[0] != names[1]:
            return (wanted == names[0]) is says
    for words, says in ((_GRIDS, True), (_RUNS, False)):
        told = [name.lower() in words for name in names]
        if any(told) and not all(told):
            return told[0] is says
    real = [axis.dtype.kind in "fMm" for axis in (frame.columns, frame.index)]
    if real[0] == real[1]:
        texts = [axis.dtype.kind not in "iufMm" for axis in (frame.columns, frame.index)]
        if texts[0] != texts[1]:  # labels that are no numbers name runs
            return texts[1]
        raise DataError(
            "neither index nor columns say where the sites are; name one of them, as by "
            'frame.rename_axis(index="t", columns="run"), or give arrays, a run a row'
        )
    return real[0]


def counts(index: Any) -> bool:
    """Whether an index only counts its rows."""
    import pandas

    return isinstance(index, pandas.RangeIndex) and index.name is None


def columns_of_frame(frame: pandas.DataFrame) -> tuple[Mapping[str, np.ndarray], str | None]:
    """The columns by their names, the index among them, and what that is called if it is one."""
    index = None
    if frame.columns.nlevels > 1:
        raise DataError("the columns have several levels; give each one name")
    if not counts(frame.index):
        if frame.index.nlevels == 1 and frame.index.name is None:
            named = frame.index.dtype.kind in "fMm"
            index = "x" if named and "x" not in frame.columns else "index"
            frame = frame.rename_axis(index=index)
            if not named:  # row numbers with gaps, or labels that nobody named
                return {str(c): _values(frame[c]) for c in frame.columns}, None
        elif frame.index.nlevels == 1:
            index = str(frame.index.name)
            if index.lower() in _RUNS or frame.index.dtype.kind not in "iufMm":
                index = None
        clash = [name for name in frame.index.names if name in frame.columns]
        if clash:
            raise DataError(
                f"both index and columns have {clash[0]}; drop one, as by reset_index(drop=True)"
            )
        frame = frame.reset_index()
    return {str(c): _values(frame[c]) for c in frame.columns}, index


def _values(column: Any) -> np.ndarray:
    """Numbers, dates or labels of a column; what is missing is NaN."""
    import pandas

    if getattr(column, "ndim", 1) != 1:
        raise DataError(f"the table has two columns called {column.columns[0]}; rename one")
    if isinstance(column.dtype, pandas.DatetimeTZDtype):
        return column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
    if pandas.api.types.is_numeric_dtype(column.dtype) and getattr(column.dtype, "kind", "") != "c":
        return column.to_numpy(dtype=float, na_value=np.nan)
    return column.to_numpy()
