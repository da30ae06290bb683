"""Write a report into a run directory: figures as PNG, and the page that holds all of them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hiddenlaw.io import write_whole
from hiddenlaw.report.figures._all import FIGURES, draw_figures
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
    pictures = draw_figures(record, arrays)
    for name in FIGURES:
        path = directory / "figures" / f"{name}.png"
        if name in pictures:
            content = pictures[name].png()
            write_whole(path, lambda temporary, content=content: temporary.write_bytes(content))
        else:
            with contextlib.suppress(OSError):
                path.unlink()
    text = page(record, pictures)
    target = directory / "report.html"
    write_whole(target, lambda temporary: temporary.write_text(text, encoding="utf-8"))
    return target
