"""Residuals, correlated with themselves and with each input, and what of that would be luck."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hiddenlaw.report import words
from hiddenlaw.report.figures.pairs import MOST, shown_pairs
from hiddenlaw.report.figures.picture import Picture
from hiddenlaw.report.figures.registry import Figure, register
from hiddenlaw.report.figures.style import CLASS_COLOURS, GREY, PALE, finite, new_figure
from hiddenlaw.report.headings import LEFT_OVER
from hiddenlaw.report.names import mathtext

_ARRAYS = tuple(
    f"correlation/{name}"
    for name in ("lags", "auto", "auto_bound", "shifts", "cross", "cross_bound")
)


def draw(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Picture | None:
    """A row of panels a response: with itself, and with each input."""
    lags, auto, auto_bound, shifts, cross, cross_bound = (finite(arrays[n]) for n in _ARRAYS)
    responses, inputs = shown_pairs(record)
    inputs = [
        (column, name)
        for column, name in enumerate(inputs)
        if np.isfinite(cross[:, :, column]).any()
    ]
    figure = new_figure(0.9 + 2.1 * len(responses))
    axes = figure.subplots(len(responses), 1 + len(inputs), squeeze=False)
    for row, response in enumerate(responses):
        name = mathtext(response)
        first = axes[row, 0]
        _draw(first, lags[1:], auto[1:, row], auto_bound[1:, row])
        first.set_title(f"residual of {name}, with itself")
        first.set_ylabel("correlation")
        first.set_xlabel("samples later")
        for panel, (column, channel) in zip(axes[row, 1:], inputs, strict=True):
            _draw(panel, shifts, cross[:, row, column], cross_bound[:, row, column])
            panel.axvline(0, color=PALE, lw=0.8, zorder=0)
            panel.set_title(f"residual of {name}, with {mathtext(channel)}")
            panel.set_xlabel("samples after the input")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    caption = _caption(record)
    return Picture("correlations", "Whether the residuals are noise", caption, figure)


def _draw(panel: Any, lags: np.ndarray, values: np.ndarray, bound: np.ndarray) -> None:
    panel.fill_between(
        lags, -bound, bound, color=PALE, alpha=0.6, lw=0, label="95 % of noise lies here"
    )
    panel.axhline(0, color=GREY, lw=0.6)
    inside = np.abs(values) <= bound
    panel.vlines(lags, 0, values, color=CLASS_COLOURS["linear"], lw=1.2)
    for where, face in ((inside, "white"), (~inside, CLASS_COLOURS["linear"])):
        panel.plot(
            lags[where],
            values[where],
            "o",
            ms=3.4,
            mfc=face,
            mec=CLASS_COLOURS["linear"],
            mew=0.9,
            label="inside" if face == "white" else "outside",
        )
    known = np.concatenate([np.abs(values), bound])
    most = 1.15 * float(np.max(known[np.isfinite(known)], initial=1e-3))
    panel.set_ylim(-most, most)


def _caption(record: Mapping[str, Any]) -> str:
    told = words.whiteness(record)
    text = (
        "Of pure noise one correlation in twenty lies outside the band. To the right of 0 the "
        "input comes first, so a correlation there is a response that the law lacks; to the left, "
        "the input answers the response, as it does under feedback."
    )
    data = record["dataset"]
    if max(len(data["response"]), len(data["input"])) > MOST:
        text += f" The first {MOST} responses and inputs are shown."
    return f"{text} Residuals: {told}." if told else text


register(Figure("correlations", LEFT_OVER, draw, _ARRAYS), place=82)
