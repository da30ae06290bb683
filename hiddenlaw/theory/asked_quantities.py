"""Quantities of pint that a theory is asked about, answered by quantities in the data's units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hiddenlaw.data.units import converted, is_quantity, text_of, unit_called
from hiddenlaw.errors import DataError


def of_quantity(asking: Any, input: Any, given: Any) -> Any:
    """The answer to an input that is a quantity; see `asked.Asking`.

    Raises `DataError` for a unit of another kind, and where the data say none.
    """
    kind, units = type(input), asking.units
    takes = _unit_of(asking.inputs, units, kind)
    gives = _unit_of(asking.responses, units, kind)
    known = given
    if is_quantity(given):
        own = unit_called(text_of(given.units), "what is given", kind)
        known = converted(given.magnitude, own, gives, "what is given", kind)
    values = converted(input.magnitude, input.units, takes, "the input", kind)
    return kind(asking.answer(values, known), gives)


def _unit_of(names: Sequence[str], units: dict[str, str], kind: Any) -> Any:
    """The one unit of all of these channels, in the registry of this class of quantities."""
    texts = {units.get(name, "") for name in names}
    if len(texts) > 1 or not all(texts):
        raise DataError(
            f"the data give {', '.join(names)} no unit, or not one for all; ask in numbers "
            "(.magnitude)"
        )
    return unit_called(texts.pop(), names[0], kind)
