"""Channels with names, units and a grid, whatever brought them, as what `fields_given` takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hiddenlaw.data.checks import channel_names
from hiddenlaw.data.columns import Column, columns_of


@dataclass(frozen=True)
class Channel:
    """One channel: its header, its unit if the header does not say it, its values run by run.

    - `header`: None where nothing names it.
    - `values`: (run, site), or a list of runs of unequal lengths.
    """

    header: str | None
    values: np.ndarray | list[np.ndarray]
    unit: str = ""


@dataclass(frozen=True)
class Grid:
    """The grid: its header, one for all runs (site,) or a list with one for each, and its unit."""

    header: str
    values: Any
    unit: str = ""


def fields_from(
    inputs: Sequence[Channel],
    responses: Sequence[Channel],
    errors: Sequence[Channel] = (),
    grid: Grid | None = None,
    run_names: Sequence[str] = (),
) -> dict[str, Any]:
    """What `fields_given` takes. Headers unfit for an equation get a symbol, and that is told."""
    headers = [*_headers("u", inputs), *_headers("y", responses)]
    columns = columns_of([*headers, *([grid.header] if grid else [])])
    said = [
        f"{column.header} is called {column.symbol} in equations"
        for column in columns
        if column.symbol != column.name
    ]
    count = len(inputs)
    units = [each.unit for each in (*inputs, *responses, *([grid] if grid else []))]
    found = {
        "input": _together(inputs),
        "response": _together(responses),
        "response_error": _together(errors) if errors else None,
        "x": grid.values if grid else None,
        "input_names": [column.symbol for column in columns[:count]],
        "response_names": [column.symbol for column in columns[count : len(headers)]],
        "x_name": columns[-1].symbol if grid else "x",
        "units": _units(columns, units),
        "remarks": said,
    }
    return found | ({"run_names": tuple(run_names)} if run_names else {})


def _headers(letter: str, channels: Sequence[Channel]) -> list[str]:
    usual = channel_names(letter, None, len(channels))
    return [c.header or name for c, name in zip(channels, usual, strict=True)]


def _units(columns: Sequence[Column], units: Sequence[str]) -> dict[str, str]:
    every = zip(columns, units, strict=True)
    return {column.symbol: unit or column.unit for column, unit in every if unit or column.unit}


def _together(channels: Sequence[Channel]) -> np.ndarray | list[np.ndarray]:
    """(run, site, channel), or runs of unequal lengths, (site, channel) each."""
    values = [channel.values for channel in channels]
    if not any(isinstance(each, list) for each in values):
        return np.stack(values, axis=2)
    return [np.stack(run, axis=1) for run in zip(*values, strict=True)]
