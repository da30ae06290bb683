"""What training tells the outside: hooks that do nothing unless somebody listens."""

from types import TracebackType
from typing import Protocol, runtime_checkable


@runtime_checkable
class Progress(Protocol):
    """Called by every training and stage; knows nothing of who draws it.

    Never called inside a compiled function or while JAX's float64 context is suspended.
    """

    def start(self, stage: str, total: int) -> None:
        """`stage` begins and will take about `total` advances."""
        ...

    def advance(self, stage: str, message: str = "") -> None:
        """One part of `stage` is done; `message` says how it went."""
        ...

    def finish(self, stage: str, message: str = "") -> None:
        """`stage` is over."""
        ...


class Silent:
    """The default: nobody listens."""

    def start(self, stage: str, total: int) -> None:
        pass

    def advance(self, stage: str, message: str = "") -> None:
        pass

    def finish(self, stage: str, message: str = "") -> None:
        pass


class RichProgress:
    """Bars on standard error, one a stage. Use as a context manager."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._progress = Progress(
            TextColumn("{task.description:<12}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[message]}"),
            console=Console(stderr=True),
        )
        self._tasks: dict = {}

    def __enter__(self) -> "RichProgress":
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def start(self, stage: str, total: int) -> None:
        self._tasks[stage] = self._progress.add_task(stage, total=total, message="")

    def advance(self, stage: str, message: str = "") -> None:
        self._progress.update(self._tasks[stage], advance=1, message=message)

    def finish(self, stage: str, message: str = "") -> None:
        task = self._tasks[stage]
        total = self._progress.tasks[self._progress.task_ids.index(task)].total
        self._progress.update(task, completed=total, message=message)
