"""The hidden variables along x, canonical gauge, over the true ones where known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hiddenlaw.report.figures.style import (
    DASHES,
    PALE,
    Picture,
    colour_of,
    finite,
    label_of,
    new_figure,
    ranked,
)
from hiddenlaw.report.names import axis_label, mathtext, pretty, unit_of, verbatim

RUNS = 4


def is_wave_function(theory: Mapping[str, Any]) -> bool:
    """Whether the state is (ψ, ψ′) of one real wave function."""
    return list(theory.get("state_names") or ()) == ["psi", "psi'"]


def first_with_states(
    record: Mapping[str, Any], arrays: Mapping[str, np.ndarray], *, wave_only: bool
) -> int | None:
    """Index of the most parsimonious theory whose states were kept; a wave function goes first."""
    known = [pair for pair in ranked(record) if len(arrays.get(f"latent/{pair[0]}/states", ()))]
    waves = [index for index, theory in known if is_wave_function(theory)]
    if waves or wave_only:
        return waves[0] if waves else None
    return known[0][0] if known else None


def true_states(arrays: Mapping[str, np.ndarray], names: list[str]) -> np.ndarray | None:
    """The true states (runs, sites, d) by the names of the latent ones; None if one is unknown."""
    if not all(f"truth/{name}" in arrays for name in names):
        return None
    return finite(np.stack([arrays[f"truth/{name}"] for name in names], axis=-1))


def align(
    states: np.ndarray, truth: np.ndarray | None, *, signed: bool
) -> tuple[np.ndarray, np.ndarray | None, float]:
    """Latent states with the sign of the truth, run by run, and the truth in their scale.

    ψ and -ψ give the same density, and the scale of ψ is convention, so a sign per run and one
    factor for all runs are free. Returns the factor too; it is 1 where nothing is known.
    """
    if truth is None:
        return states, None, 1.0
    if signed:
        overlap = np.nansum(states * truth, axis=(1, 2), keepdims=True)
        states = np.where(overlap < 0, -states, states)
    norm = float(np.nansum(truth**2))
    factor = float(np.nansum(states * truth)) / norm if norm > 0 else 1.0
    if not factor > 0:
        factor = 1.0
    return states, truth * factor, factor


def scale_note(factor: float) -> str:
    """Says so, where the truth is not drawn in its own scale."""
    if abs(factor - 1) < 1e-3:
        return ""
    return f" The true one is drawn times {factor:.4g}: its scale is convention."


def wave_function(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Picture | None:
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
