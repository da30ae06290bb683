"""What a simulation knew, for comparison; discovery never reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hiddenlaw.report.values import as_float, compact, rounded, with_error


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
            f"{name} of the training runs is off by {rounded(apart)} of its spread (root mean "
            "square)."
        )
    for name, overlap in (known.get("overlap") or {}).items():
        missing = 1 - abs(as_float(overlap))
        text = compact(abs(as_float(overlap)), 10)
        short = f" (short of 1 by {rounded(missing)})" if 0 < missing < 0.01 else ""
        sentences.append(f"Overlap of the {name} that was found with the true one: {text}{short}.")
    return sentences
