"""Gains at rest: by how much a response rests higher for an input higher by one, −C A⁻¹ B."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.theory.readings._base import Read, gain_unit
from hiddenlaw.theory.readings.state_space import StateSpace


def gains(space: StateSpace, data: Dataset) -> Iterator[Read]:
    """One for each response and input; none of an integrator, which never rests."""
    if space.integrates:
        return
    whole = space.transfer()
    last, moved = whole.below[-1], whole.below_slopes[:, -1]
    for response, name in enumerate(data.response_names):
        for channel, pushed in enumerate(data.input_names):
            gain = whole.over[response, channel, -1] / last
            slopes = (whole.over_slopes[:, response, channel, -1] - gain * moved) / last
            unit = gain_unit(data, response, channel)
            yield Read(f"gain of {name} for {pushed}", float(gain), np.asarray(slopes), unit)
