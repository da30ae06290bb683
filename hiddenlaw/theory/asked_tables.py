"""Answers to long tables: a row a sample, columns and runs by their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.brought.frames import rows_of_runs
from hiddenlaw.data.brought.readers import kind_of
from hiddenlaw.data.columns import Column, columns_of, find

_RUNS, _GRIDS = ("run", "runs"), ("x", "t", "time")


def of_columns(asking: Any, input: Any, given: Any) -> Any:
    """A dict of columns, or a table of polars: one with the responses comes back."""
    names = list(input) if kind_of(input) == "columns" else input.columns
    columns = {str(name): np.asarray(input[name]) for name in names}
    found = by_rows(asking, columns, columns_of(list(columns)), None, given)
    answer = {name: found[:, k] for k, name in enumerate(asking.responses)}
    return answer if kind_of(input) == "columns" else type(input)(answer)


def of_polars_series(asking: Any, input: Any, given: Any) -> Any:
    """A Series of polars is one run."""
    found = of_columns(asking, {asking.inputs[0]: input.to_numpy()}, given)
    return type(input)(asking.responses[0], found[asking.responses[0]])


def by_rows(
    asking: Any,
    columns: Mapping[str, np.ndarray],
    known: Sequence[Column],
    index: str | None,
    given: Any,
) -> Float[np.ndarray, "row response"]:
    """The answer to a long table; `index` is the column that was its index.

    Raises `FormatError` where an input has no column, `DataError` for a grid of another step.
    """
    inputs = [columns[find("the table", n, "input", known).header] for n in asking.inputs]
    runs = [c for c in known if c.name.lower() in _RUNS][:1]
    grids = [c for c in known if c.name in (asking.x, *_GRIDS) or c.header == index][:1]
    places, _ = rows_of_runs(columns, runs)
    rows = len(inputs[0])
    own = None if given is None else _given(asking, given, rows)
    found = np.empty((rows, len(asking.responses)))
    for place in places:
        if grids:
            asking.check_grid(columns[grids[0].header][place], grids[0].header)
        values = np.stack([np.asarray(u[place], float) for u in inputs], axis=1)
        found[place] = asking.answer(values[None], None if own is None else own[place][None])[0]
    return found


def _given(asking: Any, given: Any, rows: int) -> np.ndarray:
    """What is known of the responses, (row, response)."""
    if kind_of(given) in ("columns", "polars.DataFrame"):
        given = np.stack([np.asarray(given[name], float) for name in asking.responses], axis=1)
    return np.asarray(given, float).reshape(rows, -1)
