"""The hidden wave function along x, over the true one where known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hiddenlaw.report.figures.hidden_state import draw_states
from hiddenlaw.report.figures.picture import Picture
from hiddenlaw.report.figures.registry import Figure, register
from hiddenlaw.report.figures.states import first_with_states
from hiddenlaw.report.headings import HIDDEN_STATE


def draw(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Picture | None:
    """ψ and ψ′ along x for a few runs; None where no theory has a wave function."""
    index = first_with_states(record, arrays, wave_only=True)
    if index is None:
        return None
    return draw_states(record, arrays, index, "wave_function", "The hidden wave function")


register(Figure("wave_function", HIDDEN_STATE, draw, ("latent/", "sample/x")), place=30)
