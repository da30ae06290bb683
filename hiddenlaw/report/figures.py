"""All figures of a report, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from hiddenlaw.report.figure_bottleneck import bottleneck
from hiddenlaw.report.figure_complex_plane import complex_plane
from hiddenlaw.report.figure_equations import equations
from hiddenlaw.report.figure_residuals import residuals
from hiddenlaw.report.figure_run_constants import run_constants
from hiddenlaw.report.figure_samples import samples
from hiddenlaw.report.figure_transfer_matrix import transfer_matrix_figure
from hiddenlaw.report.figure_wave_function import wave_function
from hiddenlaw.report.style import Picture, house_style

Draw = Callable[[Mapping[str, Any], Mapping[str, np.ndarray]], Picture | None]

FIGURES: dict[str, Draw] = {
    "samples": samples,
    "bottleneck": bottleneck,
    "wave_function": wave_function,
    "complex_plane": complex_plane,
    "transfer_matrix": transfer_matrix_figure,
    "equations": equations,
    "run_constants": run_constants,
    "residuals": residuals,
}


def draw_figures(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> dict[str, Picture]:
    """Every figure that the record and its arrays allow, by name."""
    with house_style():
        drawn = {name: draw(record, arrays) for name, draw in FIGURES.items()}
    return {name: picture for name, picture in drawn.items() if picture is not None}
