"""What is read off a driven law: gain at rest, time constants, frequencies, zeros, dead times."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from hiddenlaw.report.names import pretty
from hiddenlaw.report.tables.table import NUMBER, Column, Table
from hiddenlaw.report.values import as_float, compact, with_error


def readings_table(theory: Mapping[str, Any]) -> Table | None:
    """One row a reading; None where there is none."""
    rows = [
        (
            pretty(str(entry["name"])),
            with_error(entry["value"], entry["stderr"]),
            f"{compact(entry['ci95'][0], 5)} to {compact(entry['ci95'][1], 5)}",
            _unit(entry),
        )
        for entry in theory.get("readings") or ()
    ]
    if not rows:
        return None
    columns = (Column("reading"), Column("value", NUMBER), Column("95 %", NUMBER), Column("unit"))
    return Table("Readings", columns, rows)


def _unit(entry: Mapping[str, Any]) -> str:
    """Beside radians a second what it is in hertz."""
    unit = str(entry.get("unit") or "")
    if unit != "rad/s":
        return unit
    turns = with_error(entry["value"] / math.tau, as_float(entry["stderr"]) / math.tau)
    return f"{unit} ({turns} Hz)"
