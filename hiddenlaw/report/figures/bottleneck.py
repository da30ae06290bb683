"""The bottleneck sweep: reconstruction loss against latent dimension, per class of decoder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hiddenlaw.report.beside import Beside, beside_of
from hiddenlaw.report.figures.picture import Picture
from hiddenlaw.report.figures.registry import Figure, register
from hiddenlaw.report.figures.style import GREY, colour_of, decades, marker_of, new_figure
from hiddenlaw.report.headings import VARIABLES
from hiddenlaw.report.sweep import Sweep, sweep_of
from hiddenlaw.report.values import rounded, typeset
from hiddenlaw.report.words import seeds_saved


def draw(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Picture | None:
    """Every seed a dot, the best seed of every dimension on the line; None without a sweep."""
    sweep = sweep_of(record)
    if not sweep.classes or not sweep.dimensions:
        return None
    beside = beside_of(record)
    floor, top = _range(sweep, beside)
    figure = new_figure(3.9)
    axes = figure.subplots()
    axes.set_yscale("log")
    spread = 0.2 if len(sweep.classes) > 1 else 0.0
    shifts = np.linspace(-spread, spread, len(sweep.classes))
    for shift, readout in zip(shifts, sweep.classes, strict=True):
        _draw_class(axes, sweep, readout, float(shift), floor)
        _draw_beside(axes, beside, readout, float(shift), floor)
    _draw_mean(axes)
    margin = 2 * (top / floor) ** 0.03  # room for markers at the edges
    axes.set_ylim(floor / margin, top * margin)
    decades(axes.yaxis, floor, top)
    axes.set_xticks(sweep.dimensions)
    axes.set_xlim(min(sweep.dimensions) - 0.5, max(sweep.dimensions) + 0.5)
    axes.set_xlabel("latent dimension d")
    response = record.get("swept") == "response"
    left = "error on unseen runs" if response else "reconstruction loss"
    axes.set_ylabel(f"{left} / variance")
    figure.legend(loc="outside lower center", ncols=min(len(sweep.classes), 2))
    words = [*_caption(sweep, floor, response), seeds_saved(record), beside.said]
    caption = " ".join(filter(None, words))
    return Picture("bottleneck", "How many variables: the bottleneck", caption, figure)


def _draw_mean(axes: Any) -> None:
    """The loss of a model that knows nothing."""
    axes.axhline(1, color=GREY, lw=0.8, ls=(0, (4, 3)), zorder=0)
    axes.annotate(
        "the mean alone",
        (1, 1),
        xycoords=("axes fraction", "data"),
        xytext=(-2, 3),
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=8,
        color=GREY,
    )


def _draw_class(axes: Any, sweep: Sweep, readout: str, shift: float, floor: float) -> None:
    colour, marker = colour_of(readout), marker_of(readout)
    for dimension in sweep.dimensions:
        losses = [
            loss for loss in sweep.heldout(readout, dimension) if loss is not None and loss >= 0
        ]
        places = dimension + shift + 0.035 * (np.arange(len(losses)) - (len(losses) - 1) / 2)
        axes.plot(
            places,
            np.maximum(losses, floor) if losses else [],
            marker,
            ms=4.5,
            color=colour,
            alpha=0.45,
            mew=0,
        )
    best = [(d, sweep.best(readout, d)) for d in sweep.dimensions]
    line = [(d + shift, max(loss, floor)) for d, loss in best if loss is not None]
    chosen, jump = sweep.chosen.get(readout), sweep.jump(readout)
    label = f"{readout} decoder"
    if chosen is None:
        label += ": none suffices" if readout in sweep.chosen else ""  # or is not known yet
    else:
        label += f": d = {chosen}" + (f", jump {typeset(rounded(jump))}" if jump else "")
    axes.plot(*np.array(line).reshape(-1, 2).T, color=colour, marker=marker, ms=6, label=label)
    for dimension, loss in best:
        if dimension == chosen and loss is not None:
            place = (dimension + shift, max(loss, floor))
            axes.plot(*place, "o", ms=15, mfc="none", mec=colour, mew=1.6)


def _draw_beside(axes: Any, beside: Beside, readout: str, shift: float, floor: float) -> None:
    """What did not decide, hollow and dashed."""
    left = beside.left.get(readout)
    if not left:
        return
    places = np.array([(d + shift, max(loss, floor)) for d, loss in left])
    axes.plot(
        *places.T, ls=(0, (3, 2)), lw=1.0, color=colour_of(readout), marker=marker_of(readout),
        ms=6, mfc="white", label=f"{readout} decoder, of {beside.of[readout]}",
    )  # fmt: skip


def _losses(sweep: Sweep) -> list[float]:
    """Those of all seeds that did not diverge."""
    return [
        loss
        for readout in sweep.classes
        for dimension in sweep.dimensions
        for loss in sweep.heldout(readout, dimension)
        if loss is not None
    ]


def _range(sweep: Sweep, beside: Beside) -> tuple[float, float]:
    """From a little under the smallest positive loss, where zeros are drawn too, to the largest."""
    losses = _losses(sweep) + [loss for left in beside.left.values() for _, loss in left]
    positive = [loss for loss in losses if loss > 0]
    low = min(positive, default=1e-16)
    if any(loss == 0 for loss in losses):
        low /= 10
    return max(low, 1e-300), min(max([1.0, *positive]), 1e6)


def _caption(sweep: Sweep, floor: float, response: bool) -> list[str]:
    """What was swept are hidden states or, where there is no translator, the response itself."""
    words = [
        "Mean squared error of laws of so many variables, fitted to the response itself, on "
        "unseen runs, over its variance; a ring marks the law that is believed."
        if response
        else "Mean squared error of the reconstructed hidden states on held-out runs, over their "
        "variance. Each dot is a seed; lines join the seeds that trained best; a ring marks the "
        "smallest dimension that explains the data."
    ]
    missing = [
        f"{count} of {readout} at d = {dimension}"
        for readout in sweep.classes
        for dimension in sweep.dimensions
        if (count := sum(loss is None for loss in sweep.heldout(readout, dimension)))
    ]
    if missing:
        words.append(f"Seeds that diverged and are not drawn: {', '.join(missing)}.")
    losses = _losses(sweep)
    if any(loss == 0 for loss in losses):
        words.append(f"A loss of exactly 0 is drawn at {typeset(rounded(floor))}.")
    if any(loss > 1e6 for loss in losses):
        words.append("Losses above 10⁶ are cut off.")
    return words


register(Figure("bottleneck", VARIABLES, draw), place=20)
