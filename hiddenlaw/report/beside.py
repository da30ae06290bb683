"""The sweep over what did not decide: a translator's answers, or its states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hiddenlaw.report.sweep import sweep_of

_WHOSE = {"answers": "the translator's answers", "states": "the translator's states"}


@dataclass(frozen=True)
class Beside:
    """By class of decoder what was swept, in words, and what was left at each dimension."""

    of: Mapping[str, str]
    left: Mapping[str, list[tuple[int, float]]]

    @property
    def said(self) -> str | None:
        """For a caption; nothing where there is none."""
        if not any(self.left.values()):
            return None
        swept = " and ".join(dict.fromkeys(self.of[name] for name in self.left))
        return f"Hollow marks: what laws of {swept} leave of these, which did not decide."


def beside_of(record: Mapping[str, Any]) -> Beside:
    """The sweep beside that of the record; empty where there was none."""
    beside = sweep_of({"sweep": record.get("sweep_beside") or (), "dimension": {}})
    of = {
        str(row["readout"]): _WHOSE.get(str(row["target"]), str(row["target"]))
        for row in record.get("targets") or ()
        if not row.get("decided") and row.get("readout") in beside.classes
    }
    left = {
        name: [(d, loss) for d in beside.dimensions if (loss := beside.best(name, d)) is not None]
        for name in of
    }
    return Beside(of, left)
