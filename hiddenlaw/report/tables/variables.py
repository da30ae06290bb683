"""How many variables are needed, and the sweep that says so."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any

from hiddenlaw.report.found import of_its_runs
from hiddenlaw.report.sweep import Sweep, stopped_in, sweep_of
from hiddenlaw.report.tables.table import NUMBER, SHORT, Column, Table
from hiddenlaw.report.values import rounded


def dimension_table(record: Mapping[str, Any]) -> Table:
    """Per decoder class: the smallest dimension that explains, and the jump of the loss there."""
    sweep = sweep_of(record)
    names = [*sweep.classes, *(name for name in sweep.chosen if name not in sweep.classes)]
    rows = []
    for readout in names:
        chosen = sweep.chosen.get(readout)
        after = sweep.best(readout, chosen) if chosen is not None else None
        rows.append(
            (
                readout,
                str(chosen) if chosen is not None else "none",
                rounded(sweep.before(readout)),
                rounded(after),
                rounded(sweep.jump(readout)),
            )
        )
    columns = (
        Column("decoder", SHORT),
        Column("variables d", NUMBER),
        Column("loss at d - 1", NUMBER),
        Column("loss at d", NUMBER),
        Column("jump", NUMBER),
    )
    return Table("Variables needed", columns, rows)


def sweep_table(record: Mapping[str, Any]) -> Table:
    """Held-out losses of the sweep: of the seed that trained best, the median, and the worst."""
    sweep = sweep_of(record)
    asked = {(entry.readout, entry.dimension): entry.asked for entry in stopped_in(record)}
    rows = [
        _sweep_row(sweep, readout, dimension, asked.get((readout, dimension)))
        for readout in sweep.classes
        for dimension in sweep.dimensions
        if sweep.heldout(readout, dimension)
    ]
    columns = (
        Column("decoder", SHORT),
        Column("d", NUMBER),
        Column("seeds", NUMBER),
        Column("diverged", NUMBER),
        Column("best", NUMBER),
        Column("median", NUMBER),
        Column("worst", NUMBER),
    )
    title = of_its_runs(record, "Bottleneck sweep: reconstruction loss on held-out runs")
    return Table(title, columns, rows)


def _sweep_row(sweep: Sweep, readout: str, dimension: int, asked: int | None) -> tuple[str, ...]:
    losses = sweep.heldout(readout, dimension)
    known = [loss for loss in losses if loss is not None]
    return (
        readout,
        str(dimension),
        f"{len(losses)} of {asked}" if asked else str(len(losses)),
        str(len(losses) - len(known)),
        rounded(sweep.best(readout, dimension)),
        rounded(median(known) if known else None),
        rounded(max(known, default=None)),
    )
