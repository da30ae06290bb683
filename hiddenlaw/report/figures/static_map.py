"""The map from the input to the response at the same site, where there is nothing hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hiddenlaw.report.figures.picture import Picture
from hiddenlaw.report.figures.registry import Figure, register
from hiddenlaw.report.figures.style import GREY, INK, colour_of, finite, new_figure
from hiddenlaw.report.headings import LOOKED_AT
from hiddenlaw.report.names import axis_label

_RESPONSES = 4  # that are drawn


def draw(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Picture | None:
    """A panel for each response: over the input, or over what the map says where there are several.

    None where the response remembers anything.
    """
    if record.get("verdict") != "memoryless":
        return None
    data = record["dataset"]
    names, units = data["response"][:_RESPONSES], data.get("units")
    inputs, measured, answer = (
        finite(arrays[f"static/{name}"]) for name in ("input", "measured", "answer")
    )
    single = len(data["input"]) == 1
    figure = new_figure(3.2)
    panels = figure.subplots(1, len(names), squeeze=False)[0]
    for at, (panel, name) in enumerate(zip(panels, names, strict=True)):
        along = inputs[:, 0] if single else answer[:, at]
        panel.plot(along, measured[:, at], "o", ms=2.6, mfc="white", mec=GREY, mew=0.7,
                   label="measured")  # fmt: skip
        order = np.argsort(along)
        said = "the map" if single else "as the map says"
        panel.plot(along[order], answer[order, at], color=colour_of("linear"), lw=1.6, label=said)
        label = axis_label(name, units)
        panel.set_xlabel(axis_label(data["input"][0], units) if single else f"{label} by the map")
        panel.set_ylabel(label, color=INK)
    handles = panels[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=2)
    return Picture("static_map", "The response as a map", _caption(data, single), figure)


def _caption(data: Mapping[str, Any], single: bool) -> str:
    which = data["input"][0] if single else ", ".join(data["input"])
    caption = (
        f"The response that held-out runs had at each site, and the best map from {which} at the "
        "same site, a polynomial"
    )
    caption += " or a spline." if single else ", over what it says."
    more = len(data["response"]) - _RESPONSES
    return caption + (f" The first {_RESPONSES} responses are shown." if more > 0 else "")


register(
    Figure("static_map", LOOKED_AT, draw, ("static/input", "static/measured", "static/answer")),
    place=12,
)
