"""How many variables are needed, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hiddenlaw.report.sweep import seeds_alike_in, stopped_in
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
    """Which seeds of the sweep were not run, or not to the end; None where all were."""
    stopped = [
        (entry.run, entry.asked, entry.dimension, entry.readout) for entry in stopped_in(record)
    ]
    said = []
    if stopped:
        said.append(f"Where three seeds agreed the others were not run: {_shares(stopped)}.")
    if alike := seeds_alike_in(record):
        said.append(
            f"Seeds that were stuck in the law of an earlier one share its loss: {_shares(alike)}."
        )
    return " ".join(said) or None


def _shares(entries: Iterable[tuple[int, int, int, str]]) -> str:
    """Of (seeds, of all, dimension, class of decoder), like widths together."""
    groups: dict[tuple[int, int, str], list[int]] = {}
    for count, every, dimension, readout in entries:
        groups.setdefault((count, every, readout), []).append(dimension)
    return ", ".join(
        f"{count} of {every} at d = {_listed(dimensions)} {readout}"
        for (count, every, readout), dimensions in groups.items()
    )


def _listed(numbers: list[int]) -> str:
    *first, last = map(str, sorted(numbers))
    return f"{', '.join(first)} and {last}" if first else last
