"""How a search stands, as its process tells it: one message after the other, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from hiddenlaw.app.words import stage


class Phase(Enum):
    """Where a search is: the last four are its ends."""

    SEARCHING = "searching"
    STOPPING = "stopping"  # no further width is tried
    FOUND = "found"  # there is a run directory, with a report
    STOPPED = "stopped"  # at once: there are the widths that were finished, and no more
    FAILED = "failed"

    @property
    def over(self) -> bool:
        return self not in (Phase.SEARCHING, Phase.STOPPING)


@dataclass(frozen=True)
class Standing:
    """How it stands.

    - `doing`: in words; `detail`: how the last part of that went.
    - `family`: of the laws that are sought; `swept`: "response" where they are fitted to that.
    - `widths`: entries of the sweep in `discovery.json`, one a seed, each with its `family`.
    - `message`: what went wrong, or what came out, in a line.
    """

    phase: Phase = Phase.SEARCHING
    doing: str = "Starting"
    detail: str = ""
    family: str = ""
    swept: str = "states"
    widths: tuple[Mapping[str, Any], ...] = ()
    message: str = ""

    def after(self, event: Mapping[str, Any]) -> Standing:
        """How it stands after a message; one that comes when all is over changes nothing."""
        if self.phase.over:
            return self
        match event.get("event"):
            case "stage":
                name = str(event.get("stage"))
                swept = {"direct": "response", "distiller": "states"}.get(name, self.swept)
                return replace(self, doing=stage(name, self.family), detail="", swept=swept)
            case "advance":
                return replace(self, detail=str(event.get("message") or ""))
            case "family":
                return replace(self, family=str(event.get("name")))
            case "width":
                new = [{**entry, "family": self.family} for entry in event.get("entries") or ()]
                return replace(self, widths=(*self.widths, *new))
            case "found":
                return replace(self, phase=Phase.FOUND, message=str(event.get("message") or ""))
            case "failed":
                return self.ended(Phase.FAILED, str(event.get("message") or ""))
        return self

    def ended(self, phase: Phase, message: str) -> Standing:
        """The same at its end, unless it has ended already."""
        return self if self.phase.over else replace(self, phase=phase, message=message, detail="")

    @property
    def finished(self) -> tuple[tuple[str, str, int], ...]:
        """Family, readout and number of variables of every width that is finished."""
        keys = ((str(w["family"]), str(w["readout"]), int(w["dimension"])) for w in self.widths)
        return tuple(dict.fromkeys(keys))

    @property
    def latest(self) -> tuple[Mapping[str, Any], ...]:
        """The entries of the family whose widths came last."""
        own = self.widths[-1]["family"] if self.widths else None
        return tuple(width for width in self.widths if width["family"] == own)
