"""A child of `ReportWorker`: it gets ready, waits for one directory, and writes its part there.

One line comes in, the directory as a JSON string; one line goes out, an object with "written" or
with "error". Where the input ends without a line, as it does when the parent dies, so does the
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
from types import FrameType

_NICE = 10  # while the search needs the processor


def serve(part: str) -> None:
    """Answer one request for a part of a report, one of `hiddenlaw.report.write.PARTS`, and end."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ends at once, without a traceback
    signal.signal(signal.SIGTERM, _end)
    gc.disable()  # figures are circles of objects, and this process ends before they matter
    getting_ready = threading.Thread(target=_get_ready_politely, daemon=True)
    getting_ready.start()
    getting_ready.join()
    line = sys.stdin.readline()
    if not line:
        return
    with contextlib.suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), json.dumps(_answer(part, json.loads(line))).encode() + b"\n")


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


def _answer(part: str, directory: str) -> dict[str, str]:
    from hiddenlaw.errors import HiddenlawError
    from hiddenlaw.report.write import PARTS, read_run

    try:
        return {"written": str(PARTS[part](*read_run(directory), directory))}
    except HiddenlawError as problem:
        return {"error": str(problem)}


def _end(signal_number: int, frame: FrameType | None) -> None:
    """Leave by the ordinary way, so that a file half written is removed."""
    sys.exit(1)
