"""Quantities of pint among what is brought: taken apart into numbers and units, and converted.

Numbers go the way of all data; their units wait until channels have their names. What is asked for
by `units=` wins: quantities of the same kind are converted to it, and that is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hiddenlaw.data.brought.readers import kind_of
from hiddenlaw.data.describe import counted
from hiddenlaw.data.units import (
    converted,
    factor_of,
    is_quantity,
    quantity_class,
    step_and_unit,
    text_of,
    unit_called,
)
from hiddenlaw.errors import DataError


@dataclass
class Measured:
    """What is left of quantities when their numbers are taken, and what was done to these.

    - `units` by role: input, response, response_error, x; `columns` by the names of columns and of
      DataArrays.
    - `quantity`: the class of the quantities that were brought.
    """

    units: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, Any] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    quantity: Any = None

    def plain(self, role: str, value: Any) -> Any:
        """The numbers of a quantity, or of a list with one for each run; else the value itself."""
        if is_quantity(value):
            return self._numbers(role, value)
        if isinstance(value, list | tuple) and any(is_quantity(run) for run in value):
            return self._of_runs(role, value)
        named: Any = value
        kind = kind_of(named)
        if kind == "columns":
            return dict(self._column(name, column) for name, column in named.items())
        if kind == "xarray.DataArray":
            return self._labelled(named)
        if kind == "xarray.Dataset":
            return named.assign({name: self._labelled(array) for name, array in named.items()})
        return value

    def step(self, name: str, value: Any) -> Any:
        """A step of the grid as a number: in the grid's unit, if there is one by now."""
        if isinstance(value, str):
            value = step_and_unit(value, name, self.quantity)
        if not is_quantity(value):
            return value
        unit = self._unit(value)
        own = self.units.setdefault("x", unit)
        if own != unit:
            self.said.append(_told(name, unit, own))
        return float(converted(value.magnitude, unit, own, name, self.quantity))

    def _unit(self, value: Any) -> Any:
        """The unit of a quantity, in the registry of the first that was brought."""
        self.quantity = self.quantity or type(value)
        same = isinstance(value, self.quantity)
        return value.units if same else unit_called(text_of(value.units), "x", self.quantity)

    def _numbers(self, role: str, value: Any) -> Any:
        self.units[role] = self._unit(value)
        return value.magnitude

    def _column(self, name: Any, column: Any) -> tuple[str, Any]:
        """A column of a dict, its unit in its header."""
        if not is_quantity(column):
            return name, column
        self.columns[str(name)] = self._unit(column)
        return f"{name} [{text_of(column.units)}]", column.magnitude

    def _labelled(self, array: Any) -> Any:
        """A DataArray of numbers, its unit among its attributes."""
        if not is_quantity(array.variable._data):
            return array
        _, values = self._column(array.name, array.variable._data)
        unit = text_of(self.columns[str(array.name)])
        return array.copy(data=values).assign_attrs(units=unit)

    def _of_runs(self, role: str, runs: Any) -> list[Any]:
        """Every run in the unit of the first."""
        bare = [k for k, run in enumerate(runs) if not is_quantity(run)]
        if bare:
            raise DataError(
                f"run {bare[0]} of the {role} has no unit and others have one; give every run its "
                "own, or none"
            )
        found, others = [self._numbers(role, runs[0])], Counter()
        for k, run in enumerate(runs[1:], start=1):
            what, unit, first = f"run {k} of the {role}", self._unit(run), self.units[role]
            found.append(converted(run.magnitude, unit, first, what, self.quantity))
            if unit != first:
                others[unit] += 1
        for unit, count in others.items():
            self.said.append(
                _told(f"the {role} of {counted(count, 'run')}", unit, self.units[role])
            )
        return found

    def fields(self, found: dict[str, Any], asked: Mapping[str, str]) -> dict[str, Any]:
        """The fields of a dataset with these units, or with those that are `asked` for by name."""
        if not self.units and not self.columns:
            return found
        units, new = dict(found["units"]), dict(found)
        errors = self.units.get("response_error")
        if errors is not None and found["response_error"] is not None:
            new["response_error"] = self._errors(found, units, errors)
        for role in ("input", "response"):
            for channel, name in enumerate(found[f"{role}_names"]):
                own = self.columns.get(name, self.units.get(role))
                wanted = self._wanted(name, own, asked, units)
                if wanted is None or own is None or wanted == own:
                    continue
                values = np.array(new[role], float)
                part = values[..., channel]
                values[..., channel] = converted(part, own, wanted, name, self.quantity)
                new[role] = values
                self._spread(new, role, channel, own, wanted)
                self.said.append(_told(name, own, wanted))
        name = found["x_name"]
        own = self.units.get("x", self.columns.get(name))
        wanted = self._wanted(name, own, asked, units)
        if own is not None and wanted is not None and wanted != own:
            new["x"] = converted(found["x"], own, wanted, name, self.quantity)
            self.said.append(_told(name, own, wanted))
        return new | {"units": units, "remarks": (*found["remarks"], *self.said)}

    def _wanted(self, name: str, own: Any, asked: Mapping[str, str], units: dict[str, str]) -> Any:
        """The unit that a channel is to have; it is put down in `units` as text."""
        if own is None:
            return None
        if asked.get(name):
            return unit_called(asked[name], name, self.quantity)
        if name not in asked:
            units[name] = text_of(own)
        return own

    def _errors(self, found: dict[str, Any], units: Mapping[str, str], own: Any) -> np.ndarray:
        """The standard errors in the unit of their responses."""
        values = np.array(found["response_error"], float)
        for channel, name in enumerate(found["response_names"]):
            wanted = self.columns.get(name, self.units.get("response"))
            if wanted is None:
                if not units.get(name):
                    raise DataError(
                        f"the errors of {name} have a unit, and {name} has none; give both or none"
                    )
                wanted = unit_called(units[name], name, self.quantity)
            what = f"the error of {name}"
            values[..., channel] *= factor_of(own, wanted, what, self.quantity)
        return values

    def _spread(self, new: dict[str, Any], role: str, channel: int, own: Any, wanted: Any) -> None:
        """Standard errors go along with their response: by the factor, without any offset."""
        if role != "response" or new["response_error"] is None:
            return
        errors = np.array(new["response_error"], float)
        errors[..., channel] *= factor_of(own, wanted, role, self.quantity)
        new["response_error"] = errors


def has_unit(step: Any) -> bool:
    """Whether a step is told with its unit: as a quantity, or as text."""
    return isinstance(step, str) or is_quantity(step)


def grid_unit(units: Mapping[str, str], name: str, measured: Measured) -> None:
    """Let steps be taken in the unit that the data, or `units=`, give the grid."""
    if units.get(name) and "x" not in measured.units:
        quantity = measured.quantity or quantity_class("a step with a unit")
        measured.quantity = quantity
        measured.units["x"] = unit_called(units[name], name, quantity)


def _told(what: str, own: Any, wanted: Any) -> str:
    return f"{what} is converted from {text_of(own)} to {text_of(wanted)}"
