"""What the theories leave unexplained on held-out runs: along the runs, and run by run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hiddenlaw.report.figures.style import (
    DASHES,
    Picture,
    colour_of,
    dashes_of,
    decades,
    finite,
    label_of,
    marker_of,
    new_figure,
    ranked,
)
from hiddenlaw.report.names import axis_label, mathtext, unit_of, verbatim
from hiddenlaw.report.values import number, typeset


def residuals(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Picture | None:
    """Rms residual per site, and sorted relative errors per run, for each theory."""
    theories = [pair for pair in ranked(record) if f"residual/{pair[0]}" in arrays]
    if not theories:
        return None
    data = record["dataset"]
    figure = new_figure(3.5)
    sites, runs = figure.subplots(1, 2)
    dashes = dashes_of(record)
    rms_drawn, errors_drawn, zeros = [], [], False
    for index, theory in theories:
        colour = colour_of(theory["readout"])
        residual = finite(arrays[f"residual/{index}"])
        rms = _rms(residual)
        zeros |= bool((rms == 0).any())
        rms_drawn.append(rms)
        x = arrays.get("sample/x", np.arange(len(rms)))
        x = x if len(x) == len(rms) else np.arange(len(rms))
        for channel in range(rms.shape[1]):
            style = dashes[index] if rms.shape[1] == 1 else DASHES[channel % len(DASHES)]
            name = "" if rms.shape[1] == 1 else f" {data['response'][channel]}"
            label = verbatim(label_of(theory) + (f",{name}" if name else ""))
            judged = np.isfinite(rms[:, channel])
            values = _positive(rms[judged, channel])
            sites.plot(np.asarray(x)[judged], values, color=colour, ls=style, label=label)
        errors = np.sort(finite(arrays.get(f"error/{index}", np.empty(0))))
        zeros |= bool((errors == 0).any())
        errors_drawn.append(errors)
        label = _spread(errors)
        place = np.arange(1, len(errors) + 1)
        style = {"ms": 4, "mew": 0, "alpha": 0.8, "color": colour}
        runs.plot(place, _positive(errors), marker_of(theory["readout"]), label=label, **style)
    _finish(sites, rms_drawn)
    _finish(runs, errors_drawn)
    sites.set_xlabel(axis_label(data.get("x", "x"), data.get("units")))
    sites.set_ylabel(_rms_label(data))
    runs.xaxis.get_major_locator().set_params(integer=True)
    runs.set_xlabel("held-out run, sorted")
    runs.set_ylabel("squared error / variance of the run")
    if any(len(errors) for errors in errors_drawn):
        runs.legend(loc="best", handletextpad=0.2)
    figure.legend(*sites.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    caption = (
        "Left, the root mean square over held-out runs of predicted minus measured response, site "
        "by site. Right, the error of each held-out run over its own variance, in increasing order."
    )
    if any(np.isnan(errors).any() for errors in errors_drawn):
        caption += " Runs whose prediction is not finite are left out."
    if zeros:
        caption += " Errors of exactly 0 are not drawn."
    return Picture("residuals", "What is left over", caption, figure)


def _rms(residual: np.ndarray) -> np.ndarray:
    """(sites, channels), leaving out runs whose prediction is not finite."""
    known = np.isfinite(residual)
    squares = np.where(known, residual, 0.0) ** 2
    count = known.sum(axis=0)
    return np.sqrt(np.where(count > 0, squares.sum(axis=0) / np.maximum(count, 1), np.nan))


def _positive(values: np.ndarray) -> np.ndarray:
    return np.where(values > 0, values, np.nan)


def _finish(axes: Any, drawn: list[np.ndarray]) -> None:
    every = np.concatenate([values.ravel() for values in drawn])
    every = every[np.isfinite(every) & (every > 0)]
    if every.size:
        axes.set_yscale("log")
        low, high = float(every.min()), float(every.max())
        low, high = max(low, high * 1e-40) / 3, high * 3
        axes.set_ylim(low, high)
        decades(axes.yaxis, low, high)


def _spread(errors: np.ndarray) -> str:
    known = errors[np.isfinite(errors)]
    if not known.size:
        return "no finite error"
    median, worst = (typeset(number(value)) for value in (np.median(known), known.max()))
    return f"median {median}, worst {worst}"


def _rms_label(data: Mapping[str, Any]) -> str:
    names = data["response"]
    if len(names) > 1:
        return "rms residual"
    unit = unit_of(data.get("units"), names[0])
    label = f"rms residual of {mathtext(names[0])}"
    return f"{label} ({verbatim(unit)})" if unit else label
