"""A discovery in a few lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hiddenlaw.data.described import Rows, shortened
from hiddenlaw.theory.brief import coefficients_in_words
from hiddenlaw.theory.theory import Theory

_LISTED, _THEORIES = 4, 4  # coefficients, theories
_LINE = 160  # letters


def discovery_in_words(record: Mapping[str, Any], theories: Sequence[Theory]) -> tuple[str, Rows]:
    """What `repr` of a discovery says of it."""
    data = record["dataset"]
    title = (
        f"Discovery(verdict {record['verdict']}; {data['runs']} runs × {data['sites']} sites of "
        f"{', '.join(data['response'])} answering {', '.join(data['input'])})"
    )
    if not theories:
        return title, [("no law", shortened(str(record["verdict_reason"]), 3 * _LINE))]
    best = theories[record["selected"]]
    rows = [(_named(theory), shortened(theory.equation, _LINE)) for theory in theories[:_THEORIES]]
    rows += coefficients_in_words(best.statement)[:_LISTED]
    judged = best.statement.judgement
    if judged is not None and judged.heldout_error is not None:
        rows.append(("error on unseen runs", f"{judged.heldout_error:.2g} of the variance"))
    return title, rows


def _named(theory: Theory) -> str:
    return f"{theory.dimension} variables, {theory.readout} readout"
