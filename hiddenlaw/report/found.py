"""What figures, tables and page ask a record: its theories in order, the selected one, its hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hiddenlaw.data.describe import of_windows
from hiddenlaw.preparations import PREPARATIONS, Shared


def in_order(record: Mapping[str, Any]) -> list[tuple[int, Mapping[str, Any]]]:
    """The theories with their index in the record, the most parsimonious first."""
    theories = list(enumerate(record.get("theories") or ()))
    return sorted(theories, key=lambda pair: (pair[1].get("rank", pair[0]), pair[0]))


def selected_theory(record: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The theory that the discovery stands by; None where there is no theory."""
    theories = record.get("theories") or []
    return theories[record.get("selected") or 0] if theories else None


def run_constants(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The constants of runs that the selected theory knows, in order: none, one or several."""
    said = (selected_theory(record) or {}).get("run_constants") or []
    return [said] if isinstance(said, Mapping) else list(said)


def label_of(theory: Mapping[str, Any]) -> str:
    """How a theory is called in legends: 2 variables, quadratic readout."""
    dimension = theory["dimension"]
    variables = "1 variable" if dimension == 1 else f"{dimension} variables"
    return f"{variables}, {theory['readout']} readout"


def of_its_runs(record: Mapping[str, Any], text: str) -> str:
    """A sentence on runs, which speaks of windows where records were cut into such."""
    return of_windows(text) if record.get("records") else text


def record_name(entry: Mapping[str, Any]) -> str:
    """What the record of a free run is called: by its file or its label, if that is known."""
    return str(entry.get("name") or f"record {entry['record']}")


def predicted_from(record: Mapping[str, Any]) -> str:
    """From what of a new run its response is predicted, in words."""
    start = record.get("initial_state") or {}
    known = PREPARATIONS.get(str(start.get("choice")), Shared)  # of records that do not say it
    return str(start.get("predicted_from") or known.predicted_from)


def constant_over_cells(record: Mapping[str, Any]) -> bool:
    """Whether the input is taken as constant from one site to the next, and jumps there."""
    return record["dataset"].get("hold") == "zero"
