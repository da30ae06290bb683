"""Plain data, as JSON has them, read back with their types looked at.

Raises `TypeError` or `ValueError` for a value of another type: a damaged file, not a bug.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")


def number(value: Any) -> float:
    """A real number; NaN for null, which stands for what is not finite."""
    if value is None:
        return float("nan")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    try:
        return float(value)
    except OverflowError:
        raise ValueError("a number is too large") from None


def whole(value: Any) -> int:
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no whole number")
    if isinstance(value, float) and not value.is_integer():
        raise ValueError(f"{value!r} is no whole number")
    return int(value)


def truth(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value


def text(value: Any) -> str:
    """A text."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def mapping(value: Any) -> Mapping[str, Any]:
    """An object: values by name."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{value!r} is no object")
    return value


def several(read: Callable[[Any], T], value: Any) -> tuple[T, ...]:
    """A list, each entry read by `read`."""
    if not isinstance(value, list | tuple):
        raise TypeError(f"{value!r} is no list")
    return tuple(read(item) for item in value)


def by_name(read: Callable[[Any], T], value: Any) -> dict[str, T]:
    """An object, each value read by `read`."""
    return {name: read(item) for name, item in mapping(value).items()}


def maybe(read: Callable[[Any], T], value: Any) -> T | None:
    """None where there is nothing."""
    return None if value is None else read(value)
