"""Whether residuals are noise, in words that go on from "residuals: "."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hiddenlaw.report.values import as_float, compact

_SELDOM = 1e-3  # a chance of luck below which it is taken for none
_UNLIKELY = 0.05  # a chance below which it may be more than luck
_NEVER = 1e-12  # a chance that is not worth its digits


def whiteness(record: Mapping[str, Any]) -> str:
    """Of every response, whether residuals remember themselves and go with an input."""
    left = record.get("residuals") or {}
    where = "over the free run" if left.get("of") == "free run" else "on held-out runs"
    said = []
    for entry in left.get("whiteness") or ():
        name = entry["response"]
        told = [_with_itself(entry)]
        told += [
            _with_input(other)
            for other in left.get("cross_correlation") or ()
            if other["response"] == name
        ]
        said.append(f"those of {name} {where} {', '.join(told[:-1] or told[-1:])}")
        if len(told) > 1:
            said[-1] += f" and {told[-1]}"
    return "; ".join(said)


def _with_itself(entry: Mapping[str, Any]) -> str:
    if as_float(entry["chance"]) < _UNLIKELY:
        said = f"correlation {_largest(entry)} on; {_chance(entry)}"
        return f"{_may(entry)}remember themselves ({said})"
    return f"are white ({_chance(entry)})"


def _with_input(entry: Mapping[str, Any]) -> str:
    if as_float(entry["chance"]) < _UNLIKELY:
        return (
            f"{_may(entry)}go with {entry['input']} ({_largest(entry)} after it; {_chance(entry)})"
        )
    return f"are independent of {entry['input']} ({_chance(entry)})"


def _may(entry: Mapping[str, Any]) -> str:
    return "may " if as_float(entry["chance"]) > _SELDOM else ""


def _largest(entry: Mapping[str, Any]) -> str:
    lag = entry["lag"]
    samples = "1 sample" if lag == 1 else f"{lag} samples"
    return f"{compact(entry['largest'], 2)}, {samples}"


def _chance(entry: Mapping[str, Any]) -> str:
    chance = as_float(entry["chance"])
    return "chance below 1e-12" if chance < _NEVER else f"chance {compact(chance, 2)}"
