"""How the figures look: one palette, safe for colour-blind readers, and one set of fonts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import numpy as np

from hiddenlaw.report.found import in_order
from hiddenlaw.report.values import superscript

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 150
WIDTH = 7.6  # inches; the page shows a figure at about this width

# Okabe and Ito's palette; a decoder class keeps its colour through the whole report.
CLASS_COLOURS = {"linear": "#0072B2", "quadratic": "#D55E00", "neural": "#009E73"}
OTHER_COLOURS = ("#CC79A7", "#E69F00", "#56B4E9")
CLASS_MARKERS = {"linear": "o", "quadratic": "s", "neural": "^"}
INK, GREY, PALE = "#1a1a1a", "#767676", "#c9c9c9"
DASHES = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (5, 1.5, 1, 1.5)))

_SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "mathtext.fontset": "dejavusans",
    "axes.titlesize": 9,
    "axes.titley": 1.0,  # always at the top of the axes: Matplotlib need not look for a free place
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.8,
    "axes.labelcolor": INK,
    "axes.formatter.useoffset": False,
    "axes.formatter.limits": (-4, 5),
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.4,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.hashsalt": "hiddenlaw",
}


@contextmanager
def house_style() -> Iterator[None]:
    """Matplotlib as this report wants it, whatever the user's own settings; put back afterwards."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


_elsewhere: ContextVar[Callable[[float, float], Any] | None] = ContextVar("made", default=None)


@contextmanager
def made_by(maker: Callable[[float, float], Any]) -> Iterator[None]:
    """Inside the block figures are what `maker` gives for a height and a width."""
    token = _elsewhere.set(maker)
    try:
        yield
    finally:
        _elsewhere.reset(token)


def new_figure(height: float, width: float = WIDTH) -> Figure:
    """A figure that no window and no global list of figures knows of; sizes in inches."""
    if (maker := _elsewhere.get()) is not None:
        return maker(height, width)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)  # its renderer measures text for the layout, and draws
    return figure


def colour_of(readout: str) -> str:
    known = CLASS_COLOURS.get(readout)
    return known or OTHER_COLOURS[sum(readout.encode()) % len(OTHER_COLOURS)]


def marker_of(readout: str) -> str:
    return CLASS_MARKERS.get(readout, "D")


def dashes_of(record: Mapping[str, Any]) -> dict[int, Any]:
    """A line style for every theory: solid for the first of its class, then others."""
    styles: dict[int, Any] = {}
    seen: dict[str, int] = {}
    for index, theory in in_order(record):
        count = seen.get(theory["readout"], 0)
        styles[index] = DASHES[count % len(DASHES)]
        seen[theory["readout"]] = count + 1
    return styles


def finite(values: Any) -> np.ndarray:
    """As float64, with NaN for whatever is not finite: drawn as a gap."""
    array = np.asarray(values, dtype=np.float64)
    return np.where(np.isfinite(array), array, np.nan)


def robust_limits(axes: Axes, values: np.ndarray, reference: np.ndarray) -> None:
    """Keep a diverged prediction from squeezing the measured curve into a line."""
    known = reference[np.isfinite(reference)]
    if not known.size:
        return
    low, high = float(known.min()), float(known.max())
    span = (high - low) or abs(high) or 1.0
    drawn = values[np.isfinite(values)]
    if drawn.size and (drawn.min() < low - 2 * span or drawn.max() > high + 2 * span):
        axes.set_ylim(low - 0.5 * span, high + 0.5 * span)


def decades(axis: Any, low: float, high: float) -> None:
    """At most eight labelled powers of ten, with no crowd of minor ticks between them.

    Their labels are plain text: as formulas they would take a tenth of the time of all figures.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(base=10, numticks=8))
    axis.set_major_formatter(FuncFormatter(_power_of_ten))
    if high / low > 1e3:
        axis.set_minor_locator(LogLocator(base=10, subs=[], numticks=8))
    else:
        axis.set_minor_formatter(NullFormatter())


def _power_of_ten(value: float, place: int | None = None) -> str:
    return f"10{superscript(str(round(math.log10(value))))}" if value > 0 else ""
