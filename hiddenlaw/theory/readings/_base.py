"""What a reading is made from: a driven law, and the data's names and units."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.theory.readings.state_space import StateSpace


class Read(NamedTuple):
    """A number of a law by its name, and how it moves with the law's numbers: (p,)."""

    name: str
    value: float
    slopes: np.ndarray
    unit: str = ""


Reader = Callable[[StateSpace, Dataset], Iterable[Read]]


def unit_of_x(data: Dataset) -> str:
    return data.units.get(data.x_name, "")


def rate_unit(data: Dataset, angle: str = "rad") -> str:
    """rad/s, or 1/s; nothing where x has no unit."""
    x = unit_of_x(data)
    return f"{angle}/{x}" if x else ""


def gain_unit(data: Dataset, response: int, channel: int) -> str:
    """Of a response over an input."""
    over = data.units.get(data.response_names[response], "")
    under = data.units.get(data.input_names[channel], "")
    return f"{over or '1'}/{under}" if under else over
