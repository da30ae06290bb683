"""Sample runs: what went in, what was measured, and what every theory predicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hiddenlaw.report.figures.style import (
    GREY,
    INK,
    PALE,
    Picture,
    colour_of,
    dashes_of,
    finite,
    label_of,
    new_figure,
    ranked,
    robust_limits,
)
from hiddenlaw.report.names import axis_label

RUNS, CHANNELS = 4, 4


def samples(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Picture | None:
    """Inputs above, responses below, one column a run; None where no sample was kept."""
    if "sample/input" not in arrays or not len(arrays["sample/input"]):
        return None
    data = record["dataset"]
    x, inputs, responses = (finite(arrays[f"sample/{key}"]) for key in ("x", "input", "response"))
    runs, channels = min(RUNS, len(inputs)), min(CHANNELS, responses.shape[2])
    figure = new_figure(1.5 + 1.55 * (channels + 1))
    axes = figure.subplots(channels + 1, runs, sharex=True, squeeze=False)
    _draw_inputs(axes[0], data, x, inputs)
    curves = _curves(record, arrays)
    for channel in range(channels):
        for run in range(runs):
            panel = axes[1 + channel, run]
            measured = responses[run, :, channel]
            drawn = []
            for values, style in curves:
                drawn.append(values[run, :, channel])
                panel.plot(x, drawn[-1], **style)
            size = 2.2 if len(x) > 150 else 3.2
            panel.plot(x, measured, "o", ms=size, mfc="white", mec=INK, mew=0.7, label="measured")
            robust_limits(panel, np.concatenate([measured, *drawn]), measured)
        axes[1 + channel, 0].set_ylabel(axis_label(data["response"][channel], data.get("units")))
    for panel in axes[-1]:
        panel.set_xlabel(axis_label(data.get("x", "x"), data.get("units")))
    handles, labels = axes[1, 0].get_legend_handles_labels()
    if len(data["input"]) > 1:
        more = axes[0, 0].get_legend_handles_labels()
        handles, labels = [*more[0], *handles], [*more[1], *labels]
    figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 3))
    return Picture("samples", "Sample runs", _caption(record, responses, bool(curves)), figure)


def _draw_inputs(
    row: np.ndarray, data: Mapping[str, Any], x: np.ndarray, inputs: np.ndarray
) -> None:
    """With a zero-order hold input[i] acts over the cell that ends at x[i]: drawn as such steps."""
    steps = {}
    if data.get("hold") == "zero" and len(x) > 1:
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
    for place, (index, theory) in enumerate(reversed(ranked(record))):
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


def _from(record: Mapping[str, Any]) -> str:
    """What predictions were made from."""
    choice = (record.get("initial_state") or {}).get("choice", "shared")
    if choice == "context":
        return " from the input and the first samples"
    if choice == "per-run":
        return " from the input and every other sample"
    return " from the input alone"


def _caption(record: Mapping[str, Any], responses: np.ndarray, predicted: bool) -> str:
    data = record["dataset"]
    words = [
        "Above, the input; below, the response as it was measured"
        + (" and as it is predicted" + _from(record) + "." if predicted else ".")
    ]
    if data.get("hold") == "zero":
        words.append("The input is constant over each cell.")
    if responses.shape[2] > CHANNELS:
        words.append(f"The first {CHANNELS} of {responses.shape[2]} responses are shown.")
    return " ".join(words)
