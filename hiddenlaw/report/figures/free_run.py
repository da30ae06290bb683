"""The free run over the end of each record: measured and simulated, and what is left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hiddenlaw.report.figures.picture import Picture
from hiddenlaw.report.figures.registry import Figure, register
from hiddenlaw.report.figures.style import (
    GREY,
    INK,
    PALE,
    colour_of,
    finite,
    new_figure,
    robust_limits,
)
from hiddenlaw.report.found import record_name, selected_theory
from hiddenlaw.report.headings import FREE_RUN
from hiddenlaw.report.names import axis_label, unit_of, verbatim
from hiddenlaw.report.values import compact

_BLOCKS = 4  # records times responses that are drawn
_LONG = 500  # samples: of more a part is drawn larger beside it
_PART = 150  # samples of that part


def draw(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Picture | None:
    """Of each record and response, the run above and what is left below; beside it a part."""
    runs = [entry for entry in record.get("simulation") or () if _has(arrays, entry)]
    names = record["dataset"]["response"]
    blocks = [(entry, at) for entry in runs for at in range(len(names))][:_BLOCKS]
    if not blocks:
        return None
    figure = new_figure(0.8 + 2.9 * len(blocks))
    heights, widths = [2.4, 1.0] * len(blocks), [1.7, 1.0]
    grid = figure.add_gridspec(len(heights), 2, height_ratios=heights, width_ratios=widths)
    for block, (entry, at) in enumerate(blocks):
        _draw_block(
            _panels(figure, grid, block, _is_long(arrays, entry)), record, arrays, entry, at
        )
    handles = {}
    for panel in figure.axes:
        handles |= dict(zip(*reversed(panel.get_legend_handles_labels()), strict=True))
    long = any(_is_long(arrays, entry) for entry, _ in blocks)
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=4)
    caption = _caption(record, blocks, long, len(runs) * len(names))
    return Picture("free_run", "Free run over what no training saw", caption, figure)


def _panels(figure: Any, grid: Any, block: int, long: bool) -> np.ndarray:
    """Two panels over all the width, or four, the lower ones sharing the x of the upper."""
    rows = [2 * block, 2 * block + 1]
    columns = [slice(0, 1), slice(1, 2)] if long else [slice(0, 2)]
    panels = np.empty((2, len(columns)), object)
    for column, where in enumerate(columns):
        above = figure.add_subplot(grid[rows[0], where])
        above.tick_params(labelbottom=False)
        panels[:, column] = above, figure.add_subplot(grid[rows[1], where], sharex=above)
    return panels


def _is_long(arrays: Mapping[str, np.ndarray], entry: Mapping[str, Any]) -> bool:
    return len(_of(arrays, entry, "x")) > _LONG


def _draw_block(
    panels: np.ndarray,
    record: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    entry: Mapping[str, Any],
    at: int,
) -> None:
    """Two panels, and two more beside them for the part where it does worst."""
    data = record["dataset"]
    name, units = data["response"][at], data.get("units")
    x, measured, predicted = (
        finite(_of(arrays, entry, each)) for each in ("x", "measured", "predicted")
    )
    measured, predicted = measured[:, at], predicted[:, at]
    colour = colour_of((selected_theory(record) or {}).get("readout", "linear"))
    context = int(entry["context"])
    parts = [slice(None)] + ([_worst(measured - predicted, context)] * (panels.shape[1] - 1))
    for column, part in enumerate(parts):
        above, below = panels[:, column]
        close = len(x[part]) <= _LONG
        _draw_run(above, x[part], measured[part], predicted[part], colour, close)
        _draw_left(below, x[part], (measured - predicted)[part], context if not column else 0)
        below.set_xlabel(axis_label(data.get("x", "x"), units))
        for panel in (above, below):
            panel.set_xlim(x[part][0], x[part][-1])
            if not column and context:
                panel.axvspan(
                    x[0], x[context - 1], color=PALE, alpha=0.5, lw=0, label="given, for its start"
                )
    several = len(record.get("simulation") or ()) > 1
    unit = verbatim(unit_of(units, name))
    panels[0, 0].set_ylabel(axis_label(name, units))
    panels[1, 0].set_ylabel("residual" + (f" ({unit})" if unit else ""))
    if several:
        panels[0, 0].set_title(verbatim(record_name(entry)))
    if len(parts) > 1:
        for panel in panels[:, 1]:
            panel.xaxis.get_major_locator().set_params(nbins=4)
        for panel in panels[:, 0]:
            panel.axvspan(x[parts[1]][0], x[parts[1]][-1], fc="none", ec=GREY, lw=0.8, ls="--")
        panels[0, 1].set_title("the part where it does worst")


def _draw_run(
    panel: Any,
    x: np.ndarray,
    measured: np.ndarray,
    predicted: np.ndarray,
    colour: str,
    close: bool,
) -> None:
    if close:
        size = 2.6 if len(x) > _PART else 3.2
        panel.plot(x, measured, "o", ms=size, mfc="white", mec=INK, mew=0.7, label="measured")
    else:
        panel.plot(x, measured, color=GREY, lw=1.6, alpha=0.8, label="measured")
    panel.plot(x, predicted, color=colour, lw=1.1, label="by the law and the input alone")
    robust_limits(panel, np.concatenate([measured, predicted]), measured)


def _draw_left(panel: Any, x: np.ndarray, left: np.ndarray, context: int) -> None:
    shown = np.where(np.arange(len(x)) < context, np.nan, left)
    panel.axhline(0, color=PALE, lw=0.8, zorder=0)
    panel.plot(x, shown, color=INK, lw=0.8)
    known = np.abs(shown[np.isfinite(shown)])
    if known.size and known.max() > 0:
        panel.set_ylim(-1.1 * known.max(), 1.1 * known.max())


def _worst(left: np.ndarray, context: int) -> slice:
    """The stretch about what is left most, missing samples counting as nothing."""
    squares = np.where(np.isfinite(left), left, 0.0) ** 2
    squares[:context] = 0.0
    sums = np.convolve(squares, np.bartlett(min(_PART, len(left)) + 2)[1:-1], mode="valid")
    first = int(np.argmax(sums))
    return slice(first, first + _PART)


def _has(arrays: Mapping[str, np.ndarray], entry: Mapping[str, Any]) -> bool:
    return all(
        f"free_run/{entry['record']}/{name}" in arrays for name in ("x", "measured", "predicted")
    )


def _of(arrays: Mapping[str, np.ndarray], entry: Mapping[str, Any], name: str) -> np.ndarray:
    return arrays[f"free_run/{entry['record']}/{name}"]


def _caption(
    record: Mapping[str, Any],
    blocks: list[tuple[Mapping[str, Any], int]],
    long: bool,
    there: int,
) -> str:
    names = record["dataset"]["response"]
    said = []
    for entry, at in blocks:
        name = names[at]
        fit = (entry.get("fit") or {}).get(name)
        of = f" of {record_name(entry)}" if len(record["simulation"]) > 1 else ""
        if fit is not None:
            said.append(f"{compact(100 * fit, 4)} % of {name}{of}")
    text = (
        f"From the {blocks[0][0]['context']} samples at the beginning and the input alone; below, "
        "the residual, measured less simulated."
    )
    if long:
        text += " The part in the dashed frame is drawn larger beside it."
    if said:
        text += f" Fit, 1 − |y − ŷ|/|y − mean y|: {', '.join(said)}."
    if there > len(blocks):
        text += f" The first {len(blocks)} of {there} are shown."
    return text


register(Figure("free_run", FREE_RUN, draw, ("free_run/",)), place=75)
