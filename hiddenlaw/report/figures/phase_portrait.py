"""The phase portrait of a law of two variables: where the state is driven, and where runs went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hiddenlaw.report.figures.picture import Picture
from hiddenlaw.report.figures.registry import Figure, register
from hiddenlaw.report.figures.style import GREY, colour_of, finite, new_figure
from hiddenlaw.report.found import selected_theory
from hiddenlaw.report.headings import HIDDEN_STATE
from hiddenlaw.report.names import mathtext, unit_of, verbatim
from hiddenlaw.report.values import compact

_LENGTH = 0.9  # of the way to the next arrow


def draw(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Picture | None:
    """None for a law that is linear in its state, or of other than two variables."""
    theory = selected_theory(record)
    if theory is None or "phase/field" not in arrays:
        return None
    first, second = finite(arrays["phase/first"]), finite(arrays["phase/second"])
    spans = np.array([np.ptp(first), np.ptp(second)])
    # Directions as they look in the picture, all arrows of one length.
    field = finite(arrays["phase/field"]) / spans
    size = np.linalg.norm(field, axis=-1, keepdims=True)
    arrows = field / np.where(size > 0, size, 1.0) * spans * _LENGTH / len(first)
    figure = new_figure(4.6)
    axes = figure.subplots()
    axes.quiver(
        first, second, arrows[..., 0], arrows[..., 1], color=GREY, angles="xy", pivot="mid",
        scale_units="xy", scale=1, width=0.0022, label="where the law drives it",
    )  # fmt: skip
    place = int(record.get("selected") or 0)
    states_of = finite(arrays[f"latent/{place}/states"])
    for run, states in enumerate(states_of):
        label = "held-out runs" if run == 0 else None
        axes.plot(*states.T, color=colour_of(theory["readout"]), lw=1.1, alpha=0.8, label=label)
    for stable in (True, False):
        rests = [e["state"] for e in record.get("equilibria") or () if e["stable"] is stable]
        if rests:
            face = "black" if stable else "white"
            name = f"{'stable' if stable else 'unstable'} equilibrium"
            axes.plot(*np.array(rests).T, "o", ms=6, mec="black", mfc=face, ls="", label=name)
    for limits, shown, k in ((axes.set_xlim, first, 0), (axes.set_ylim, second, 1)):
        every = np.concatenate([shown, states_of[..., k].ravel()])
        limits(np.nanmin(every) - 0.04 * spans[k], np.nanmax(every) + 0.04 * spans[k])
    units, names = record["dataset"].get("units"), theory["state_names"]
    for name, label in zip(names, (axes.set_xlabel, axes.set_ylabel), strict=True):
        unit = unit_of(units, name)
        label(mathtext(name) + (f" ({verbatim(unit)})" if unit else ""))
    figure.legend(loc="outside lower center", ncols=2)
    return Picture("phase_portrait", "The phase portrait", _caption(record), figure)


def _caption(record: Mapping[str, Any]) -> str:
    said = "Arrows show where the law drives the state while the input stays at its mean"
    means = (record.get("equilibria") or [{}])[0].get("input") or []
    named = zip(record["dataset"]["input"], means, strict=False)
    values = ", ".join(f"{name} = {compact(value, 3)}" for name, value in named)
    return f"{said}{f', {values}' if values else ''}; lines are held-out runs, whose input varies."


register(Figure("phase_portrait", HIDDEN_STATE, draw, ("phase/", "latent/")), place=35)
