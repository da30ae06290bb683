"""The process that searches: it is told what to read and how, and tells how the search goes.

A fresh interpreter, and no object travels. Its first line of input is a JSON object: {"paths",
"names": of the files, "reading": how they are read, "settings": of the search, "out": the run
directory to write}. Every line of output is an event for `progress.Standing`. The word `stop` in a
further line ends the sweep after the width that is in work; where the input ends, as it does when
the parent dies, the process ends at once.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from hiddenlaw.training.watching import Watched

Tell = Any  # a function of the event's name, and what else it says


class Told(Watched):
    """Sends on what the search says, and ends it early once it is asked to."""

    def __init__(self, tell: Tell, stop: threading.Event) -> None:
        super().__init__()
        self._tell, self._stop = tell, stop

    def start(self, stage: str, total: int) -> None:
        self._tell("stage", stage=stage, total=total)

    def advance(self, stage: str, message: str = "") -> None:
        self._tell("advance", stage=stage, message=message)

    def family(self, name: str) -> None:
        self._tell("family", name=name)

    def width(self, entries: Sequence[Mapping[str, Any]]) -> None:
        self._tell("width", entries=list(entries))

    def enough(self) -> bool:
        return self._stop.is_set()


def serve() -> None:
    """Search for what the input asks for, and end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends this
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else prints is no event
    stop, lock = threading.Event(), threading.Lock()

    def tell(event: str, **more: Any) -> None:
        with lock:
            output.write(json.dumps({"event": event, **more}) + "\n")
            output.flush()

    request = json.loads(sys.stdin.readline() or "null")
    if request is not None:
        threading.Thread(target=_listen, args=(sys.stdin, stop), daemon=True).start()
        _search_and_tell(request, tell, stop)
    os._exit(0)  # the thread that listens would hold it


def _listen(words: TextIO, stop: threading.Event) -> None:
    for word in words:
        if word.strip() == "stop":
            stop.set()
    os._exit(1)


def _search_and_tell(request: dict[str, Any], tell: Tell, stop: threading.Event) -> None:
    from hiddenlaw.errors import HiddenlawError

    try:
        search(request, tell, stop)
    except HiddenlawError as problem:
        tell("failed", message=" ".join(str(problem).split()))
    except MemoryError:
        tell("failed", message="there is not enough memory for this; take fewer runs")
    except Exception as problem:  # a bug: the page says so, and the terminal where
        traceback.print_exc()
        tell("failed", message=f"this is a fault of hiddenlaw: {problem!r}; see the terminal")


def search(request: dict[str, Any], tell: Tell, stop: threading.Event) -> None:
    """Read, search, keep what is found, predict and draw. Raises `HiddenlawError`."""
    tell("stage", stage="reading", total=1)
    from hiddenlaw.app.files import Files
    from hiddenlaw.app.reading import Reading, read
    from hiddenlaw.discovery import discover

    files = Files(tuple(map(Path, request["paths"])), tuple(request["names"]))
    dataset = read(files, Reading(**request["reading"]))
    found = discover(dataset, progress=Told(tell, stop), **request["settings"])
    out = Path(request["out"])
    found.save(out, report=False)  # from here on nothing is lost
    if found.theories:
        from hiddenlaw.errors import HiddenlawError
        from hiddenlaw.io import save

        tell("stage", stage="predictions", total=1)
        try:
            save(found.predict_runs(dataset).data, out / "predictions.csv")
        except HiddenlawError as problem:
            tell("advance", stage="predictions", message=str(problem))
    tell("stage", stage="report", total=1)
    found.save(out)
    tell("found", message=found.record["verdict"])


if __name__ == "__main__":
    serve()
