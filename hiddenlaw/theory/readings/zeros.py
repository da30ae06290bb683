"""Zeros of each transfer function: at which exponentials of an input a response does not answer.

One in the right half plane, a positive number here, makes a response set out in the wrong direction
(a non-minimum phase).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.theory.readings._base import Read, rate_unit
from hiddenlaw.theory.readings.poles import in_polar_form, sorted_roots
from hiddenlaw.theory.readings.state_space import StateSpace


def zeros(space: StateSpace, data: Dataset) -> Iterator[Read]:
    """Those of each response for each input; a pair by its frequency and damping, like poles."""
    for response, name in enumerate(data.response_names):
        for channel, pushed in enumerate(data.input_names):
            real, pairs = sorted_roots(*space.zeros(response, channel), space.dx)
            of = f"of {name} for {pushed}"
            for number, (zero, slopes) in enumerate(real, start=1):
                unit = rate_unit(data, "1")
                yield Read(f"zero {number} {of}", zero.real, np.real(slopes), unit)
            for number, (zero, slopes) in enumerate(pairs, start=1):
                size, damping = in_polar_form(zero, slopes)
                yield Read(f"frequency of zeros {number} {of}", *size, rate_unit(data))
                yield Read(f"damping of zeros {number} {of}", *damping)
