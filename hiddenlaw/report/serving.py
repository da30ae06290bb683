"""A child of `ReportWorker`: it gets ready, waits for one directory, and draws its share there.

Each line is a JSON object. In comes {"directory": path}, out goes {"figures": HTML by name}. A
child that then gets {"figures": those of the others} writes the page, and says {"written": path}.
An answer may be {"error": what is wrong}. Where the input ends, as it does when the parent dies, so
does the child.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

_NICE = 10  # while the search needs the processor


def serve(share: int, of: int) -> None:
    """Draw one share of the figures of a report, then write the page if asked to, and end."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ends at once, without a traceback
    signal.signal(signal.SIGTERM, _end)
    gc.disable()  # figures are circles of objects, and this process ends before they matter
    getting_ready = threading.Thread(target=_get_ready_politely, daemon=True)
    getting_ready.start()
    getting_ready.join()
    with contextlib.suppress(BrokenPipeError):
        for answer in _answers(share, of):
            os.write(sys.stdout.fileno(), json.dumps(answer).encode() + b"\n")


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


def _answers(share: int, of: int) -> Iterator[dict[str, Any]]:
    from hiddenlaw.errors import HiddenlawError
    from hiddenlaw.report.figures import registered
    from hiddenlaw.report.write import read_run, write_figures, write_page

    if not (request := sys.stdin.readline()):
        return
    try:
        directory = json.loads(request)["directory"]
        record, arrays = read_run(directory)
        # 0, 1, 1, 0, 0, …: neighbours in the report, which are alike, are parted.
        mine = [f for k, f in enumerate(registered()) if (k + 1) // 2 % of == share]
        drawn = write_figures(record, arrays, directory, mine)
        yield {"figures": drawn}
        if request := sys.stdin.readline():
            drawn |= json.loads(request)["figures"]
            yield {"written": str(write_page(record, drawn, directory))}
    except HiddenlawError as problem:
        yield {"error": str(problem)}


def _end(signal_number: int, frame: FrameType | None) -> None:
    """Leave by the ordinary way, so that a file half written is removed."""
    sys.exit(1)
