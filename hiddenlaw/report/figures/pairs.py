"""Panels for pairs of a response and an input: what step and frequency responses share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hiddenlaw.report.found import selected_theory
from hiddenlaw.report.names import mathtext, unit_of, verbatim

MOST = 3  # responses, and inputs, that are shown
_LINE = 16  # letters of two names that stand on one line


def shown_pairs(record: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The responses and the inputs that have panels."""
    data = record["dataset"]
    return list(data["response"])[:MOST], list(data["input"])[:MOST]


def pair_label(record: Mapping[str, Any], response: str, channel: str) -> str:
    """What is drawn of a pair, with its unit: y for u (rpm/V); long names on two lines."""
    units = record["dataset"].get("units")
    over, under = (verbatim(unit_of(units, name)) for name in (response, channel))
    unit = f"{over or '1'}/{under}" if under else over
    between = " " if len(response) + len(channel) <= _LINE else "\n"
    label = f"{mathtext(response)}{between}for {mathtext(channel)}"
    return f"{label} ({unit})" if unit else label


def reading(record: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """One of what is read off the selected theory."""
    theory = selected_theory(record) or {}
    found = [entry for entry in theory.get("readings") or () if entry["name"] == name]
    return found[0] if found else None


def left_out(record: Mapping[str, Any]) -> str:
    """A sentence on what has no panel; empty where all has."""
    data = record["dataset"]
    responses, inputs = len(data["response"]), len(data["input"])
    if max(responses, inputs) <= MOST:
        return ""
    return (
        f" Shown are the first {min(responses, MOST)} of {responses} responses and the first "
        f"{min(inputs, MOST)} of {inputs} inputs; models.npz has all."
    )
