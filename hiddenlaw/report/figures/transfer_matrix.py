"""The matrix that takes the latent state across one cell, against the input there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hiddenlaw.report.figures.picture import Picture
from hiddenlaw.report.figures.registry import Figure, register
from hiddenlaw.report.figures.states import is_wave_function
from hiddenlaw.report.figures.style import (
    GREY,
    INK,
    PALE,
    colour_of,
    finite,
    new_figure,
)
from hiddenlaw.report.found import constant_over_cells, in_order, label_of, run_constants
from hiddenlaw.report.headings import SITE_TO_SITE
from hiddenlaw.report.names import axis_label, mathtext
from hiddenlaw.report.values import as_float, rounded, typeset


def exact_matrix(record: Mapping[str, Any], input: np.ndarray) -> np.ndarray | None:
    """The transfer matrix of ψ″ = (κV − E)ψ over a cell; None where κ and E are not known."""
    parameters = (record.get("truth") or {}).get("parameters") or {}
    kappa, energy = as_float(parameters.get("kappa")), as_float(parameters.get("energy"))
    data = record["dataset"]
    if not np.isfinite([kappa, energy]).all() or not constant_over_cells(record):
        return None
    if len(data["input"]) != 1:
        return None
    from hiddenlaw.systems import transfer_matrix

    return transfer_matrix(kappa * input - energy, float(data["dx"]))


def exact_invariants(
    matrix: np.ndarray | None, theory: Mapping[str, Any]
) -> dict[str, np.ndarray] | None:
    """Trace and determinant in any basis: of the matrix itself (d = 2), or of its symmetric square.

    The three densities ψ², ψψ′, ψ′² move with the symmetric square, whose trace is tr² − det.
    """
    if matrix is None or len(theory.get("state_names") or ()) not in (2, 3):
        return None
    trace = np.trace(matrix, axis1=-2, axis2=-1)
    determinant = np.linalg.det(matrix)
    if is_wave_function(theory):
        return {"trace": trace, "determinant": determinant}
    if theory["dimension"] == 3 and theory["readout"] == "linear":
        return {"trace": trace**2 - determinant, "determinant": determinant**3}
    return None


def draw(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Picture | None:
    """For each theory trace and determinant, and for two variables the four entries too."""
    theories = [
        pair
        for pair in in_order(record)
        if np.ndim(arrays.get(f"transfer/{pair[0]}/matrix", 0)) == 3
    ]
    if not theories:
        return None
    from matplotlib.lines import Line2D

    input = finite(arrays["transfer/input"])
    exact = exact_matrix(record, input)
    rows = [2 if _has_entries(theory) else 1 for _, theory in theories]
    figure = new_figure(0.9 + 1.75 * sum(rows) + 0.2 * len(rows))
    strips = figure.subfigures(len(rows), 1, height_ratios=rows, squeeze=False)[:, 0]
    for strip, (index, theory) in zip(strips, theories, strict=True):
        matrix = finite(arrays[f"transfer/{index}/matrix"])
        strip.suptitle(label_of(theory), x=0.01, ha="left", fontsize=9.5, weight="bold")
        _draw_theory(strip, record, theory, input, matrix, exact)
    known = any(exact_invariants(exact, theory) for _, theory in theories)
    handles = [
        Line2D([], [], color=colour_of(theory["readout"]), label=label_of(theory))
        for _, theory in theories
    ]
    if known:
        handles.append(Line2D([], [], color=PALE, lw=4.5, label="exact"))
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return Picture("transfer_matrix", "The transfer matrix", _caption(record, known), figure)


def _caption(record: Mapping[str, Any], known: bool) -> str:
    caption = (
        "How the state moves across one cell, in the canonical gauge: g ↦ W g. Trace and "
        "determinant do not depend on the basis; a determinant of 1 is a conserved Wronskian."
    )
    if known:
        caption += (
            " Broad grey lines are exact: for two variables tr W = 2 cos(k dx) and det W = 1, with "
            "k² = E − κV; for three tr W = 4 cos²(k dx) − 1. Δ is the largest difference."
        )
    if len(record["dataset"]["input"]) > 1:
        caption += " The other inputs are held at one value."
    if run_constants(record):
        caption += " Constants of the runs are at their mean."
    return caption


def _has_entries(theory: Mapping[str, Any]) -> bool:
    return theory["dimension"] == 2


def _draw_theory(
    strip: Any,
    record: Mapping[str, Any],
    theory: Mapping[str, Any],
    input: np.ndarray,
    matrix: np.ndarray,
    exact: np.ndarray | None,
) -> None:
    entries = _has_entries(theory)
    axes = strip.subplots(2 if entries else 1, 3 if entries else 2, sharex=True, squeeze=False)
    data = record["dataset"]
    colour = colour_of(theory["readout"])
    invariants = exact_invariants(exact, theory) or {}
    if entries:
        names = list(theory.get("state_names") or ("g1", "g2"))
        for row, column in np.ndindex(2, 2):
            known = (
                exact[:, row, column] if exact is not None and is_wave_function(theory) else None
            )
            panel = axes[row, column]
            _draw_curve(panel, input, matrix[:, row, column], known, colour)
            panel.set_ylabel(f"{mathtext(names[column])} → {mathtext(names[row])}")
    trace, determinant = (axes[0, 2], axes[1, 2]) if entries else axes[0]
    _draw_curve(trace, input, np.trace(matrix, axis1=1, axis2=2), invariants.get("trace"), colour)
    trace.set_ylabel(r"tr $W$")
    with np.errstate(invalid="ignore", over="ignore"):  # gaps are drawn as gaps
        determinants = finite(np.linalg.det(matrix))
    _draw_curve(determinant, input, determinants, invariants.get("determinant"), colour)
    determinant.set_ylabel(r"det $W$")
    low, high = determinant.get_ylim()
    determinant.set_ylim(min(low, 0.95), max(high, 1.05))
    for panel in axes[-1]:
        panel.set_xlabel(axis_label(data["input"][0], data.get("units")))


def _draw_curve(
    panel: Any, input: np.ndarray, values: np.ndarray, exact: np.ndarray | None, colour: str
) -> None:
    if exact is not None:
        panel.plot(input, exact, color=PALE, lw=4.5)
        difference = np.abs(values - exact)
        if np.isfinite(difference).any():
            shown = typeset(rounded(np.nanmax(difference)))
            panel.set_title(f"Δ ≤ {shown}", loc="right", fontsize=8, color=GREY, pad=2)
    panel.plot(input, values, color=colour)
    drawn = values[np.isfinite(values)]
    # A constant is a line through the middle, not noise blown up to fill the panel.
    if drawn.size and np.ptp(drawn) < 1e-6 * max(np.abs(drawn).max(), 1e-12):
        middle = float(drawn.mean())
        panel.set_ylim(middle - 0.05 * (abs(middle) or 1), middle + 0.05 * (abs(middle) or 1))
    panel.tick_params(colors=INK)


register(Figure("transfer_matrix", SITE_TO_SITE, draw, ("transfer/input",)), place=50)
