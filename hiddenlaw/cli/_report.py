"""How a command writes the report of a run directory: in a process of its own that is warm by then.

Figures take seconds, most of them imports, and these can pass while the search goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def report_writer() -> Iterator[Callable[[Path], object]]:
    """What writes the report of a directory that holds a discovery; start it before the search."""
    try:
        from hiddenlaw.report.worker import ReportWorker
    except ImportError:
        yield write_here
        return
    with ReportWorker() as worker:
        yield worker.write


def write_here(directory: Path) -> None:
    """Write the report in this process."""
    from hiddenlaw.report import write_report
    from hiddenlaw.results.rundir import read

    write_report(*read(directory), directory)
