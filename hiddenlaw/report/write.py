"""Write a report into a run directory: figures as PNG, and the page that holds all of them."""

from __future__ import annotations

import contextlib
import gc
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hiddenlaw.errors import FormatError
from hiddenlaw.io import read_arrays, write_whole
from hiddenlaw.report.figures import draw_figures, registered
from hiddenlaw.report.page import page


def write_report(
    record: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    directory: str | os.PathLike[str],
) -> Path:
    """Write figures/*.png and report.html into `directory`; returns the path of the page.

    - `record`: the content of discovery.json.
    - `arrays`: sample runs, states, transfer matrices and residuals by name, as stored beside it. A
      figure whose arrays are missing is left out, and one of an earlier report removed.

    Every file is written whole or not at all. Raises `FormatError` where the system refuses.
    """
    directory = Path(directory)
    with _collection_paused():
        pictures = draw_figures(record, arrays)
        for figure in registered():
            path = directory / "figures" / f"{figure.name}.png"
            if figure.name in pictures:
                content = pictures[figure.name].png()
                write_whole(path, lambda temporary, content=content: temporary.write_bytes(content))
            else:
                with contextlib.suppress(OSError):
                    path.unlink()
        text = page(record, pictures)
    target = directory / "report.html"
    write_whole(target, lambda temporary: temporary.write_text(text, encoding="utf-8"))
    return target


def write_report_of(directory: str | os.PathLike[str]) -> Path:
    """Write the report of a directory that holds discovery.json and models.npz.

    Returns the path of the page. Raises `FormatError` where one of the two is missing or damaged.
    """
    directory = Path(directory)
    path = directory / "discovery.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise FormatError(f"cannot read {path}: {reason}; make the discovery again") from problem
    if not isinstance(record, dict) or not isinstance(record.get("dataset"), dict):
        raise FormatError(f"{path} is no discovery; make the discovery again")
    return write_report(record, read_arrays(directory / "models.npz"), directory)


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
