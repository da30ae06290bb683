"""A trap, the levels that a discovered law gives it, and their wave functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hiddenlaw.levels.bound_states import BoundStates
from hiddenlaw.report.figures.picture import Picture
from hiddenlaw.report.figures.style import (
    GREY,
    INK,
    OTHER_COLOURS,
    PALE,
    house_style,
    new_figure,
)
from hiddenlaw.report.names import axis_label, mathtext, unit_of, verbatim

_COLOURS = ("#0072B2", "#D55E00", "#009E73", *OTHER_COLOURS)


def levels_figure(
    found: BoundStates,
    *,
    x_name: str = "x",
    input_name: str = "V",
    variable: str = "psi",
    units: Mapping[str, str] | None = None,
    trap: str = "",
) -> Picture:
    """V(x), a line at every level, and ψ_n in arbitrary scale with its zero at that line."""
    with house_style():
        figure = new_figure(4.6)
        axes = figure.subplots()
        axes.plot(
            found.x, found.input, color=INK, lw=1.8, label=f"{mathtext(input_name)}, the trap"
        )
        low, high = _heights(found)
        step = _step(found, high - low)
        high += 0.5 * step
        _draw_waves(axes, found, 0.5 * step, variable)
        if low <= found.edge <= high:
            axes.axhline(found.edge, color=PALE, ls="--", zorder=0, label="edge of the trap")
        axes.set_xlim(*_reach(found))
        axes.set_ylim(low, high)
        axes.set_xlabel(axis_label(x_name, units))
        unit = verbatim(unit_of(units, input_name))
        axes.set_ylabel(f"{mathtext(input_name)} and $E_n$" + (f" ({unit})" if unit else ""))
        _name_levels(axes, found, 0.04 * (high - low))
        figure.legend(loc="outside lower center", ncols=4)
    lowest = "lowest level" if found.number == 1 else f"{found.number} lowest levels"
    caption = (
        f"The {lowest} of the trap{f' {trap}' if trap else ''}, by the discovered law, and the "
        "wave functions."
    )
    return Picture("levels", "Energy levels", caption, figure)


def _step(found: BoundStates, height: float) -> float:
    """The usual distance of two levels, within what can be seen in a picture of this height."""
    gaps = np.abs(np.diff(found.energies))
    step = float(np.median(gaps)) if gaps.size else np.inf
    return min(max(step, 0.04 * height), 0.25 * height)


def _draw_waves(axes: Any, found: BoundStates, amplitude: float, variable: str) -> None:
    """A line at every level, and its wave function with its zero at that line."""
    waves = found.wave_functions
    shown = np.abs(waves).max(initial=1e-300)
    for n, energy in enumerate(found.energies):
        colour = _COLOURS[n % len(_COLOURS)]
        axes.axhline(energy, color=colour, lw=0.7, alpha=0.6, zorder=1)
        axes.plot(found.x, energy + amplitude * waves[n] / shown, color=colour)
    axes.plot([], [], color=GREY, lw=0.7, label="levels $E_n$")
    symbol = mathtext(variable).strip("$")
    axes.plot([], [], color=GREY, label=f"${symbol}_n$, not to scale")


def _heights(found: BoundStates) -> tuple[float, float]:
    """From below the bottom of the trap to above its highest level."""
    bottom = float(found.input.min())
    top = float(found.energies.max()) if found.number else float(found.input.max())
    if np.isfinite(found.edge) and found.edge < top + 0.5 * (top - bottom):
        top = max(top, found.edge)
    room = 0.12 * ((top - bottom) or 1.0)
    return bottom - room / 2, top + room


def _reach(found: BoundStates) -> tuple[float, float]:
    """Where any of the wave functions is seen, and a little more."""
    waves = np.abs(found.wave_functions)
    seen = (waves > 0.01 * waves.max(axis=1, keepdims=True, initial=0.0)).any(axis=0)
    if not seen.any():
        return float(found.x[0]), float(found.x[-1])
    x = found.x[seen]
    room = 0.06 * float(x[-1] - x[0])
    return max(float(x[0]) - room, found.x[0]), min(float(x[-1]) + room, found.x[-1])


def _name_levels(axes: Any, found: BoundStates, room: float) -> None:
    """n beside each level on the right; neighbours too close for that share a line."""
    groups: list[list[int]] = []
    for n, energy in enumerate(found.energies):
        if groups and abs(energy - found.energies[groups[-1][0]]) < room:
            groups[-1].append(n)
        else:
            groups.append([n])
    for group in groups:
        listed = ", ".join(map(str, group)) if len(group) < 3 else f"{group[0]}–{group[-1]}"
        axes.annotate(
            f"$n$ = {listed}",
            (1.0, found.energies[group[0]]),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=_COLOURS[group[0] % len(_COLOURS)],
        )
