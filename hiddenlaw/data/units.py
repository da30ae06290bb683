"""Units by pint, an extra, where something is computed with them; elsewhere they are text.

What data say of their units may be anything (counts, a.u.) and is only shown. It has to mean
something where values are converted, where units are compared, and where a law's numbers are handed
out as quantities; pint is imported there, and not before.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from hiddenlaw.errors import DataError

_LONGEST = 120  # letters of a unit
# Numbers that no unit has, and powers of powers: to evaluate these could take for ever.
_WILD = re.compile(r"\d{3}|(\^|\*\*)\s*\(?\s*[-+]?\d+\s*\)?\s*(\^|\*\*)")
_STEP = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(\D.*)")


def is_quantity(value: Any) -> bool:
    """Whether it is a quantity of pint. By the names of classes: pint need not be there."""
    return any(
        kind.__name__ == "Quantity" and kind.__module__.split(".")[0] == "pint"
        for kind in type(value).__mro__
    )


def quantity_class(purpose: str) -> Any:
    """pint's `Quantity` in the application's registry.

    Raises `DataError`, which says what it would be for (`purpose`), where there is no pint.
    """
    try:
        import pint
    except ImportError:
        raise DataError(f"{purpose} needs pint; pip install 'hiddenlaw[units]'") from None
    return pint.get_application_registry().Quantity


def unit_called(text: str, name: str, quantity: Any) -> Any:
    """The unit that `text` says `name` is in, of the registry of this class of quantities.

    Raises `DataError` for a word that is no unit.
    """
    refused = DataError(
        f"the unit {text!r} of {name} is none that pint knows; write it like 'ms', 'V/m^2' or "
        "'1/(J m^2)'"
    )
    if len(text) > _LONGEST or _WILD.search(text):
        raise refused
    try:
        return quantity(1, text).units
    except (AttributeError, AssertionError, ValueError, TypeError, SyntaxError, KeyError):
        raise refused from None
    except Exception as error:  # pint's own errors, of several families
        if type(error).__module__.split(".")[0] in ("pint", "tokenize", "flexparser"):
            raise refused from None
        raise


def text_of(unit: Any) -> str:
    """A unit as text that pint reads back: m/s^2; "1" for a pure number."""
    return f"{unit:~C}".replace("**", "^") or "1"


def dimension_of(unit: Any) -> str:
    """What kind of thing has this unit, in words: length, time, length^2 mass/time^2."""
    found = sorted(unit.dimensionality.items())
    powers = [(str(name).strip("[]"), power) for name, power in found]
    over = [_power(name, power) for name, power in powers if power > 0]
    under = [_power(name, -power) for name, power in powers if power < 0]
    if not powers:
        return "pure number"
    return "/".join([" ".join(over) or "1", *under])


def converted(values: Any, own: Any, wanted: Any, what: str, quantity: Any) -> Any:
    """Values in the unit `own` as numbers in the unit `wanted`.

    Raises `DataError` where these are of different kinds.
    """
    if own.dimensionality != wanted.dimensionality:
        raise DataError(
            f"{what} is in {text_of(own)}, a {dimension_of(own)}, and is to be in "
            f"{text_of(wanted)}, a {dimension_of(wanted)}; give both in units of one kind"
        )
    return quantity(values, own).to(wanted).magnitude


def factor_of(own: Any, wanted: Any, what: str, quantity: Any) -> float:
    """By what differences and errors are multiplied, whatever zero is: 1 from °C to K.

    Raises `DataError` for units of different kinds.
    """
    zero, one = converted(np.array([0.0, 1.0]), own, wanted, what, quantity)
    return float(one - zero)


def step_and_unit(text: str, name: str, quantity: Any = None) -> Any:
    """A quantity, of this class, from text such as "10 ms". Raises `DataError` for other text."""
    found = _STEP.fullmatch(text)
    if found is None:
        raise DataError(f"{name} is {text!r}; give a number, or one with its unit, like '10 ms'")
    quantity = quantity or quantity_class(f"{name}={text!r}")
    return quantity(float(found[1]), unit_called(found[2].strip(), name, quantity))


def _power(name: str, power: float) -> str:
    return name if power == 1 else f"{name}^{power:g}"
