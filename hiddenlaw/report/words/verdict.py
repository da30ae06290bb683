"""What came out, in a headline and one sentence."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from hiddenlaw.report.found import of_its_runs, selected_theory
from hiddenlaw.report.values import as_float, rounded

_ROUNDING = 1e-6  # of the last digit
_DIGITS = 8  # behind the point of a per cent; what leaves less explains all


def verdict(record: Mapping[str, Any]) -> tuple[str, str]:
    """A headline and the sentence below it."""
    say = _SENTENCES.get(str(record.get("verdict")), _nothing)
    headline, sentence = say(record)
    return headline, of_its_runs(record, sentence)


def _memoryless(record: Mapping[str, Any]) -> tuple[str, str]:
    data, left = record["dataset"], (record.get("translator") or {}).get("static_error")
    names = [", ".join(map(str, data.get(kind) or ())) for kind in ("input", "response")]
    told = f" The best map from {names[0]} to {names[1]} explains {per_cent(left)} of the variance."
    return (
        "Memoryless: no hidden state",
        "The response depends on the input at the same site alone, so there is nothing hidden to "
        "find and no law to state." + (told if left is not None else ""),
    )


def _none(record: Mapping[str, Any]) -> tuple[str, str]:
    why = str(record.get("verdict_reason") or "no theory came out of this discovery")
    return "No law was found", f"{why[0].upper()}{why[1:]}."


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
    error = best.get("heldout_error")
    return (
        "A law was found",
        f"{variables} with a {best['readout']} readout {explain} {per_cent(error)} of the "
        f"response's variance on runs that no training saw; the error is {rounded(error)}.",
    )


def _approximate(record: Mapping[str, Any]) -> tuple[str, str]:
    headline, sentence = _law(record)
    if selected_theory(record) is None:
        return headline, sentence
    why = record.get("verdict_reason") or "something predictable is left"
    return "An approximate law was found", f"{sentence} It is not the whole law: {why}."


def per_cent(error: Any) -> str:
    """How much is explained where so much of the variance is left: 99.94 %, never rounded up."""
    left = 100 * as_float(error)
    if not math.isfinite(left) or left >= 100:
        return "nothing"
    if left <= 0:
        return "100 %"
    digits = max(0, 1 - math.floor(math.log10(left)))
    if digits > _DIGITS:
        return "all"
    unit = 10.0**-digits
    return f"{100 - math.ceil(left / unit - _ROUNDING) * unit:.{digits}f} %"


_SENTENCES: dict[str, Callable[[Mapping[str, Any]], tuple[str, str]]] = {
    "law": _law,
    "approximate": _approximate,
    "memoryless": _memoryless,
    "none": _none,
}
