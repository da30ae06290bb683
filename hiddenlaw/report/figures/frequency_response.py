"""Amplitude and phase with which each response answers each frequency of each input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hiddenlaw.report.figures.pairs import left_out, pair_label, shown_pairs
from hiddenlaw.report.figures.picture import Picture
from hiddenlaw.report.figures.registry import Figure, register
from hiddenlaw.report.figures.style import CLASS_COLOURS, PALE, decades, finite, new_figure
from hiddenlaw.report.headings import RESPONSES
from hiddenlaw.report.names import mathtext, unit_of, verbatim

_NORMAL = 1.96
_ARRAYS = tuple(
    f"frequency/{name}" for name in ("omega", "magnitude", "log_stderr", "phase", "phase_stderr")
)
_PER_DECADE = 40.0  # a range below this is labelled between powers of ten
_DEGREES = (5, 15, 45, 90, 180, 360, 720, 1440, 3600)  # between two labels
_LABELS = 6


def draw(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Picture | None:
    """Of each response a row of amplitudes over one of phases, a column an input."""
    omega, magnitude, log_stderr, phase, phase_stderr = (finite(arrays[name]) for name in _ARRAYS)
    if not (magnitude > 0).any():
        return None
    responses, inputs = shown_pairs(record)
    figure = new_figure(0.9 + 3.6 * len(responses))
    rows = 2 * len(responses)
    heights = [1.3, 1.0] * len(responses)
    axes = figure.subplots(rows, len(inputs), squeeze=False, sharex=True, height_ratios=heights)
    for row, column in np.ndindex(len(responses), len(inputs)):
        above: Any = axes[2 * row, column]
        below: Any = axes[2 * row + 1, column]
        above.set_ylabel(pair_label(record, responses[row], inputs[column]))
        at = (slice(None), row, column)
        _draw_magnitude(above, omega, magnitude[at], log_stderr[at], decibels=len(inputs) == 1)
        _draw_phase(below, omega, phase[at], phase_stderr[at])
        if not row:
            _in_hertz(above, record)
    for panel in axes[-1]:
        panel.set_xlabel(_frequency_label(record))
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2)
    title = "Frequency response"
    return Picture("frequency_response", title, _caption(record), figure)


def _draw_magnitude(
    panel: Any, omega: np.ndarray, values: np.ndarray, log_stderr: np.ndarray, *, decibels: bool
) -> None:
    values = np.where(values > 0, values, np.nan)
    panel.set_xscale("log")
    panel.set_yscale("log")
    reach = np.exp(_NORMAL * np.minimum(log_stderr, 3.0))
    _band(panel, omega, values / reach, values * reach)
    panel.plot(omega, values, color=CLASS_COLOURS["linear"], label="by the law")
    panel.set_xlim(omega[0], omega[-1])
    decades(panel.xaxis, omega[0], omega[-1])
    if not np.isfinite(values).any():
        return
    low, high = np.nanmin(values) / 1.3, np.nanmax(values) * 1.3
    panel.set_ylim(low, high)
    if high / low > _PER_DECADE:
        decades(panel.yaxis, low, high)
    else:
        _between_decades(panel.yaxis)
    panel.grid(color=PALE, lw=0.5)
    if decibels:
        right = panel.twinx()
        right.set_ylim(20 * np.log10(low), 20 * np.log10(high))
        right.set_ylabel("dB")
        right.spines["right"].set_visible(True)


def _between_decades(axis: Any) -> None:
    """Labels at 1, 2 and 5 times powers of ten."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    axis.set_major_locator(LogLocator(base=10, subs=(1, 2, 5)))
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_minor_formatter(NullFormatter())


def _draw_phase(panel: Any, omega: np.ndarray, values: np.ndarray, stderr: np.ndarray) -> None:
    from matplotlib.ticker import MultipleLocator

    reach = _NORMAL * stderr
    _band(panel, omega, values - reach, values + reach)
    panel.plot(omega, values, color=CLASS_COLOURS["linear"])
    panel.set_ylabel("phase (°)")
    panel.grid(color=PALE, lw=0.5)
    known = values[np.isfinite(values)]
    if known.size:
        low, high = float(known.min()), float(known.max())
        span = max(high - low, 10.0)
        panel.set_ylim(low - 0.08 * span, high + 0.08 * span)
        fits = [step for step in _DEGREES if span / step <= _LABELS]
        panel.yaxis.set_major_locator(MultipleLocator(fits[0] if fits else span / _LABELS))


def _band(panel: Any, x: np.ndarray, below: np.ndarray, above: np.ndarray) -> None:
    if np.isfinite(below).any():
        colour = CLASS_COLOURS["linear"]
        panel.fill_between(x, below, above, color=colour, alpha=0.25, lw=0, label="95 %")


def _frequency_label(record: Mapping[str, Any]) -> str:
    x = _unit_of_x(record)
    name = mathtext(record["dataset"].get("x", "x"))
    return f"frequency (rad/{x})" if x else f"angular frequency (radians per unit of {name})"


def _in_hertz(panel: Any, record: Mapping[str, Any]) -> None:
    """A second axis above, where x is in seconds."""
    if _unit_of_x(record) != "s":
        return
    above = panel.twiny()
    low, high = (float(end) / (2 * np.pi) for end in panel.get_xlim())
    above.set_xscale("log")
    above.set_xlim(low, high)
    decades(above.xaxis, low, high)
    above.spines["top"].set_visible(True)
    above.set_xlabel("frequency (Hz)")


def _unit_of_x(record: Mapping[str, Any]) -> str:
    data = record["dataset"]
    return verbatim(unit_of(data.get("units"), str(data.get("x", "x"))))


def _caption(record: Mapping[str, Any]) -> str:
    late = any(entry["value"] for entry in record.get("dead_time") or ())
    text = (
        "Above, the amplitude with which a response answers a sine of an input; below, by how much "
        "it leads (a negative phase lags"
        + (", here by the dead time as well). " if late else "). ")
        + "The axis ends at Nyquist's frequency, half that of the samples. Bands: 95 % at each "
        "frequency, from the errors of coefficients and dead times."
    )
    return text + left_out(record)


register(Figure("frequency_response", RESPONSES, draw, _ARRAYS), place=36)
