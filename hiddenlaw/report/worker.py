"""A report written by processes of their own, which get ready while the search still runs.

A third of the time of a report goes into imports, fonts and the first formula. A child started
before the search has all that behind it when there is something to draw. It is a fresh interpreter,
never a fork, and no object travels: it is told a directory, and reads what was written there. Where
there are two processors there are two children, one for the figures and one for the page: each lays
the figures out for itself, and together they still take a third less time than one.

    with ReportWorker() as worker:
        found = discover(data)
        found.save(directory, report=False)
        worker.write(directory)
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hiddenlaw.errors import FormatError
from hiddenlaw.report.figures import BUILT_IN, registered

_PATIENCE = 5.0  # seconds that a child has to end after it was asked to
_COMMAND = ("-P", "-m", "hiddenlaw.report.worker")  # -P: nothing in the current folder is a module
# Figures need no threads of linear algebra, and each takes memory.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
# A Ctrl-C at the terminal is for the parent alone, which then ends the children.
_OWN_GROUP = subprocess.CREATE_NEW_PROCESS_GROUP if sys.platform == "win32" else 0


class ReportWorker:
    """Children that write one report. Leaving the context ends them, whatever they are doing."""

    def __init__(self) -> None:
        self._children: list[_Child] = []

    def __enter__(self) -> Self:
        parts = ("figures", "page") if _processors() > 1 else ("report",)
        try:
            for part in parts:
                self._children.append(_Child(part))
        except (OSError, ValueError):
            self._end()  # the report is written here, then; nothing to tell anybody
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def write(self, directory: str | os.PathLike[str]) -> Path:
        """Write figures and page of a run directory, and return the path of the page.

        The directory holds discovery.json and models.npz. Where no child could be started, or one
        died, or where figures were registered of which children cannot know, the report is written
        in this process. Raises `FormatError` for files that are missing or damaged, and where the
        system refuses.
        """
        children = self._children if registered() == BUILT_IN else []
        asked = [child.ask(Path(directory)) for child in children]
        answers = [child.answer() for child in children] if all(asked) else []
        if not answers or None in answers:
            from hiddenlaw.report.write import write_report_of

            return write_report_of(directory)
        for answer in filter(None, answers):
            if "error" in answer:
                raise FormatError(str(answer["error"]))
        return Path(directory) / "report.html"

    def _end(self) -> None:
        children, self._children = self._children, []
        for child in children:
            child.end()


class _Child:
    """A process that writes one part of a report; see `serving` for what it does."""

    def __init__(self, part: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *_COMMAND, part],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | _ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(sys.path)},
            process_group=None if sys.platform == "win32" else 0,
            creationflags=_OWN_GROUP,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._request, self._response = self._process.stdin, self._process.stdout

    def ask(self, directory: Path) -> bool:
        """Name the directory; False where the child is gone, or has been asked before."""
        try:
            self._request.write(json.dumps(str(directory.absolute())).encode() + b"\n")
            self._request.close()
        except (OSError, ValueError):
            return False
        return True

    def answer(self) -> dict[str, Any] | None:
        """What it says when it has written its part; None where it died before."""
        try:
            answer = json.loads(self._response.readline())
        except (OSError, ValueError):
            return None
        return answer if isinstance(answer, dict) else None

    def end(self) -> None:
        for pipe in (self._request, self._response):
            with contextlib.suppress(OSError):
                pipe.close()
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _processors() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


if __name__ == "__main__":
    from hiddenlaw.report.serving import serve

    serve(sys.argv[1] if len(sys.argv) > 1 else "report")
