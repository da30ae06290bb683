"""Kinds of entries of a record, to declare what `discovery.json` may hold (`entries.py`).

A kind looks at a value and says what is wrong with it, each in a few words that begin with where it
stands: `theories/0/model/dx is -0.2; it must be above 0`. It never raises, whatever it is shown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from hiddenlaw.errors import HiddenlawError
from hiddenlaw.io import told_plainly

Kind = Callable[[Any, str], Iterator[str]]
Names = Callable[[], Iterable[str]]
"""Names that are looked up when they are needed: others may have registered more."""

_SHOWN = 40  # letters of a value that is quoted


def number(
    least: float = -math.inf,
    most: float = math.inf,
    *,
    above: float | None = None,
    whole: bool = False,
    null: bool = False,
) -> Kind:
    """A finite number between two others; with `null` also null, which stands for infinite."""

    def complaints(value: Any, at: str) -> Iterator[str]:
        if value is None and null:
            return
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield f"{at} is {shown(value)}; it must be a {'whole ' if whole else ''}number"
        elif not _is_finite(value) or (whole and value != int(value)):
            yield f"{at} is {shown(value)}; it must be {'whole' if whole else 'finite'}"
        elif above is not None and not value > above:
            yield f"{at} is {shown(value)}; it must be above {above:g}"
        elif not least <= value <= most:
            yield f"{at} is {shown(value)}; it must be {_range(least, most)}"

    return complaints


def text(among: Names | None = None) -> Kind:
    """A text, one of these names if there are any."""

    def complaints(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield f"{at} is {shown(value)}; it must be text"
        elif among is not None and value not in among():
            yield f"{at} is {shown(value)}; it must be one of {', '.join(among())}"

    return complaints


def part(called: Callable[[str], object]) -> Kind:
    """The name of a cell, a readout, …: `called` raises an error for one there is not."""

    def complaints(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield f"{at} is {shown(value)}; it must be text"
            return
        try:
            called(value)
        except HiddenlawError as unknown:
            yield f"{at}: {told_plainly(str(unknown))}; import the module that adds it"

    return complaints


def flag(value: Any, at: str) -> Iterator[str]:
    """True or false."""
    if not isinstance(value, bool):
        yield f"{at} is {shown(value)}; it must be true or false"


def scalar(value: Any, at: str) -> Iterator[str]:
    """A number, a text, true, false or null."""
    if not (value is None or isinstance(value, str | bool)):
        yield from number()(value, at)


def maybe(kind: Kind) -> Kind:
    """Null, or of that kind."""
    return lambda value, at: iter(()) if value is None else kind(value, at)


def several(kind: Kind, least: int = 0, most: int = 1_000_000) -> Kind:
    """A list of so many of that kind."""

    def complaints(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, list | tuple):
            yield f"{at} is {shown(value)}; it must be a list"
        elif not least <= len(value) <= most:
            yield f"{at} has {len(value)} entries; it must have {_range(least, most)}"
        else:
            for place, item in enumerate(value):
                yield from kind(item, f"{at}/{place}")

    return complaints


def by_name(kind: Kind) -> Kind:
    """An object, every value of that kind."""

    def complaints(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield f"{at} is {shown(value)}; it must be an object"
        else:
            for name, item in value.items():
                yield from kind(item, f"{at}/{shown(name, '')}")

    return complaints


def entries(kinds: Mapping[str, Kind], needed: Iterable[str] = ()) -> Kind:
    """An object with entries of these kinds, some `needed`; what else it has is not looked at."""
    needed = tuple(needed)

    def complaints(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield f"{at or 'the record'} is {shown(value)}; it must be an object"
            return
        at = f"{at}/" if at else ""
        yield from (f"{at}{name} is missing" for name in needed if name not in value)
        for name, kind in kinds.items():
            if name in value:
                yield from kind(value[name], f"{at}{name}")

    return complaints


def one_or_several(kind: Kind) -> Kind:
    """One of that kind, or a list of them."""
    many = several(kind)
    return lambda value, at: (many if isinstance(value, list) else kind)(value, at)


def nested(kind: Kind) -> Kind:
    """One of that kind, or lists of lists of them to any depth."""

    def complaints(value: Any, at: str) -> Iterator[str]:
        if isinstance(value, list):
            for place, item in enumerate(value):
                yield from complaints(item, f"{at}/{place}")
        else:
            yield from kind(value, at)

    return complaints


def shown(value: Any, quote: str = "'") -> str:
    """A value as a message quotes it, on one line and not too long."""
    if isinstance(value, str):
        said = f"{quote}{value[: 2 * _SHOWN]}{quote}"
    elif isinstance(value, Mapping):
        return "an object"
    elif isinstance(value, list | tuple):
        return "a list"
    else:
        said = "null" if value is None else _written(value)
    said = told_plainly(said)
    return said if len(said) <= _SHOWN else f"{said[:_SHOWN]}…"


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) > 10**30:
        return "a number of more than 30 digits"
    return repr(value)


def _is_finite(value: int | float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that no float can hold
        return False


def _range(least: float, most: float) -> str:
    if least == most:
        return f"{least:g}"
    if most == math.inf or most >= 1_000_000:
        return f"{least:g} or more"
    return f"{most:g} or less" if least == -math.inf else f"between {least:g} and {most:g}"


FINITE = number()
FOUND = number(null=True)  # null where a fit diverged
LOSS = number(0.0, null=True)
CHANCE = number(0.0, 1.0, null=True)
COUNT = number(0, 10**9, whole=True)
POSITIVE = number(above=0.0)
WORDS = several(text())
