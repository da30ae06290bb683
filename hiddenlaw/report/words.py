"""What a discovery found, in sentences; the terminal and the page share them.

Numbers stand here as 1.2e-26 and names as psi: each medium typesets them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hiddenlaw.report.equations import hold_in_words
from hiddenlaw.report.names import unit_of
from hiddenlaw.report.values import MISSING, as_float, compact, number, with_error

EVIDENCE = (
    "B is the Bayes factor for the first theory over its rival, from the information criterion of "
    "the fits; the ratio is the rival's error over its own on runs that no training saw."
)


def verdict(record: Mapping[str, Any]) -> tuple[str, str]:
    """A headline and the sentence below it."""
    found = record.get("verdict")
    if found == "memoryless":
        return (
            "Memoryless: no hidden state",
            "The response depends on the input at the same site alone, so there is nothing hidden "
            "to find and no law to state.",
        )
    theories = record.get("theories") or []
    if found != "law" or not theories:
        return (
            "No law was found",
            "Nothing that was tried predicts held-out runs better than their mean."
            if found == "none"
            else "No theory came out of this discovery.",
        )
    best = theories[record.get("selected") or 0]
    count = best["dimension"]
    variables = "One hidden variable" if count == 1 else f"{count} hidden variables"
    if "1" in (best.get("state_names") or ()):
        variables += ", one of them constant,"
    explain = "explains" if count == 1 else "explain"
    return (
        "A law was found",
        f"{variables} with a {best['readout']} readout {explain} the response; on runs that no "
        f"training saw, its error is {number(best.get('heldout_error'))} of the variance.",
    )


def looked_at(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The data and the translator, as labelled lines."""
    data = record["dataset"]
    lines = []
    if data.get("source"):
        lines.append(("data", str(data["source"])))
    size = f"{data['runs']} runs of {data['sites']} sites, d{data.get('x', 'x')} = "
    size += with_error(data.get("dx")) + _unit(data, data.get("x", "x"))
    if record.get("heldout_runs"):
        size += f"; {record['heldout_runs']} runs were held out"
    lines.append(("size", size))
    ranges = data.get("input_range") or [None] * len(data["input"])
    inputs = [
        name
        + (f" from {compact(span[0], 4)} to {compact(span[1], 4)}" if span else "")
        + _unit(data, name)
        for name, span in zip(data["input"], ranges, strict=False)
    ]
    lines.append(("input", f"{', '.join(inputs)}; {hold_in_words(record)}"))
    responses = [
        name + (f" in{_unit(data, name)}" if _unit(data, name) else "") for name in data["response"]
    ]
    lines.append(("response", ", ".join(responses)))
    start = record.get("initial_state") or {}
    if start:
        reason = f": {start['reason']}" if start.get("reason") else ""
        lines.append(("initial state", f"{start.get('choice', MISSING)}{reason}"))
    translator = record.get("translator") or {}
    if translator:
        text = f"{translator.get('cell', 'recurrent')} cell of {translator.get('hidden', MISSING)}"
        text += f" hidden units; held-out error {number(translator.get('heldout_error'))}"
        seeds = translator.get("seed_errors") or []
        lost = sum(seed is None or seed[0] is None for seed in seeds)
        if seeds:
            count = "1 seed" if len(seeds) == 1 else f"{len(seeds)} seeds"
            text += f" ({count}{f', {lost} diverged' if lost else ''})"
        lines.append(("translator", text))
    noise = (record.get("noise") or {}).get("relative") or {}
    if noise:
        shares = [
            f"{number(value)} of the standard deviation of {name}" for name, value in noise.items()
        ]
        lines.append(("noise floor", f"{', '.join(shares)}: what no theory explains"))
    return lines


def spectrum(record: Mapping[str, Any]) -> str | None:
    """How many hidden directions the response sees at all."""
    values = [as_float(value) for value in record.get("spectrum") or ()]
    if not values:
        return None
    shown = ", ".join(number(value) for value in values[:8]) + (", …" if len(values) > 8 else "")
    return f"Spectrum of the hidden states as the response sees them: {shown}."


def born(theory: Mapping[str, Any]) -> str | None:
    """Born's rule, and how far the readout is from it."""
    found = theory.get("born")
    if not found:
        return None
    ratio, constant, linear = (
        number(found.get(key)) for key in ("eigenvalue_ratio", "constant", "linear")
    )
    return (
        "Born's rule says that the readout is one square, that of psi, and nothing else. "
        f"Measured: second eigenvalue over the first {ratio}, constant term {constant}, linear "
        f"terms {linear}; all three are zero where it holds."
    )


def truth(record: Mapping[str, Any]) -> list[str]:
    """What the simulation knew, for comparison; discovery never reads it."""
    known = record.get("truth")
    if not known:
        return []
    parameters = known.get("parameters") or {}
    values = ", ".join(f"{name} = {with_error(value)}" for name, value in parameters.items())
    sentences = [
        f"The data were simulated ({known.get('system', 'unknown system')}"
        f"{': ' + values if values else ''}); discovery never saw that."
    ]
    for name, apart in (known.get("run_constants") or {}).items():
        sentences.append(
            f"{name} of the training runs is off by {number(apart)} of its spread (root mean "
            "square)."
        )
    for name, overlap in (known.get("overlap") or {}).items():
        missing = 1 - abs(as_float(overlap))
        text = compact(abs(as_float(overlap)), 10)
        short = f" (short of 1 by {number(missing)})" if 0 < missing < 0.01 else ""
        sentences.append(f"Overlap of the {name} that was found with the true one: {text}{short}.")
    return sentences


def invariant(entry: Mapping[str, Any]) -> tuple[str, str, str]:
    """Its name, its value with error, and what it means."""
    stderr = entry.get("stderr")
    value = entry.get("value")
    shown = compact(value, 3) if not as_float(stderr) > 0 else with_error(value, stderr)
    return str(entry.get("name", "")), shown, str(entry.get("meaning") or "")


def _unit(data: Mapping[str, Any], name: str) -> str:
    unit = unit_of(data.get("units"), name)
    return f" {unit}" if unit else ""
