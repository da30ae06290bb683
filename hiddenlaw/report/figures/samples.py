"""Sample runs: what went in, what was measured, and what every theory predicts."""

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
    dashes_of,
    finite,
    new_figure,
    robust_limits,
)
from hiddenlaw.report.found import constant_over_cells, in_order, label_of, predicted_from
from hiddenlaw.report.headings import LOOKED_AT
from hiddenlaw.report.names import axis_label

RUNS, CHANNELS = 4, 4


def draw(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Picture | None:
    """Inputs above, responses below, one column a run; None where no sample was kept."""
    if not len(arrays["sample/input"]):
        return None
    data = record["dataset"]
    x, inputs, responses = (finite(arrays[f"sample/{key}"]) for key in ("x", "input", "response"))
    runs, channels = min(RUNS, len(inputs)), min(CHANNELS, responses.shape[2])
    figure = new_figure(1.5 + 1.55 * (channels + 1))
    axes = figure.subplots(channels + 1, runs, sharex=True, squeeze=False)
    _draw_inputs(axes[0], record, x, inputs)
    curves = _curves(record, arrays)
    for channel, run in np.ndindex(channels, runs):
        predicted = [(values[run, :, channel], style) for values, style in curves]
        _draw_response(axes[1 + channel, run], x, responses[run, :, channel], predicted)
    for channel in range(channels):
        axes[1 + channel, 0].set_ylabel(axis_label(data["response"][channel], data.get("units")))
    for panel in axes[-1]:
        panel.set_xlabel(axis_label(data.get("x", "x"), data.get("units")))
    handles, labels = axes[1, 0].get_legend_handles_labels()
    if len(data["input"]) > 1:
        more = axes[0, 0].get_legend_handles_labels()
        handles, labels = [*more[0], *handles], [*more[1], *labels]
    figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 3))
    return Picture("samples", "Sample runs", _caption(record, responses, bool(curves)), figure)


def _draw_response(
    panel: Any,
    x: np.ndarray,
    measured: np.ndarray,
    predicted: list[tuple[np.ndarray, dict[str, Any]]],
) -> None:
    for values, style in predicted:
        panel.plot(x, values, **style)
    size = 2.2 if len(x) > 150 else 3.2
    panel.plot(x, measured, "o", ms=size, mfc="white", mec=INK, mew=0.7, label="measured")
    drawn = np.concatenate([measured, *(values for values, _ in predicted)])
    robust_limits(panel, drawn, measured)


def _draw_inputs(
    row: np.ndarray, record: Mapping[str, Any], x: np.ndarray, inputs: np.ndarray
) -> None:
    """With a zero-order hold input[i] acts over the cell that ends at x[i]: drawn as such steps."""
    data, steps = record["dataset"], {}
    if constant_over_cells(record) and len(x) > 1:
        steps = {"drawstyle": "steps-pre"}
        x = np.concatenate([[2 * x[0] - x[1]], x])
        inputs = np.concatenate([inputs[:, :1], inputs], axis=1)
    names = data["input"]
    for run, panel in enumerate(row):
        for channel, name in enumerate(names):
            colour = (INK, GREY, PALE)[channel % 3]
            panel.plot(x, inputs[run, :, channel], color=colour, label=f"input {name}", **steps)
        panel.set_title(f"sample {run + 1}")
        if run:
            panel.sharey(row[0])
            panel.tick_params(labelleft=False)
    single = axis_label(names[0], data.get("units")) if len(names) == 1 else "input"
    row[0].set_ylabel(single)


def _curves(
    record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]
) -> list[tuple[np.ndarray, dict[str, Any]]]:
    """The translator as a broad pale line; theories on top, the most parsimonious last."""
    curves: list[tuple[np.ndarray, dict[str, Any]]] = []
    if "sample/translator" in arrays:
        style = {"color": PALE, "lw": 4.5, "label": "translator", "solid_capstyle": "round"}
        curves.append((finite(arrays["sample/translator"]), style))
    dashes = dashes_of(record)
    for place, (index, theory) in enumerate(reversed(in_order(record))):
        key = f"sample/{index}/predicted"
        if key in arrays:
            style = {
                "color": colour_of(theory["readout"]),
                "ls": dashes[index],
                "lw": max(2.8 - 1.4 * place, 1.2),
                "label": label_of(theory),
            }
            curves.append((finite(arrays[key]), style))
    return curves


def _caption(record: Mapping[str, Any], responses: np.ndarray, predicted: bool) -> str:
    made = f" and as it is predicted {predicted_from(record)}"
    words = [
        "Above, the input; below, the response as it was measured"
        + (f"{made}." if predicted else ".")
    ]
    if constant_over_cells(record):
        words.append("The input is constant over each cell.")
    if responses.shape[2] > CHANNELS:
        words.append(f"The first {CHANNELS} of {responses.shape[2]} responses are shown.")
    return " ".join(words)


register(
    Figure("samples", LOOKED_AT, draw, ("sample/x", "sample/input", "sample/response")), place=10
)
