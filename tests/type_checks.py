"""The runtime check of all annotations: beartype's, with what it lacks for methods by themselves.

- `Self` means nothing to it outside a class that it decorates as a whole: anything is taken there.
- An int is taken for a float, as type checkers do.
- A protocol that cannot be checked at run time leaves its function unchecked.
"""

from collections.abc import Callable
from typing import Self, TypeVar

from beartype import BeartypeConf, FrozenDict, beartype
from beartype.roar import BeartypeDecorHintPep3119Exception

T = TypeVar("T", bound=Callable)

_CONFIGURATION = BeartypeConf(hint_overrides=FrozenDict({Self: object}), is_pep484_tower=True)


def checked(function: T) -> T:
    """The function, checking what it takes and gives."""
    try:
        return beartype(conf=_CONFIGURATION)(function)
    except BeartypeDecorHintPep3119Exception:
        return function
