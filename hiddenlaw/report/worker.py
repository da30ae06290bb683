"""A report written by processes of their own, which get ready while the search still runs.

A third of the time of a report goes into imports, fonts and the first formula. A child started
before the search has all that behind it when there is something to draw. It is a fresh interpreter,
never a fork, and no object travels: it is told a directory, and reads what was written there. Where
there are two processors there are two children, each for a half of the figures; one of them then
writes the page around the figures of both.

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
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hiddenlaw.errors import FormatError
from hiddenlaw.report.figures import BUILT_IN, registered

_MOST = 2  # children: a third one would wait for the fonts longer than it draws
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
        of = min(_processors(), _MOST)
        try:
            for share in range(of):
                self._children.append(_Child(share, of))
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
        answers = _answers(children, {"directory": str(Path(directory).absolute())})
        if answers:
            figures = {k: text for answer in answers for k, text in answer["figures"].items()}
            answers = _answers(children[:1], {"figures": figures})
        self._end()
        if not answers:
            from hiddenlaw.report.write import write_report_of

            return write_report_of(directory)
        return Path(directory) / "report.html"

    def _end(self) -> None:
        children, self._children = self._children, []
        for child in children:
            child.end()


def _answers(children: Sequence[_Child], request: object) -> list[dict[str, Any]]:
    """What every child says to a request; nothing where there is none, or one is gone.

    Raises `FormatError` for what one of them found to be wrong.
    """
    asked = [child.ask(request) for child in children]
    answers = [child.answer() for child in children] if all(asked) else []
    for answer in filter(None, answers):
        if "error" in answer:
            raise FormatError(str(answer["error"]))
    told = [answer for answer in answers if answer is not None]
    return told if len(told) == len(children) else []


class _Child:
    """A process that draws a share of a report; see `serving` for what it does."""

    def __init__(self, share: int, of: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *_COMMAND, str(share), str(of)],
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

    def ask(self, request: object) -> bool:
        """Send one request; False where the child is gone."""
        try:
            self._request.write(json.dumps(request).encode() + b"\n")
            self._request.flush()
        except (OSError, ValueError):
            return False
        return True

    def answer(self) -> dict[str, Any] | None:
        """What it says when it has done that; None where it died before."""
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

    serve(int(sys.argv[1]), int(sys.argv[2]))
