"""The data and the translator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hiddenlaw.report import words
from hiddenlaw.report.formulas import Formulas
from hiddenlaw.report.markup import escaped, labelled


def looked_at(record: Mapping[str, Any], formulas: Formulas) -> list[str]:
    return [labelled((escaped(label), escaped(text)) for label, text in words.looked_at(record))]
