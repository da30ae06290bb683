"""What a search came to, read back from its run directory, and what of it can be downloaded."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hiddenlaw.app.search import WIDTHS
from hiddenlaw.report import words
from hiddenlaw.report.blocks import main_equations
from hiddenlaw.report.found import selected_theory
from hiddenlaw.report.names import prose
from hiddenlaw.report.summary import as_text
from hiddenlaw.results.rundir import read

PREDICTIONS = "predictions.csv"


@dataclass(frozen=True)
class Outcome:
    """A headline and a sentence, the equations of the law as text, and what to beware of."""

    headline: str
    sentence: str
    equations: tuple[str, ...]
    notes: tuple[str, ...]
    predicted: bool


def outcome_of(place: Path) -> Outcome:
    """What stands in a run directory. Raises `FormatError`."""
    record, _ = read(place)
    headline, sentence = words.verdict(record)
    notes = tuple(prose(str(note)) for note in record.get("notes") or ())
    there = (place / PREDICTIONS).exists()
    return Outcome(headline, prose(sentence), _equations(record), notes, there)


def _equations(record: Mapping[str, Any]) -> tuple[str, ...]:
    best = selected_theory(record)
    return () if best is None else tuple(e.text for e in main_equations(record, best))


def law_text(place: Path) -> bytes:
    """The law as text: its equations, then all that the terminal would show."""
    record, _ = read(place)
    lines = [*_equations(record), "", as_text(record)]
    return "\n".join(lines).encode()


def everything(place: Path) -> bytes:
    """The files of a run directory, in one zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(place.rglob("*")):
            if path.is_file() and not path.is_symlink():
                archive.write(path, f"{place.name}/{path.relative_to(place).as_posix()}")
    return packed.getvalue()


def _file(name: str) -> Callable[[Path], bytes]:
    return lambda place: (place / name).read_bytes()


@dataclass(frozen=True)
class Download:
    """Something of a run directory: its type, whether it is saved or shown, and how it is made."""

    type: str
    saved: bool
    content: Callable[[Path], bytes]


DOWNLOADS: dict[str, Download] = {
    "report.html": Download("text/html; charset=utf-8", False, _file("report.html")),
    "law.txt": Download("text/plain; charset=utf-8", True, law_text),
    "discovery.json": Download("application/json", True, _file("discovery.json")),
    PREDICTIONS: Download("text/csv; charset=utf-8", True, _file(PREDICTIONS)),
    WIDTHS: Download("application/json", True, _file(WIDTHS)),
    "run.zip": Download("application/zip", True, everything),
}
"""By the last part of their address; nothing else of the machine's files is served."""
