"""How many variables are needed, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hiddenlaw.report.sweep import stopped_in
from hiddenlaw.report.values import as_float, rounded


def reasons(record: Mapping[str, Any]) -> list[str]:
    """Why this many, for each class of decoder."""
    return [f"{name}: {why}" for name, why in (record.get("reason") or {}).items() if why]


def spectrum(record: Mapping[str, Any]) -> str | None:
    """How many hidden directions the response sees at all."""
    values = [as_float(value) for value in record.get("spectrum") or ()]
    if not values:
        return None
    shown = ", ".join(rounded(value) for value in values[:8]) + (", …" if len(values) > 8 else "")
    return f"Spectrum of the hidden states as the response sees them: {shown}."


def seeds_saved(record: Mapping[str, Any]) -> str | None:
    """How many seeds of the sweep were run where the first of them agreed; None where all were."""
    groups: dict[tuple[int, int, str], list[int]] = {}
    for entry in stopped_in(record):
        groups.setdefault((entry.run, entry.asked, entry.readout), []).append(entry.dimension)
    if not groups:
        return None
    shares = [
        f"{run} of {asked} at d = {_listed(dimensions)} {readout}"
        for (run, asked, readout), dimensions in groups.items()
    ]
    return f"Where three seeds agreed the others were not run: {', '.join(shares)}."


def _listed(numbers: list[int]) -> str:
    *first, last = map(str, sorted(numbers))
    return f"{', '.join(first)} and {last}" if first else last
