"""Inputs that act late, as a line beside the equations: u is u(t − 12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hiddenlaw.report.names import mathtext
from hiddenlaw.report.values import as_float, compact

_DIGITS = 4


def late_inputs(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Text and LaTeX, one for each input with a dead time."""
    x, found = str(record["dataset"].get("x", "x")), []
    for entry in record.get("dead_time") or ():
        late, name = as_float(entry.get("value")), str(entry.get("input"))
        if not abs(late) > 0:
            continue
        number, sign = compact(abs(late), _DIGITS), "-" if late > 0 else "+"
        told, at = (mathtext(each).strip("$") for each in (name, x))
        found.append(
            (
                f"{name} is {name}({x} {sign} {number})",
                rf"{told} \equiv {told}({at} {sign} {number})",
            )
        )
    return found
