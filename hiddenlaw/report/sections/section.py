"""What a section of the page is: a heading, and what it says of a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hiddenlaw.report.formulas import Formulas

Parts = Callable[[Mapping[str, Any], Formulas], list[str]]


@dataclass(frozen=True)
class Section:
    """A heading, and the pieces of HTML below it; the figures of that heading follow them."""

    heading: str
    parts: Parts


def figures_alone(heading: str) -> Section:
    """A section without words of its own."""
    return Section(heading, lambda record, formulas: [])
