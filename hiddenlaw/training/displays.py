"""What shows how far a search is: bars in a terminal, a table below the cell of a notebook."""

from __future__ import annotations

import contextlib
import sys
import time
from html import escape
from types import TracebackType
from typing import Any

from hiddenlaw.training.progress import RichProgress, Silent


def display() -> contextlib.AbstractContextManager[Any]:
    """A progress that is seen where this runs; a context manager."""
    notebook = _notebook()
    return RichProgress() if notebook is None else NotebookProgress(notebook)


def _notebook() -> Any:
    """`IPython.display` in a kernel that shows what is displayed; None elsewhere.

    IPython runs already where there is one, so nothing is imported that is not there.
    """
    shell = sys.modules.get("IPython")
    running = shell.get_ipython() if shell is not None else None
    if getattr(running, "kernel", None) is None:
        return None
    from importlib import import_module

    return import_module("IPython.display")


class NotebookProgress(Silent):
    """A line for each stage, in one output that changes in place. Use as a context manager.

    `notebook` is `IPython.display`, or what has its `display(…, display_id=True)`.
    """

    def __init__(self, notebook: Any) -> None:
        self._notebook, self._handle = notebook, None
        self._lines: list[_Line] = []

    def __enter__(self) -> NotebookProgress:
        self._handle = self._notebook.display(_Lines(self._lines), display_id=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._show()

    def start(self, stage: str, total: int) -> None:
        self._lines.append(_Line(stage, max(total, 1)))
        self._show()

    def advance(self, stage: str, message: str = "") -> None:
        self._of(stage).go(1, message)
        self._show()

    def finish(self, stage: str, message: str = "") -> None:
        line = self._of(stage)
        line.go(line.total - line.done, message)
        self._show()

    def _of(self, stage: str) -> _Line:
        """The line of a stage that began last."""
        return next(line for line in reversed(self._lines) if line.stage == stage)

    def _show(self) -> None:
        if self._handle is not None:
            self._handle.update(_Lines(self._lines))


class _Line:
    """A stage: how much of it is done, since when, and how its last part went."""

    def __init__(self, stage: str, total: int) -> None:
        self.stage, self.total, self.done, self.message = stage, total, 0, ""
        self._began = time.monotonic()
        self.seconds = 0.0

    def go(self, parts: int, message: str) -> None:
        self.done = min(self.done + parts, self.total)
        self.message, self.seconds = message, time.monotonic() - self._began


class _Lines:
    """What is displayed, as it was when it was made."""

    def __init__(self, lines: list[_Line]) -> None:
        self._rows = [(x.stage, x.done, x.total, f"{x.seconds:.0f} s", x.message) for x in lines]

    def __repr__(self) -> str:
        return "\n".join(
            f"{stage:<12}{100 * done // total:>4} %  {took:>6}  {message}"
            for stage, done, total, took, message in self._rows
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(stage)}</td><td><progress value='{done}' max='{total}'></progress>"
            f"</td><td>{took}</td><td style='text-align:left'>{escape(message)}</td></tr>"
            for stage, done, total, took, message in self._rows
        )
        return f"<table>{rows}</table>"
