"""How each response answers a step of each input, with the band of the law's errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hiddenlaw.report.figures.pairs import left_out, pair_label, reading, shown_pairs
from hiddenlaw.report.figures.picture import Picture
from hiddenlaw.report.figures.registry import Figure, register
from hiddenlaw.report.figures.style import CLASS_COLOURS, GREY, PALE, finite, new_figure
from hiddenlaw.report.headings import RESPONSES
from hiddenlaw.report.names import axis_label
from hiddenlaw.report.values import compact

_NORMAL = 1.96
_ARRAYS = ("step/x", "step/values", "step/stderr")


def draw(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Picture | None:
    """A row of panels a response, a column an input."""
    x, values, stderr = (finite(arrays[name]) for name in _ARRAYS)
    if not np.isfinite(values).any():
        return None
    responses, inputs = shown_pairs(record)
    figure = new_figure(0.9 + 2.3 * len(responses))
    axes = figure.subplots(len(responses), len(inputs), squeeze=False, sharex=True)
    for (row, column), panel in np.ndenumerate(axes):
        panel.set_ylabel(pair_label(record, responses[row], inputs[column]))
        _mark(panel, record, responses[row], inputs[column])
        _draw(panel, x, values[:, row, column], stderr[:, row, column])
        if row == len(responses) - 1:
            panel.set_xlabel(axis_label(record["dataset"].get("x", "x"), _units(record)))
    handles = {label: line for panel in axes.ravel() for line, label in _legend(panel)}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=4)
    return Picture("step_response", "Step response", _caption(record, values, stderr), figure)


def _draw(panel: Any, x: np.ndarray, values: np.ndarray, stderr: np.ndarray) -> None:
    colour = CLASS_COLOURS["linear"]
    reach = _NORMAL * stderr
    if np.isfinite(reach).any():
        below, above = values - reach, values + reach
        panel.fill_between(x, below, above, color=colour, alpha=0.25, lw=0, label="95 %")
    panel.plot(x, values, color=colour, label="by the law")
    panel.set_xlim(x[0], x[-1])


def _mark(panel: Any, record: Mapping[str, Any], response: str, channel: str) -> None:
    """The gain at rest, and the dead time, where there are such."""
    panel.axhline(0, color=PALE, lw=0.8, zorder=0)
    gain = reading(record, f"gain of {response} for {channel}")
    if gain is not None:
        panel.axhline(gain["value"], color=GREY, lw=0.9, ls="--", zorder=0, label="gain at rest")
    for entry in record.get("dead_time") or ():
        if entry["input"] == channel and entry["value"]:
            panel.axvline(entry["value"], color=GREY, lw=0.9, ls=":", zorder=0, label="dead time")


def _legend(panel: Any) -> list[tuple[Any, str]]:
    return list(zip(*panel.get_legend_handles_labels(), strict=True))


def _units(record: Mapping[str, Any]) -> Mapping[str, str] | None:
    return record["dataset"].get("units")


def _caption(record: Mapping[str, Any], values: np.ndarray, stderr: np.ndarray) -> str:
    text = "What a step of one input from 0 to 1 adds to a response, all else at rest."
    size = np.nanmax(np.abs(values))
    if np.isfinite(stderr).any() and size > 0:
        widest = 100 * _NORMAL * np.nanmax(stderr) / size
        text += (
            " The band is that of the errors of coefficients and dead times, 95 % at each time; "
            f"it reaches ±{compact(widest, 2)} % of the largest response where it is widest."
        )
    return text + left_out(record)


register(Figure("step_response", RESPONSES, draw, _ARRAYS), place=35)
