"""What the theories leave unexplained on held-out runs: along the runs, and run by run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hiddenlaw.report.figures.picture import Picture
from hiddenlaw.report.figures.registry import Figure, register
from hiddenlaw.report.figures.style import (
    DASHES,
    colour_of,
    dashes_of,
    decades,
    finite,
    marker_of,
    new_figure,
)
from hiddenlaw.report.found import in_order, label_of, of_its_runs
from hiddenlaw.report.headings import LEFT_OVER
from hiddenlaw.report.names import axis_label, mathtext, unit_of, verbatim
from hiddenlaw.report.values import rounded, typeset


def draw(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Picture | None:
    """Rms residual per site, and sorted relative errors per run, for each theory."""
    theories = [pair for pair in in_order(record) if f"residual/{pair[0]}" in arrays]
    if not theories:
        return None
    data = record["dataset"]
    figure = new_figure(3.5)
    sites, runs = figure.subplots(1, 2)
    dashes = dashes_of(record)
    rms_drawn, errors_drawn = [], []
    for index, theory in theories:
        rms = _rms(finite(arrays[f"residual/{index}"]))
        errors = np.sort(finite(arrays.get(f"error/{index}", np.empty(0))))
        _draw_sites(sites, _sites(arrays, len(rms)), rms, theory, data, dashes[index])
        _draw_runs(runs, errors, theory)
        rms_drawn.append(rms)
        errors_drawn.append(errors)
    _finish(sites, rms_drawn)
    _finish(runs, errors_drawn)
    sites.set_xlabel(axis_label(data.get("x", "x"), data.get("units")))
    sites.set_ylabel(_rms_label(data))
    runs.xaxis.get_major_locator().set_params(integer=True)
    runs.set_xlabel(of_its_runs(record, "held-out run, sorted"))
    runs.set_ylabel(of_its_runs(record, "squared error / variance of the run"))
    if any(len(errors) for errors in errors_drawn):
        runs.legend(loc="best", handletextpad=0.2)
    figure.legend(*sites.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    caption = _caption(rms_drawn, errors_drawn)
    return Picture("residuals", "What is left over", caption, figure)


def _sites(arrays: Mapping[str, np.ndarray], count: int) -> np.ndarray:
    """Where the sites lie, or their numbers where that is not known."""
    x = np.asarray(arrays.get("sample/x", ()))
    return x if len(x) == count else np.arange(count)


def _draw_sites(
    axes: Any,
    x: np.ndarray,
    rms: np.ndarray,
    theory: Mapping[str, Any],
    data: Mapping[str, Any],
    dashes: Any,
) -> None:
    single = rms.shape[1] == 1
    for channel in range(rms.shape[1]):
        name = "" if single else f", {data['response'][channel]}"
        judged = np.isfinite(rms[:, channel])
        axes.plot(
            x[judged],
            _positive(rms[judged, channel]),
            color=colour_of(theory["readout"]),
            ls=dashes if single else DASHES[channel % len(DASHES)],
            label=verbatim(label_of(theory) + name),
        )


def _draw_runs(axes: Any, errors: np.ndarray, theory: Mapping[str, Any]) -> None:
    marker, colour = marker_of(theory["readout"]), colour_of(theory["readout"])
    style = {"ms": 4, "mew": 0, "alpha": 0.8, "color": colour, "label": _spread(errors)}
    axes.plot(np.arange(1, len(errors) + 1), _positive(errors), marker, **style)


def _caption(rms_drawn: list[np.ndarray], errors_drawn: list[np.ndarray]) -> str:
    caption = (
        "Left, the root mean square over held-out runs of predicted minus measured response, site "
        "by site. Right, the error of each held-out run over its own variance, in increasing order."
    )
    if any(np.isnan(errors).any() for errors in errors_drawn):
        caption += " Runs whose prediction is not finite are left out."
    if any((values == 0).any() for values in (*rms_drawn, *errors_drawn)):
        caption += " Errors of exactly 0 are not drawn."
    return caption


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
    median, worst = (typeset(rounded(value)) for value in (np.median(known), known.max()))
    return f"median {median}, worst {worst}"


def _rms_label(data: Mapping[str, Any]) -> str:
    names = data["response"]
    if len(names) > 1:
        return "rms residual"
    unit = unit_of(data.get("units"), names[0])
    label = f"rms residual of {mathtext(names[0])}"
    return f"{label} ({verbatim(unit)})" if unit else label


register(Figure("residuals", LEFT_OVER, draw, ("residual/",)), place=80)
