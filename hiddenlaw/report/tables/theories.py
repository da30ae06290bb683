"""The table of theories, and the evidence for the first of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hiddenlaw.report.found import in_order
from hiddenlaw.report.tables.table import NUMBER, SHORT, Column, Table
from hiddenlaw.report.values import MISSING, compact, rounded


def theories_table(record: Mapping[str, Any]) -> Table:
    """All theories, the most parsimonious first; the selected one is emphasised."""
    rows, emphasised = [], None
    for place, (index, theory) in enumerate(in_order(record)):
        if index == record.get("selected"):
            emphasised = place
        errors = ("heldout_error", "heldout_error_median", "heldout_error_worst")
        rows.append(
            (
                str(place + 1),
                str(theory["dimension"]),
                theory["readout"],
                str(theory.get("parameters", MISSING)),
                rounded(theory.get("reconstruction_loss")),
                *(rounded(theory.get(key)) for key in errors),
            )
        )
    columns = (
        Column("rank", NUMBER),
        Column("variables", NUMBER),
        Column("readout", SHORT),
        Column("constants", NUMBER),
        Column("reconstr.", NUMBER),
        Column("held-out", NUMBER),
        Column("median", NUMBER),
        Column("worst", NUMBER),
    )
    return Table("The most parsimonious first", columns, rows, emphasised)


def evidence_table(record: Mapping[str, Any]) -> Table | None:
    """The winner against each rival; None where there was none."""
    rows = [
        (
            entry["rival"],
            compact(entry["log10_bayes_factor"], 3),
            rounded(entry["heldout_error_ratio"]),
            entry["meaning"],
        )
        for entry in record.get("evidence") or ()
    ]
    columns = (
        Column("rival"),
        Column("log10 B", NUMBER),
        Column("error ratio", NUMBER),
        Column("in words"),
    )
    return Table("Evidence for the first theory", columns, rows) if rows else None
