"""What is said of one theory, and of the table of all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hiddenlaw.report.found import label_of
from hiddenlaw.report.values import as_float, compact, rounded, with_error

ERRORS_IN_SHORT = "Errors over the variance, on held-out runs."
ERRORS = (
    "Errors are mean squares over the variance, on runs that no training saw: pooled, the median "
    "run, and the worst. Constants are the coefficients of law and readout that had to be measured."
)
EVIDENCE = (
    "B is the Bayes factor for the first theory over its rival, from the information criterion of "
    "the fits; the ratio is the rival's error over its own on runs that no training saw."
)
SMOOTH = "for a differentiable input"


def heading(theory: Mapping[str, Any], place: int) -> str:
    """Theory 1: 2 variables, quadratic readout; `place` counts from 0."""
    return f"Theory {place + 1}: {label_of(theory)}"


def born(theory: Mapping[str, Any]) -> str | None:
    """Born's rule, and how far the readout is from it."""
    found = theory.get("born")
    if not found:
        return None
    ratio, constant, linear = (
        rounded(found.get(key)) for key in ("eigenvalue_ratio", "constant", "linear")
    )
    return (
        "Born's rule says that the readout is one square, that of psi, and nothing else. "
        f"Measured: second eigenvalue over the first {ratio}, constant term {constant}, linear "
        f"terms {linear}; all three are zero where it holds."
    )


def invariant(entry: Mapping[str, Any]) -> tuple[str, str, str]:
    """Its name, its value with error, and what it means."""
    stderr = entry.get("stderr")
    value = entry.get("value")
    shown = compact(value, 3) if not as_float(stderr) > 0 else with_error(value, stderr)
    return str(entry.get("name", "")), shown, str(entry.get("meaning") or "")
