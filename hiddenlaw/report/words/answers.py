"""What a translator beside polynomial laws knows, and what laws of its answers say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hiddenlaw.data.describe import counted
from hiddenlaw.distiller.target import ANSWERS, RESPONSE
from hiddenlaw.report.values import rounded


def answers(record: Mapping[str, Any]) -> list[str]:
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
