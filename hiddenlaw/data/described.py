"""What an object is in a few lines, as text and in a notebook: no arrays, no addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from html import escape
from typing import Any

import numpy as np

MOST, LINES = 960, 12  # letters and lines of a description
_PART = 100  # letters of a part that describes itself
_FEW = 4  # items of a sequence or mapping that are listed

Rows = list[tuple[str, str]]
"""What is said, line by line: of what, and what."""


class Described:
    """Says what it is by `_said`, a title and rows; without it a dataclass lists its fields.

    Subclasses that are dataclasses keep it, whether or not they ask for a `repr` of their own.
    """

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if "__repr__" not in vars(cls):  # else `dataclass` would write one, arrays and all
            cls.__repr__ = cls.__repr__

    def _said(self) -> tuple[str, Rows]:
        return fields_in_words(self), []

    def __repr__(self) -> str:
        return as_text(*self._said())

    def _repr_html_(self) -> str:
        return as_table(*self._said())


def as_text(title: str, rows: Rows) -> str:
    """The title, and a line for each row, as far as there is room."""
    lines = [title, *(f"  {name}: {said}" if name else f"  {said}" for name, said in rows)]
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], f"  … and {len(lines) - LINES + 1} more"]
    text = "\n".join(lines)
    if len(text) <= MOST:
        return text
    return "\n".join(shortened(line, MOST // len(lines) - 1) for line in lines)


def as_table(title: str, rows: Rows) -> str:
    """The same for a notebook: a paragraph and a table, all of it escaped."""
    cells = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th>"
        f"<td style='text-align:left'>{escape(said)}</td></tr>"
        for name, said in rows
    )
    return f"<div><p>{escape(title)}</p>{f'<table>{cells}</table>' if rows else ''}</div>"


def shortened(text: str, most: int = MOST) -> str:
    """No longer than that: the middle makes room."""
    if len(text) <= most:
        return text
    tail = most // 4
    return f"{text[: most - tail - 3]} … {text[-tail:]}"


def fields_in_words(of: Any) -> str:
    """A dataclass by its fields that are not empty, arrays by their shapes."""
    if not is_dataclass(of):
        return type(of).__name__
    known = [(field.name, getattr(of, field.name, None)) for field in fields(of) if field.repr]
    told = [f"{name}={_brief(value)}" for name, value in known if not _is_empty(value)]
    return shortened(f"{type(of).__name__}({', '.join(told)})")


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str | Sequence | Mapping) and not len(value))


def _brief(value: Any) -> str:
    """A value in a few letters."""
    if isinstance(value, bool | int | str | type(None)):
        return shortened(repr(value), _PART)
    if isinstance(value, float | np.floating):
        return f"{value:.6g}"
    if hasattr(value, "__array_namespace__"):
        return f"{value.dtype} {'×'.join(map(str, value.shape))}"
    if isinstance(value, Mapping):
        items = [f"{key}: {_brief(item)}" for key, item in list(value.items())[:_FEW]]
        return shortened(f"{{{_listed(items, len(value))}}}", _PART)
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return shortened(f"({_listed([_brief(v) for v in value[:_FEW]], len(value))})", _PART)
    if isinstance(value, type) or (callable(value) and not isinstance(value, Described)):
        return getattr(value, "__name__", type(value).__name__)
    return shortened(" ".join(repr(value).split()), _PART)


def _listed(items: Sequence[str], count: int) -> str:
    more = f", … {count} in all" if count > len(items) else ""
    return ", ".join(items) + more
