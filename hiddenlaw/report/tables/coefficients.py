"""Coefficients of law, system and readout with their errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hiddenlaw.report.names import unit_of
from hiddenlaw.report.tables.table import NAME, NUMBER, Column, Table
from hiddenlaw.report.values import MISSING, as_float, compact, rounded, with_error

_TITLES = {
    "law": "Coefficients of the law",
    "system": "Coefficients of the first-order system",
    "readout_law": "Coefficients of the readout",
}
_COLUMNS = (
    Column("in", NAME),
    Column("term", NAME),
    Column("refitted", NUMBER),
    Column("± 95 %", NUMBER),
    Column("as distilled", NUMBER),
    Column("unit"),
)
_ALWAYS = 3  # columns; the others where some row has an entry
_BY_CONVENTION = ("1", MISSING, MISSING, "")


def coefficient_table(theory: Mapping[str, Any], which: str = "law") -> Table | None:
    """Refitted and distilled coefficients of "law", "system" or "readout_law"; None without any."""
    equations = (theory.get(which) or {}).get("terms") or {}
    distilled, rows = theory.get("distilled") or {}, []
    for left, terms in equations.items():
        before = distilled.get(left) or {}
        for term in [*terms, *(term for term in before if term not in terms)]:
            if which == "system" and term == left:
                continue  # the derivative of psi is called psi': no coefficient
            unit = unit_of(theory.get("units"), left, term)
            rows.append((left, term, *_entries(terms.get(term), before.get(term)), unit))
    if all(row[2:] == _BY_CONVENTION for row in rows):
        return None
    kept = [
        place
        for place in range(len(_COLUMNS))
        if place < _ALWAYS or any(row[place] not in ("", MISSING) for row in rows)
    ]
    return Table(
        _TITLES.get(which, which),
        tuple(_COLUMNS[place] for place in kept),
        [tuple(row[place] for place in kept) for row in rows],
    )


def _entries(refitted: Any, distilled: Any) -> tuple[str, str, str]:
    """A coefficient with its error, half of its interval, and what it was before the refit."""
    return (
        "removed" if refitted is None else with_error(*_value_and_error(refitted)),
        _half_width(refitted),
        MISSING if distilled is None else compact(_value_and_error(distilled)[0], 6),
    )


def coefficient_tables(theory: Mapping[str, Any]) -> list[Table]:
    """Those that say something: no readout that is 1 by convention, no system that is the law."""
    law = (theory.get("law") or {}).get("terms") or {}
    system = (theory.get("system") or {}).get("terms") or {}
    repeated = all(
        term in law.get(left, {}) or term == left for left in system for term in system[left]
    )
    shown = ["law", "readout_law"] if law and repeated else ["law", "system", "readout_law"]
    found = [coefficient_table(theory, which) for which in shown]
    return [table for table in found if table is not None]


def _half_width(entry: Any) -> str:
    """Half of the 95 % interval; nothing for what is exact or was removed."""
    interval = entry.get("ci95") if isinstance(entry, Mapping) else None
    if not interval or None in interval or interval[0] == interval[1]:
        return MISSING
    return rounded((interval[1] - interval[0]) / 2)


def _value_and_error(entry: Any) -> tuple[float, float]:
    if isinstance(entry, Mapping):
        return as_float(entry.get("value")), as_float(entry.get("stderr"))
    return as_float(entry), as_float(None)
