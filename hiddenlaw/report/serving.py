"""A child of `ReportWorker`: it gets ready, then draws figures and writes the page as it is asked.

Each line is a JSON object. In comes {"directory": path, "draw": name of a figure}, and out goes
{"figures": HTML by name}, which is empty where there is nothing to draw; or there comes
{"directory": path, "page": HTML of figures by name}, and out goes {"written": path}. An answer may
be {"error": what is wrong}. Where the input ends, as it does when the parent dies, so does the
child.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import sys
import threading
import time
from functools import cache
from types import FrameType
from typing import Any

_NICE = 10  # while the search needs the processor
_GLANCE = 0.2  # seconds between two looks at whether the parent lives


def serve() -> None:
    """Answer requests for as long as there are any."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ends at once, without a traceback
    signal.signal(signal.SIGTERM, _end)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    gc.disable()  # figures are circles of objects, and this process ends before they matter
    try:
        getting_ready = threading.Thread(target=_get_ready_politely, daemon=True)
        getting_ready.start()
        getting_ready.join()
        with contextlib.suppress(BrokenPipeError):
            for request in sys.stdin:
                answer = json.dumps(_answer(**json.loads(request)))
                os.write(sys.stdout.fileno(), answer.encode() + b"\n")
    finally:
        os._exit(0)  # nothing is left to put in order, and Python would take its time over it


def warm_up() -> None:
    """Import what a report needs; find fonts and build parsers by drawing and typesetting once."""
    import matplotlib.backends.backend_svg  # noqa: F401

    from hiddenlaw.report.figures import Picture, new_figure
    from hiddenlaw.report.figures.style import house_style
    from hiddenlaw.report.formulas import typeset_latex

    with house_style():
        figure = new_figure(height=1.0, width=1.0)
        axes = figure.subplots()
        axes.plot([0, 1], label=r"$\psi''$")
        axes.set_title("W", fontweight="bold")
        figure.legend(loc="outside lower center")
    picture = Picture("", "", "", figure)
    picture.png()
    picture.svg()
    typeset_latex(r"\frac{\psi''}{2}")


def _get_ready_politely() -> None:
    """Linux gives every thread a priority of its own, so that of the report stays as it was."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
    warm_up()


def _answer(
    directory: str, draw: str | None = None, page: dict[str, str] | None = None
) -> dict[str, Any]:
    from hiddenlaw.errors import HiddenlawError
    from hiddenlaw.report.figures import registered
    from hiddenlaw.report.write import write_figures, write_page

    try:
        record, arrays = _read(directory)
        if page is not None:
            return {"written": str(write_page(record, page, directory))}
        chosen = [figure for figure in registered() if figure.name == draw]
        return {"figures": write_figures(record, arrays, directory, chosen)}
    except HiddenlawError as problem:
        return {"error": str(problem)}


@cache
def _read(directory: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A child serves one report; whatever it reads stays as it is until then."""
    from hiddenlaw.report.write import read_run

    return read_run(directory)


def _end_with(parent: int) -> None:
    """End when the parent does: nobody then waits for what is drawn, or tidies up after it."""
    while os.getppid() == parent:
        time.sleep(_GLANCE)
    os._exit(1)


def _end(signal_number: int, frame: FrameType | None) -> None:
    """Leave by the ordinary way, so that a file half written is removed."""
    sys.exit(1)
