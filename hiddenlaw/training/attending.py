"""Who attends to a search in Python: a display, the loggers of `hiddenlaw`, and Ctrl-C."""

from __future__ import annotations

import contextlib
import logging
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hiddenlaw.training.displays import display
from hiddenlaw.training.progress import Progress, Silent
from hiddenlaw.training.watching import Watched

_PARTS = {  # of the package, by the stage that is told of
    "translator": "translator",
    "distiller": "distiller",
    "answers": "distiller",
    "direct": "theory",
    "theory": "theory",
}
_PACKAGE = str(Path(__file__).parents[1])


@contextlib.contextmanager
def attended(asked: bool | Progress | None) -> Iterator[Progress]:
    """What a search tells of itself, for as long as it lasts.

    True shows bars on standard error, or below the cell of a notebook; False shows nothing. Either
    way Ctrl-C ends the search and keeps what is finished. A progress of somebody's own is told all,
    and what becomes of Ctrl-C is for it to say. The loggers are told in any case.
    """
    if not isinstance(asked, bool | None):
        yield Logged(asked)
        return
    with display() if asked else contextlib.nullcontext(Silent()) as shown:
        yield Logged(Stoppable(shown))


class Passed(Watched):
    """Passes all it is told on to another progress, and asks it what it is asked."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._to = progress
        if isinstance(progress, Watched):
            self.left_out = progress.left_out

    def start(self, stage: str, total: int) -> None:
        self._to.start(stage, total)

    def advance(self, stage: str, message: str = "") -> None:
        self._to.advance(stage, message)

    def finish(self, stage: str, message: str = "") -> None:
        self._to.finish(stage, message)

    def family(self, name: str) -> None:
        if isinstance(self._to, Watched):
            self._to.family(name)

    def width(self, entries: Sequence[Mapping[str, Any]]) -> None:
        if isinstance(self._to, Watched):
            self._to.width(entries)

    def enough(self) -> bool:
        return isinstance(self._to, Watched) and self._to.enough()

    def interrupted(self, left: str) -> bool:
        return isinstance(self._to, Watched) and self._to.interrupted(left)


class Stoppable(Passed):
    """Ctrl-C ends the search with what is finished, once; a second one ends it without.

    What is in work is dropped where it stands. The first time is told by a `UserWarning`, at once.
    """

    def __init__(self, progress: Progress) -> None:
        super().__init__(progress)
        self._stopped = False

    def enough(self) -> bool:
        return self._stopped or super().enough()

    def interrupted(self, left: str) -> bool:
        if self._stopped:
            return False
        self._stopped = True
        said = f"the search was interrupted; what is finished is kept, and not tried are {left}"
        logging.getLogger("hiddenlaw.discovery").warning(said)
        warnings.warn(f"{said}. Ctrl-C once more keeps nothing", UserWarning, _outside())
        return True


class Logged(Passed):
    """Tells loggers: a stage that begins or ends at INFO, its parts at DEBUG.

    They are called by the part of the package whose stage it is: `hiddenlaw.translator` and so on.
    """

    def __init__(self, progress: Progress) -> None:
        super().__init__(progress)
        self._family = ""

    def start(self, stage: str, total: int) -> None:
        _logger(stage).info("%s: begins, about %d parts", stage, total)
        super().start(stage, total)

    def advance(self, stage: str, message: str = "") -> None:
        if message:
            _logger(stage).debug("%s: %s", stage, message)
        super().advance(stage, message)

    def finish(self, stage: str, message: str = "") -> None:
        _logger(stage).info("%s: %s", stage, message or "done")
        super().finish(stage, message)

    def family(self, name: str) -> None:
        if name != self._family:
            logging.getLogger("hiddenlaw.families").info("laws of the family %s", name)
        self._family = name
        super().family(name)


def _logger(stage: str) -> logging.Logger:
    return logging.getLogger(f"hiddenlaw.{_PARTS.get(stage, 'training')}")


def _outside() -> int:
    """How many frames above its caller the package was called from, as `warnings` counts them."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame, level = frame.f_back, level + 1
    return level
