"""A report written by a process of its own, which gets ready while the search still runs.

Half the time of a report goes into imports, fonts and the first formula. A child started before the
search has all that behind it when there is something to draw. It is a fresh interpreter, never a
fork, and no object travels: it is told a directory, and reads what was written there.

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

_PATIENCE = 5.0  # seconds that a child has to end after it was asked to
# Figures need no threads of linear algebra, and each takes memory.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
_COMMAND = ("-P", "-m", "hiddenlaw.report.worker")  # -P: nothing in the current folder is a module


_OWN_GROUP = subprocess.CREATE_NEW_PROCESS_GROUP if sys.platform == "win32" else 0


class ReportWorker:
    """A child that writes one report. Leaving the context ends it, whatever it is doing."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        # Without a child the report is written here; nothing to tell anybody.
        with contextlib.suppress(OSError, ValueError):
            self._child = subprocess.Popen(
                [sys.executable, *_COMMAND],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | _ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(sys.path)},
                # A Ctrl-C at the terminal is for the parent, which then ends the child.
                process_group=None if sys.platform == "win32" else 0,
                creationflags=_OWN_GROUP,
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        child.terminate()
        try:
            child.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def write(self, directory: str | os.PathLike[str]) -> Path:
        """Write figures and page of a run directory, and return the path of the page.

        The directory holds discovery.json and models.npz. Where there is no child, or it died, the
        report is written in this process. Raises `FormatError` for files that are missing or
        damaged, and where the system refuses.
        """
        answer = self._ask(Path(directory))
        if answer is None:
            from hiddenlaw.report.write import write_report_of

            return write_report_of(directory)
        if "error" in answer:
            raise FormatError(str(answer["error"]))
        return Path(answer["page"])

    def _ask(self, directory: Path) -> dict[str, Any] | None:
        """What the child answered; None where there is none, or it died."""
        child = self._child
        if child is None or child.stdin is None or child.stdout is None:
            return None
        try:
            child.stdin.write(json.dumps(str(directory.absolute())).encode() + b"\n")
            child.stdin.close()
            answer = json.loads(child.stdout.readline())
        except (OSError, ValueError):
            return None
        return answer if isinstance(answer, dict) else None


if __name__ == "__main__":
    from hiddenlaw.report.serving import serve

    serve()
