"""The hidden variables along x, in the theory's gauge, over the true ones where known."""

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
    """Those of any law but one of a wave function, which has a figure of its own."""
    index = first_with_states(record, arrays, wave_only=False)
    if index is None or is_wave_function(record["theories"][index]):
        return None
    return draw_states(record, arrays, index, "hidden_state", "The hidden variables")


def draw_states(
    record: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    index: int,
    name: str,
    title: str,
) -> Picture:
    """The variables of the theory of this index along x, for a few runs."""
    theory = record["theories"][index]
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
    for row, variable in enumerate(names):
        zero = _near_zero(states[:runs, :, row])
        for run in range(runs):
            panel = axes[row, run]
            if zero:
                panel.axhline(0, color=PALE, lw=0.7, zorder=0)
            if truth is not None:
                panel.plot(x, truth[run, :, row], color=PALE, lw=4.5, label="truth, never shown")
            panel.plot(x, states[run, :, row], color=colour, ls=DASHES[0], label=label_of(theory))
        unit = unit_of(data.get("units"), variable)
        label = mathtext(variable) + (f" ({verbatim(unit)})" if unit else "")
        axes[row, 0].set_ylabel(label)
    for run in range(runs):
        axes[0, run].set_title(f"sample {run + 1}")
        axes[-1, run].set_xlabel(axis_label(data.get("x", "x"), data.get("units")))
    handles = axes[0, 0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=2)
    return Picture(name, title, _caption(names, truth, factor), figure)


def _near_zero(values: np.ndarray) -> bool:
    """Whether 0 is within, or no further off than values lie apart: a line there would not squeeze
    the curves.
    """
    known = values[np.isfinite(values)]
    span = float(np.ptp(known)) if known.size else 0.0
    return bool(known.size) and bool(known.min() - span <= 0 <= known.max() + span)


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


register(Figure("hidden_state", HIDDEN_STATE, draw, ("latent/", "sample/x")), place=31)
