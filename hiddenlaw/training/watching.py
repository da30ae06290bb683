"""A progress that hears of every width, and may end a search before all widths are tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hiddenlaw.training.progress import Progress, Silent


class Watched(Silent):
    """Subclass it: what it is told beside stages, and what it may ask for.

    `left_out` says in words what was not tried because it had had enough.
    """

    def __init__(self) -> None:
        self.left_out: list[str] = []

    def family(self, name: str) -> None:
        """The search for laws of this family begins."""

    def width(self, entries: Sequence[Mapping[str, Any]]) -> None:
        """A width is finished; `entries` are those of the sweep in `discovery.json`, one a seed."""

    def enough(self) -> bool:
        """Whether no further width is wanted: the search goes on with those that are finished."""
        return False

    def interrupted(self, left: str) -> bool:
        """Whether an interruption of what is in work ends the search, and keeps what is finished.

        `left` is what is not done then. Where it is False the interruption goes to the caller.
        """
        return False


class Unheard:
    """Tells another progress of stages alone: widths in it are no part of the sweep."""

    def __init__(self, progress: Progress) -> None:
        self.start, self.advance, self.finish = progress.start, progress.advance, progress.finish


def tell_family(progress: Progress, name: str) -> None:
    if isinstance(progress, Watched):
        progress.family(name)


def tell_width(progress: Progress, entries: Sequence[Mapping[str, Any]]) -> None:
    if isinstance(progress, Watched):
        progress.width(entries)


def ends_before(progress: Progress, left: str) -> bool:
    """Whether a search is to end here, with this `left` undone; nothing is, if it is empty."""
    if not (left and isinstance(progress, Watched) and progress.enough()):
        return False
    progress.left_out.append(left)
    return True


def has_enough(progress: Progress) -> bool:
    """Whether nothing further is to be begun."""
    return isinstance(progress, Watched) and progress.enough()


def keeps(progress: Progress, left: str) -> bool:
    """Whether a search goes on after `KeyboardInterrupt` with what it has, without this `left`;
    never if it is empty, which says that nothing is finished."""
    if not (left and isinstance(progress, Watched) and progress.interrupted(left)):
        return False
    progress.left_out.append(left)
    return True


def left_out_in_words(progress: Progress) -> list[str]:
    """A note where a search was ended early."""
    if not (isinstance(progress, Watched) and progress.left_out):
        return []
    return [f"the search was stopped; not tried were {'; '.join(progress.left_out)}"]
