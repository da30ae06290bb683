"""The families of law that were tried, the poorest first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from hiddenlaw.report.tables.table import NUMBER, SHORT, Column, Table
from hiddenlaw.report.values import MISSING, compact, rounded

_LOG10 = 2 * math.log(10)  # of a Bayes factor, from a difference of criteria


def families_table(record: Mapping[str, Any]) -> Table | None:
    """One row a family; None where one alone was asked for, or in older files."""
    entries = record.get("families") or ()
    if len(entries) < 2:
        return None
    known = [e["criterion"] for e in entries if e.get("criterion") is not None]
    rows, emphasised = [], None
    for place, entry in enumerate(entries):
        emphasised = place if entry.get("selected") else emphasised
        criterion = entry.get("criterion")
        evidence = None if criterion is None else (min(known) - criterion) / _LOG10
        rows.append(
            (
                str(entry["family"]),
                _whole(entry.get("dimension")),
                _whole(entry.get("constants")),
                rounded(entry.get("heldout_error")),
                MISSING if evidence is None else compact(evidence, 3),
                str(entry.get("reason") or ""),
            )
        )
    columns = (
        Column("family", SHORT),
        Column("variables", NUMBER),
        Column("constants", NUMBER),
        Column("held-out", NUMBER),
        Column("log10 B", NUMBER),
        Column("why"),
    )
    return Table("Families of law, the poorest first", columns, rows, emphasised)


def _whole(value: Any) -> str:
    return MISSING if value is None else str(value)
