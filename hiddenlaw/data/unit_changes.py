"""A dataset in the units of another one, where both are of one kind: millimetres and metres."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.units import converted, factor_of, quantity_class, text_of, unit_called
from hiddenlaw.errors import DataError


def in_units_of(first: Dataset, part: Dataset) -> Dataset:
    """The part in the units of the first; as it is where these are of other kinds.

    It is as it is, too, where pint does not know a unit, or is not there.
    """
    shared = part.units.keys() & first.units.keys()
    names = sorted(name for name in shared if part.units[name] != first.units[name])
    for name in names:
        try:
            part = _changed(part, name, first.units[name])
        except DataError:
            continue  # told as a disagreement
    return part


def _changed(part: Dataset, name: str, unit: str) -> Dataset:
    """The same with one channel, or the grid, in another unit. Raises `DataError`."""
    quantity = quantity_class("converting units")
    own, wanted = (unit_called(text, name, quantity) for text in (part.units[name], unit))
    changes: dict[str, Any] = {"units": {**part.units, name: unit}}
    if own != wanted:
        said = f"{name} is converted from {text_of(own)} to {text_of(wanted)}"
        changes["remarks"] = (*part.remarks, f"{part.source}: {said}" if part.source else said)
    factor = factor_of(own, wanted, name, quantity)
    zero = float(converted(0.0, own, wanted, name, quantity))
    if name == part.x_name:
        changes["x"] = converted(part.x, own, wanted, name, quantity)
        changes["dead_time"] = tuple(time * factor for time in part.dead_time)
    for role in ("input", "response"):
        names = getattr(part, f"{role}_names")
        if name in names:
            changes[role] = _scaled(getattr(part, role), names.index(name), factor, zero)
    if name in part.response_names and part.response_error is not None:
        at = part.response_names.index(name)
        changes["response_error"] = _scaled(part.response_error, at, factor, 0.0)
    return replace(part, **changes)


def _scaled(values: np.ndarray, channel: int, factor: float, offset: float) -> np.ndarray:
    new = np.array(values)
    new[..., channel] = factor * new[..., channel] + offset
    return new
