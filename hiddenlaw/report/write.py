"""Write a report into a run directory: figures as PNG, and the page that holds all of them."""

from __future__ import annotations

import contextlib
import gc
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hiddenlaw.errors import FormatError
from hiddenlaw.io import read_arrays, write_whole
from hiddenlaw.report.figures import Figure, Picture, draw_figures, registered
from hiddenlaw.report.page import page

Record = Mapping[str, Any]
Arrays = Mapping[str, np.ndarray]
Directory = str | os.PathLike[str]


def write_report(record: Record, arrays: Arrays, directory: Directory) -> Path:
    """Write figures/*.png and report.html into `directory`; returns the path of the page.

    - `record`: the content of discovery.json.
    - `arrays`: sample runs, states, transfer matrices and residuals by name, as stored beside it. A
      figure whose arrays are missing is left out, and one of an earlier report removed.

    Every file is written whole or not at all. Raises `FormatError` where the system refuses.
    """
    return write_page(record, write_figures(record, arrays, directory), directory)


def write_figures(
    record: Record, arrays: Arrays, directory: Directory, figures: Iterable[Figure] | None = None
) -> dict[str, str]:
    """Write figures/*.png, of all figures or of these; returns each one as HTML, by name."""
    chosen = registered() if figures is None else tuple(figures)
    with _collection_paused():
        pictures = draw_figures(record, arrays, chosen)
        _save_figures(chosen, pictures, Path(directory) / "figures")
        return {f.name: pictures[f.name].html() for f in chosen if f.name in pictures and f.section}


def write_page(record: Record, figures: Mapping[str, str], directory: Directory) -> Path:
    """Write report.html with these figures, HTML by name; returns its path."""
    with _collection_paused():
        text, path = page(record, figures), Path(directory) / "report.html"
    write_whole(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))
    return path


def write_report_of(directory: Directory) -> Path:
    """Write the report of a directory that holds discovery.json and models.npz.

    Returns the path of the page. Raises `FormatError` where one of the two is missing or damaged.
    """
    return write_report(*read_run(directory), directory)


def read_run(directory: Directory) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The record and the arrays of a run directory. Raises `FormatError`."""
    path = Path(directory) / "discovery.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise FormatError(f"cannot read {path}: {reason}; make the discovery again") from problem
    if not isinstance(record, dict) or not isinstance(record.get("dataset"), dict):
        raise FormatError(f"{path} is no discovery; make the discovery again")
    return record, read_arrays(Path(directory) / "models.npz")


def _save_figures(figures: Iterable[Figure], pictures: Mapping[str, Picture], folder: Path) -> None:
    for figure in figures:
        path = folder / f"{figure.name}.png"
        if figure.name in pictures:
            content = pictures[figure.name].png()
            write_whole(path, lambda temporary, content=content: temporary.write_bytes(content))
        else:
            with contextlib.suppress(OSError):
                path.unlink()


@contextlib.contextmanager
def _collection_paused() -> Iterator[None]:
    """Without looking for unreachable objects: figures are made of many that refer to one another.

    Python would search them again and again while they grow, for a tenth of the time of a report.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
