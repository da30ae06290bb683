"""The constants of every training run, as found beside the law; against true ones if known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hiddenlaw.report.figures.picture import Picture
from hiddenlaw.report.figures.registry import Figure, register
from hiddenlaw.report.figures.style import CLASS_COLOURS, PALE, finite, new_figure
from hiddenlaw.report.found import run_constants
from hiddenlaw.report.headings import RUN_CONSTANTS
from hiddenlaw.report.names import axis_label


def draw(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Picture | None:
    """A panel a constant: found against true, or found in order; None where runs have none."""
    said = run_constants(record)
    if not said:
        return None
    figure = new_figure(3.6 if len(said) == 1 else 3.1 * -(-len(said) // 2))
    columns = min(len(said), 2)
    panels = figure.subplots(-(-len(said) // columns), columns, squeeze=False).ravel()
    for spare in panels[len(said) :]:
        spare.set_visible(False)
    for k, (panel, constant) in enumerate(zip(panels, said, strict=False)):
        _draw_constant(panel, record["dataset"], constant, _of(arrays, k))
    sentences = [
        f"{constant['name']} of every training run: {constant['meaning']}" for constant in said
    ]
    caption = f"{'; '.join(sentences)}. Found beside the law."
    title = "A constant of each run" if len(said) == 1 else f"{len(said)} constants of each run"
    return Picture("run_constants", title, caption, figure)


def _of(arrays: Mapping[str, np.ndarray], k: int) -> dict[str, np.ndarray]:
    """What is known of constant k: found, and perhaps error and true."""
    place = f"constants/{k}" if k else "constants"
    known = ((what, f"{place}/{what}") for what in ("found", "error", "true"))
    return {what: finite(arrays[name]) for what, name in known if name in arrays}


def _draw_constant(
    axes: Any,
    data: Mapping[str, Any],
    constant: Mapping[str, Any],
    known: Mapping[str, np.ndarray],
) -> None:
    found, error, true = known["found"], known.get("error"), known.get("true")
    name, units = constant["name"], data.get("units") or {}
    unit = units.get(data["input"][0]) if error is not None else None
    label = axis_label(name, {name: unit} if unit else {})
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
    in_order = f"run, in the order of {label}"
    axes.set_xlabel(f"true {label}, never shown" if true is not None else in_order)
    axes.set_ylabel(f"{label} as found")
    axes.legend()


register(Figure("run_constants", RUN_CONSTANTS, draw, ("constants/found",)), place=70)
