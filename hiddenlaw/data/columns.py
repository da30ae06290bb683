"""Columns by their headers: name, unit, and the symbol by which equations call them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hiddenlaw._letters import plain
from hiddenlaw.errors import FormatError, option

_WITH_UNIT = re.compile(r"(.*\S)\s*(?:\(([^()\[\]]*)\)|\[([^()\[\]]*)\])")
_SYMBOL = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# What a dataset keeps for itself, and no channel may be called.
_RESERVED = re.compile(r"(psi|zeta)[0-9]*|run|site|input_channel|response_channel")


class NoSuchColumn(FormatError):
    """A column was named, `name`, that is not there."""

    name = ""


def no_such_column(path: Path | str, name: str, role: str, known: Sequence[str]) -> FormatError:
    """The error for a column that was named but is not in the file or table."""
    listed = ", ".join(known) if known else "none"
    problem = NoSuchColumn(
        f"{path} has no column {name!r} (it has {listed}); name it with {option(role)}"
    )
    problem.name = name
    return problem


@dataclass(frozen=True)
class Column:
    """A column of a table: `Servo 3 (µs)` has the name Servo 3, the unit µs, the symbol Servo_3.

    `place` counts from 0; `also` is another name that it goes by.
    """

    place: int
    header: str
    name: str
    unit: str
    symbol: str
    also: str = ""


def columns_of(headers: Sequence[str], also: Sequence[str] = ()) -> list[Column]:
    """The columns under these headers, each with a symbol of its own.

    A column without a header is called c and its number. Headers that can stand in an equation as
    they are keep their names; the others get what is left of theirs.
    """
    headers = [" ".join(header.split()) or f"c{k + 1}" for k, header in enumerate(headers)]
    parts = [_name_and_unit(header) for header in headers]
    symbols = [header if _fit(header) else "" for header in headers]
    taken = {symbol for symbol in symbols if symbol}
    for place, (name, _) in enumerate(parts):
        if not symbols[place]:
            symbols[place] = _unused(_symbol(name, place), taken)
            taken.add(symbols[place])
    others = also or [""] * len(headers)
    return [
        Column(place, header, *parts[place], symbols[place], others[place])
        for place, header in enumerate(headers)
    ]


def find(path: Path | str, named: str, role: str, columns: Sequence[Column]) -> Column:
    """The column that goes by this header, this name without its unit, or this symbol.

    Raises `FormatError` where there is none, or more than one.
    """
    wanted = " ".join(named.split())
    for key in ("header", "name", "symbol", "also"):
        found = [column for column in columns if getattr(column, key) == wanted]
        if len(found) == 1:
            return found[0]
        if found and len({column.header for column in found}) == 1:
            raise FormatError(f"{path} has two columns called {found[0].header!r}; rename one")
        if found:
            listed = ", ".join(column.header for column in found)
            raise FormatError(
                f"{path} has {len(found)} columns called {named!r} ({listed}); name one of them "
                f"with its unit with {option(role)}"
            )
    raise no_such_column(path, named, role, [column.header for column in columns])


def _name_and_unit(header: str) -> tuple[str, str]:
    found = _WITH_UNIT.fullmatch(header)
    return (found[1], (found[2] or found[3] or "").strip()) if found else (header, "")


def _fit(text: str) -> bool:
    return bool(_SYMBOL.fullmatch(text)) and not _RESERVED.fullmatch(text)


def _symbol(name: str, place: int) -> str:
    if _RESERVED.fullmatch(name):
        return f"{name}_"
    letters = plain(unicodedata.normalize("NFKC", name)).replace("'", "").replace("?", "")
    symbol = re.sub(r"[^A-Za-z0-9]+", "_", letters).strip("_")
    if not symbol:
        return f"c{place + 1}"
    if not symbol[0].isalpha():
        symbol = f"c_{symbol}"
    return f"{symbol}_" if _RESERVED.fullmatch(symbol) else symbol


def _unused(symbol: str, taken: set[str]) -> str:
    count, free = 1, symbol
    while free in taken:
        count += 1
        free = f"{symbol.rstrip('_')}_{count}"
    return free
