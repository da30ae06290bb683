"""The data, the translator, and the families of law that were tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hiddenlaw.report import tables, words
from hiddenlaw.report.formulas import Formulas
from hiddenlaw.report.markup import escaped, labelled


def looked_at(record: Mapping[str, Any], formulas: Formulas) -> list[str]:
    families = tables.families_table(record)
    return [
        labelled((escaped(label), escaped(text)) for label, text in words.looked_at(record)),
        *([tables.to_html(families)] if families is not None else []),
    ]
