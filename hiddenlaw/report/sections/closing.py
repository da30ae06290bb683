"""What to beware of, and how the discovery was made."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from hiddenlaw.report import tables
from hiddenlaw.report.formulas import Formulas
from hiddenlaw.report.markup import bullets, labelled
from hiddenlaw.report.values import with_error


def caveats(record: Mapping[str, Any], formulas: Formulas) -> list[str]:
    return bullets(record.get("notes") or ())


def for_the_record(record: Mapping[str, Any], formulas: Formulas) -> list[str]:
    sweep = tables.sweep_table(record)
    parts = [tables.to_html(sweep)] if sweep.rows else []
    told = {"settings": record.get("used") or record.get("settings")}
    told |= {key: record.get(key) for key in ("seconds", "versions")}
    for key, entries in told.items():
        if entries:
            lines = labelled(
                (html.escape(str(name)), html.escape(_as_given(value)))
                for name, value in entries.items()
            )
            parts.append(f"<h3>{key.capitalize()}</h3>{lines}")
    return parts


def _as_given(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_as_given, value))
    if value is None:
        return "not given"
    return with_error(value) if isinstance(value, float) else str(value)
