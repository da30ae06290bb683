"""All figures of a report, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from hiddenlaw.report.figures.bottleneck import bottleneck
from hiddenlaw.report.figures.complex_plane import complex_plane
from hiddenlaw.report.figures.equations import equations
from hiddenlaw.report.figures.residuals import residuals
from hiddenlaw.report.figures.run_constants import run_constants
from hiddenlaw.report.figures.samples import samples
from hiddenlaw.report.figures.style import Picture, house_style
from hiddenlaw.report.figures.transfer_matrix import transfer_matrix_figure
from hiddenlaw.report.figures.wave_function import wave_function

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
