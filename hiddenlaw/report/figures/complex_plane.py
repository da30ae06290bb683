"""ψ + iψ′/k̄ in the complex plane: a free wave would run round a circle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hiddenlaw.report.figures.picture import Picture
from hiddenlaw.report.figures.registry import Figure, register
from hiddenlaw.report.figures.states import (
    RUNS,
    align,
    first_with_states,
    scale_note,
    true_states,
)
from hiddenlaw.report.figures.style import GREY, INK, PALE, finite, new_figure
from hiddenlaw.report.headings import HIDDEN_STATE
from hiddenlaw.report.names import axis_label
from hiddenlaw.report.values import rounded, typeset


def mean_wave_number(states: np.ndarray) -> float:
    """k̄ with k̄² = mean ψ′² / mean ψ², over all runs and sites."""
    psi, slope = (np.nanmean(states[..., k] ** 2) for k in (0, 1))
    ratio = float(slope / psi) if psi > 0 else 0.0
    return float(np.sqrt(ratio)) if np.isfinite(ratio) and ratio > 0 else 1.0


def draw(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Picture | None:
    """One panel a run; None where no theory has the state (ψ, ψ′)."""
    index = first_with_states(record, arrays, wave_only=True)
    if index is None or not np.isfinite(arrays[f"latent/{index}/states"]).any():
        return None
    truth = true_states(arrays, ["psi", "psi'"])
    states, truth, factor = align(finite(arrays[f"latent/{index}/states"]), truth, signed=True)
    data, x = record["dataset"], finite(arrays["sample/x"])
    wave_number = mean_wave_number(states)
    runs = min(RUNS, len(states))
    figure = new_figure({1: 4.2, 2: 3.9, 3: 3.1}.get(runs, 2.7))
    axes = figure.subplots(1, runs, sharex=True, sharey=True, squeeze=False)[0]
    colours = None
    for run, panel in enumerate(axes):
        panel.axhline(0, color=PALE, lw=0.7, zorder=0)
        panel.axvline(0, color=PALE, lw=0.7, zorder=0)
        if truth is not None:
            true = panel.plot(
                truth[run, :, 0], truth[run, :, 1] / wave_number, color=PALE, lw=4, zorder=1
            )
            true[0].set_label("truth, never shown")
        real, imaginary = states[run, :, 0], states[run, :, 1] / wave_number
        panel.plot(real, imaginary, color=GREY, lw=0.7, zorder=2)
        colours = panel.scatter(real, imaginary, c=x, cmap="viridis", s=9, lw=0, zorder=3)
        panel.plot(real[0], imaginary[0], "o", ms=8, mfc="none", mec=INK, label="first site")
        panel.set_aspect("equal", adjustable="box")
        panel.set_title(f"sample {run + 1}")
        panel.set_xlabel(r"$\psi$")
    axes[0].set_ylabel(r"$\psi'/\,\bar{k}$")
    if colours is not None:
        bar = figure.colorbar(colours, ax=list(axes), shrink=0.8, pad=0.01, aspect=25)
        bar.set_label(axis_label(data.get("x", "x"), data.get("units")))
        bar.outline.set_visible(False)  # pyright: ignore[reportCallIssue]
    handles = axes[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=2)
    caption = (
        f"ψ + iψ′/k̄ along the sample runs, with k̄ = {typeset(rounded(wave_number, 3))} the root of "
        "mean ψ′² over mean ψ². Under a constant input it would run round an ellipse."
    ) + scale_note(factor)
    return Picture("complex_plane", "The phase of the hidden wave", caption, figure)


register(Figure("complex_plane", HIDDEN_STATE, draw, ("latent/", "sample/x")), place=40)
