"""The runtime check of all annotations: beartype's, with what it lacks for methods by themselves.

- `Self` means nothing to it outside a class that it decorates as a whole: anything is taken there.
- An int is taken for a float, as type checkers do.
- A protocol that cannot be checked at run time leaves its function unchecked.

Of each function the first calls in every test are checked, and one in so many of those that follow:
what is called a million times would take twice as long otherwise.
"""

import inspect
from collections.abc import Callable
from functools import partial, wraps
from typing import Self, TypeVar

import jaxtyping
from beartype import BeartypeConf, FrozenDict, beartype
from beartype.roar import BeartypeDecorHintPep3119Exception

T = TypeVar("T", bound=Callable)

FIRST, EVERY = 40, 40
_CONFIGURATION = BeartypeConf(hint_overrides=FrozenDict({Self: object}), is_pep484_tower=True)
_always = jaxtyping.jaxtyped
_test = [0]


def checked(function: T) -> T:
    """The function, checking what it takes and gives."""
    try:
        return beartype(conf=_CONFIGURATION)(function)
    except BeartypeDecorHintPep3119Exception:
        return function


def another_test() -> None:
    """From here on the first calls are checked again."""
    _test[0] += 1


def sometimes(function=None, *, typechecker):
    """As `jaxtyping.jaxtyped`, but not at every call of a function; classes stay as there."""
    if function is None:
        return partial(sometimes, typechecker=typechecker)
    checking = _always(function, typechecker=typechecker)
    if not inspect.isfunction(function):
        return checking
    called, test = 0, -1

    @wraps(function)
    def called_and_counted(*args, **kwargs):
        nonlocal called, test
        if test != _test[0]:
            called, test = 0, _test[0]
        called += 1
        if called <= FIRST or called % EVERY == 0:
            return checking(*args, **kwargs)
        return function(*args, **kwargs)

    return called_and_counted


def install() -> None:
    """Check whatever of the package is imported from here on."""
    jaxtyping.jaxtyped = sometimes  # by this name what the hook puts into modules finds it
    jaxtyping.install_import_hook("hiddenlaw", "type_checks.checked")
