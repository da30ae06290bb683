"""The hidden variables along x, canonical gauge, over the true ones where known."""

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
    is_wave_function,
    scale_note,
    true_states,
)
from hiddenlaw.report.figures.style import DASHES, PALE, colour_of, finite, new_figure
from hiddenlaw.report.found import label_of
from hiddenlaw.report.headings import HIDDEN_STATE
from hiddenlaw.report.names import axis_label, mathtext, pretty, unit_of, verbatim


def draw(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Picture | None:
    """Latent variables along x for a few runs; None where no theory kept its states."""
    index = first_with_states(record, arrays, wave_only=False)
    if index is None:
        return None
    theory = record["theories"][index]
    wave = is_wave_function(theory)
    states = finite(arrays[f"latent/{index}/states"])
    names = list(theory.get("state_names") or [f"g{i + 1}" for i in range(states.shape[2])])
    moving = [k for k, name in enumerate(names) if name != "1"]  # a driven law has a constant
    states, names = states[..., moving], [names[k] for k in moving]
    truth = true_states(arrays, names)
    states, truth, factor = align(states, truth, signed=names[0].startswith("psi"))
    data = record["dataset"]
    x, runs = finite(arrays["sample/x"]), min(RUNS, len(states))
    figure = new_figure(0.9 + 1.45 * len(names))
    axes = figure.subplots(len(names), runs, sharex=True, sharey="row", squeeze=False)
    colour = colour_of(theory["readout"])
    for row, name in enumerate(names):
        for run in range(runs):
            panel = axes[row, run]
            panel.axhline(0, color=PALE, lw=0.7, zorder=0)
            if truth is not None:
                panel.plot(x, truth[run, :, row], color=PALE, lw=4.5, label="truth, never shown")
            panel.plot(x, states[run, :, row], color=colour, ls=DASHES[0], label=label_of(theory))
        unit = unit_of(data.get("units"), name)
        label = mathtext(name) + (f" ({verbatim(unit)})" if unit else "")
        axes[row, 0].set_ylabel(label)
    for run in range(runs):
        axes[0, run].set_title(f"sample {run + 1}")
        axes[-1, run].set_xlabel(axis_label(data.get("x", "x"), data.get("units")))
    handles = axes[0, 0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=2)
    title = "The hidden wave function" if wave else "The hidden variables"
    return Picture("wave_function", title, _caption(names, truth, factor), figure)


def _caption(names: list[str], truth: np.ndarray | None, factor: float) -> str:
    listed = " and ".join(filter(None, [", ".join(map(pretty, names[:-1])), pretty(names[-1])]))
    caption = f"{listed} along the sample runs, as found from inputs and responses alone."
    sign = names[0].startswith("psi")
    if truth is not None:
        caption += " The truth of the simulation lies beneath; discovery never saw it."
        caption += scale_note(factor)
    if sign:
        caption += " The sign is free in every run" + (
            ", and taken from the truth." if truth is not None else "."
        )
    return caption


register(Figure("wave_function", HIDDEN_STATE, draw, ("latent/", "sample/x")), place=30)
