"""What a record says of a translator beside laws that were fitted to the response itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hiddenlaw.data.describe import counted
from hiddenlaw.distiller.target import ANSWERS
from hiddenlaw.report.values import rounded
from hiddenlaw.theory.selection import DirectFit, OfAnswers

RESPONSE = "response"


def beside(
    answers: OfAnswers | None, fits: Sequence[DirectFit], chosen: Mapping[str, int | None]
) -> dict[str, Any]:
    """A translator beside the laws, and what laws of its answers say of the variables."""
    if answers is None:
        return {}
    translator = answers.translator
    hidden, degree = translator.size
    told = {
        "free_translator": {
            "hidden": hidden,
            "degree": degree,
            "heldout_error": finite(translator.error),
            "failed": answers.failed,
            "tried": [
                {"hidden": width, "degree": powers, "heldout_error": finite(error)}
                for (width, powers), error in translator.tried.items()
            ],
        }
    }
    if answers.failed:
        return told
    rows = []
    for name, dimension in chosen.items():
        if not any(fit.readout == name for fit in answers.fits):
            continue
        left = [f.heldout_error for f in fits if (f.readout, f.dimension) == (name, dimension)]
        own = {"dimension": dimension, "heldout_error": finite(left[0]) if left else None}
        of = {"dimension": answers.dimension(name), "heldout_error": finite(answers.error(name))}
        rows.append({"readout": name, "target": RESPONSE} | own | {"decided": True})
        rows.append({"readout": name, "target": ANSWERS} | of | {"decided": False})
    return told | {"targets": rows, "sweep_beside": [fit.record() for fit in answers.fits]}


def answers_in_words(record: Mapping[str, Any]) -> list[str]:
    """What a translator beside the laws and its answers say; nothing where there was none."""
    known = record.get("free_translator")
    if known is None:
        return []
    if not known["hidden"]:
        return [
            "No translator in a basis of its own could be followed along the runs; the laws fitted "
            "to the response itself stand alone."
        ]
    begun = (
        f"A translator of {counted(known['hidden'], 'variable')}, a polynomial of degree "
        f"{known['degree']} in a basis of its own, leaves {rounded(known['heldout_error'])} of the "
        "variance of unseen runs"
    )
    if known["failed"]:
        return [
            f"{begun}, far more than the laws fitted to the response itself: nothing was distilled "
            "from it, and these stand alone."
        ]
    names = dict.fromkeys(row["readout"] for row in record["targets"])
    return [" ".join([f"{begun}.", *(_distilled(record, name) for name in names)])]


def _distilled(record: Mapping[str, Any], name: str) -> str:
    rows = {row["target"]: row for row in record["targets"] if row["readout"] == name}
    left = [
        f"{rounded(entry['heldout_loss'])} with {counted(entry['dimension'], 'variable')}"
        for entry in record["sweep_beside"]
        if entry["readout"] == name and entry["heldout_loss"] is not None
    ]
    by_answers, own = rows[ANSWERS]["dimension"], rows[RESPONSE]["dimension"]
    ends = (
        f"{counted(own, 'variable')}, as from the response itself."
        if by_answers == own and own is not None
        else f"{_variables(by_answers)}; the response itself, which decides, says "
        f"{_variables(own)}."
    )
    return (
        f"Laws distilled from its answers ({name} readout) leave of these {', '.join(left)}, which "
        f"says {ends}"
    )


def _variables(dimension: int | None) -> str:
    return "none that suffices" if dimension is None else counted(dimension, "variable")


def finite(value: float) -> float | None:
    """None where it is not."""
    return float(value) if np.isfinite(value) else None
