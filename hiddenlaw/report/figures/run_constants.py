"""The constant of every training run, as found beside the law; against the true one if known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hiddenlaw.report.figures.picture import Picture
from hiddenlaw.report.figures.registry import Figure, register
from hiddenlaw.report.figures.style import CLASS_COLOURS, PALE, finite, new_figure
from hiddenlaw.report.found import selected_theory
from hiddenlaw.report.headings import RUN_CONSTANTS
from hiddenlaw.report.names import axis_label


def draw(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Picture | None:
    """Found against true, or found in order; None where runs have no constants of their own."""
    said = (selected_theory(record) or {}).get("run_constants")
    if not said:
        return None
    found = finite(arrays["constants/found"])
    error = finite(arrays["constants/error"]) if "constants/error" in arrays else None
    true = finite(arrays["constants/true"]) if "constants/true" in arrays else None
    units, data = record["dataset"].get("units") or {}, record["dataset"]
    unit = units.get(data["input"][0]) if error is not None else None
    label = axis_label(said["name"], {said["name"]: unit} if unit else {})
    figure = new_figure(3.6)
    axes = figure.subplots()
    order = np.argsort(found)
    across = true if true is not None else np.arange(len(found), dtype=float)[np.argsort(order)]
    if true is not None:
        ends = [float(true.min()), float(true.max())]
        axes.plot(ends, ends, color=PALE, lw=4, zorder=1, label="found = true")
    axes.errorbar(
        across,
        found,
        None if error is None else 1.96 * error,
        fmt="o",
        ms=3.5,
        lw=0.8,
        color=CLASS_COLOURS["quadratic"],
        zorder=2,
        label="training runs" + (", 95 %" if error is not None else ""),
    )
    axes.set_xlabel(f"true {label}, never shown" if true is not None else "run, in this order")
    axes.set_ylabel(f"{label} as found")
    axes.legend()
    caption = f"{said['name']} of every training run: {said['meaning']}, found beside the law."
    return Picture("run_constants", "A constant of each run", caption, figure)


register(Figure("run_constants", RUN_CONSTANTS, draw, ("constants/found",)), place=70)
