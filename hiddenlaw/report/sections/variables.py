"""How many variables are needed, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hiddenlaw.report import tables, words
from hiddenlaw.report.formulas import Formulas
from hiddenlaw.report.markup import bullets, paragraph


def variables(record: Mapping[str, Any], formulas: Formulas) -> list[str]:
    needed = tables.dimension_table(record)
    seen = words.spectrum(record)
    return [
        *([tables.to_html(needed)] if needed.rows else []),
        *bullets([*words.reasons(record), *words.answers(record)]),
        *([paragraph(seen)] if seen else []),
    ]
