"""What came out, in a headline and one sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hiddenlaw.report.found import selected_theory
from hiddenlaw.report.values import rounded


def verdict(record: Mapping[str, Any]) -> tuple[str, str]:
    """A headline and the sentence below it."""
    say = _SENTENCES.get(str(record.get("verdict")), _nothing)
    return say(record)


def _memoryless(record: Mapping[str, Any]) -> tuple[str, str]:
    return (
        "Memoryless: no hidden state",
        "The response depends on the input at the same site alone, so there is nothing hidden to "
        "find and no law to state.",
    )


def _none(record: Mapping[str, Any]) -> tuple[str, str]:
    return (
        "No law was found",
        "Nothing that was tried predicts held-out runs better than their mean.",
    )


def _nothing(record: Mapping[str, Any]) -> tuple[str, str]:
    return "No law was found", "No theory came out of this discovery."


def _law(record: Mapping[str, Any]) -> tuple[str, str]:
    best = selected_theory(record)
    if best is None:
        return _nothing(record)
    count = best["dimension"]
    variables = "One hidden variable" if count == 1 else f"{count} hidden variables"
    if "1" in (best.get("state_names") or ()):
        variables += ", one of them constant,"
    explain = "explains" if count == 1 else "explain"
    return (
        "A law was found",
        f"{variables} with a {best['readout']} readout {explain} the response; on runs that no "
        f"training saw, its error is {rounded(best.get('heldout_error'))} of the variance.",
    )


_SENTENCES: dict[str, Callable[[Mapping[str, Any]], tuple[str, str]]] = {
    "law": _law,
    "memoryless": _memoryless,
    "none": _none,
}
