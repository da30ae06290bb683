"""Coefficients as quantities of pint, where the data say the units they follow from."""

from __future__ import annotations

from typing import Any

from hiddenlaw.data.units import quantity_class, unit_called
from hiddenlaw.errors import DataError
from hiddenlaw.theory.equations.term import Equations


def quantities_of(statement: Any, law: Equations) -> dict[str, dict[str, Any]]:
    """The coefficients of `law`, of which the `statement` knows the units, by left side and term.

    Raises `DataError` where no unit is known, where one is no unit, and where there is no pint.
    """
    quantity = quantity_class("theory.quantities()")
    if not any(statement.units.values()):
        raise DataError(
            "coefficients have no units: the data do not tell those of the grid and of every "
            "input; give them, as in units={'t': 's', 'u': 'V'}, and \"1\" for a pure number"
        )
    return {
        left: {
            term: quantity(found.value, unit_called(known[term], f"the term {term}", quantity))
            for term, found in terms.items()
            if term in known
        }
        for left, terms in law.items()
        if (known := statement.units.get(left, {}))
    }
