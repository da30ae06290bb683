"""A report written by processes of their own, which get ready while the search still runs.

A third of the time of a report goes into imports, fonts and the first formula. A child started
before the search has all that behind it when there is something to draw. It is a fresh interpreter,
never a fork, and no object travels: it is told a directory, and reads what was written there. Where
there are two processors there are two children, which draw one figure after the other; one of them
then writes the page around the figures of both.

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
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Self, TypeGuard

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
        try:
            for _ in range(min(_processors(), _MOST)):
                self._children.append(_Child())
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
        try:
            written = registered() == BUILT_IN and self._written(Path(directory).absolute())
        finally:
            self._end()
        if not written:
            from hiddenlaw.report.write import write_report_of

            return write_report_of(directory)
        return Path(directory) / "report.html"

    def _written(self, directory: Path) -> bool:
        """Whether the children did it all."""
        waiting, answers = deque(figure.name for figure in registered()), []

        def draw(child: _Child) -> None:
            with contextlib.suppress(IndexError):
                while True:
                    answers.append(child.answer(directory, draw=waiting.popleft()))

        threads = [Thread(target=draw, args=(child,)) for child in self._children]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if not _good(answers):
            return False
        figures = {name: text for answer in answers for name, text in answer["figures"].items()}
        return _good([self._children[0].answer(directory, page=figures)])

    def _end(self) -> None:
        children, self._children = self._children, []
        for child in children:
            child.end()


def _good(answers: Sequence[Mapping[str, Any] | None]) -> TypeGuard[Sequence[Mapping[str, Any]]]:
    """Whether there are any, and no child is gone. Raises `FormatError` for what is wrong."""
    for answer in filter(None, answers):
        if "error" in answer:
            raise FormatError(str(answer["error"]))
    return bool(answers) and None not in answers


def end_process(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, make it end where it does not, and wait until it is gone."""
    process.terminate()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class _Child:
    """A process that draws figures of a report; see `serving` for what it does."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *_COMMAND],
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

    def answer(self, directory: Path, **wanted: object) -> dict[str, Any] | None:
        """What it says when it has done that; None where it is gone."""
        try:
            request = json.dumps({"directory": str(directory), **wanted})
            self._request.write(request.encode() + b"\n")
            self._request.flush()
            answer = json.loads(self._response.readline())
        except (OSError, ValueError):
            return None
        return answer if isinstance(answer, dict) else None

    def end(self) -> None:
        for pipe in (self._request, self._response):
            with contextlib.suppress(OSError):
                pipe.close()
        end_process(self._process)


def _processors() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


if __name__ == "__main__":
    from hiddenlaw.report.serving import serve

    serve()
