"""Where a law that is not linear in its state rests while the input stays at its mean."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from hiddenlaw.report.names import pretty
from hiddenlaw.report.tables.table import NUMBER, Column, Table
from hiddenlaw.report.values import as_float, compact

_DIGITS = 4
_REAL = 1e-9  # of a pole: an imaginary part that is rounding


def equilibria_table(record: Mapping[str, Any], theory: Mapping[str, Any]) -> Table | None:
    """One row an equilibrium: the state, whether it is stable, and the poles of the law near it,
    with the time in which what is left of a push falls by e; None where there is none.
    """
    rests = record.get("equilibria") or ()
    names = list(theory.get("state_names") or ())
    if not rests or len(names) != len(rests[0]["state"]):
        return None
    rows = [
        (
            *(compact(value, _DIGITS) for value in rest["state"]),
            "stable" if rest["stable"] else "unstable",
            _poles(rest["poles"]),
            _time(rest["poles"]),
        )
        for rest in rests
    ]
    columns = (
        *(Column(pretty(str(name)), NUMBER) for name in names),
        Column("it is"),
        Column("poles near it", NUMBER),
        Column("time constant", NUMBER),
    )
    return Table(f"Equilibria{_where(record, rests[0])}", columns, rows)


def _where(record: Mapping[str, Any], rest: Mapping[str, Any]) -> str:
    named = zip(record["dataset"]["input"], rest.get("input") or (), strict=False)
    values = ", ".join(f"{name} = {compact(value, 3)}" for name, value in named)
    return f", the input at its mean, {values}" if values else ""


def _poles(poles: Sequence[Sequence[float]]) -> str:
    """A pair that is conjugate is written as one."""
    told = []
    for real, imaginary in poles:
        if abs(imaginary) <= _REAL * math.hypot(real, imaginary):
            told.append(compact(real, _DIGITS))
        elif imaginary > 0:
            told.append(f"{compact(real, _DIGITS)} ± {compact(imaginary, _DIGITS)}i")
    return ", ".join(told)


def _time(poles: Sequence[Sequence[float]]) -> str:
    slowest = max(as_float(real) for real, _ in poles)
    return compact(-1 / slowest, _DIGITS) if slowest < 0 else "—"
