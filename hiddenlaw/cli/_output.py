"""What commands say, and what becomes of it where nobody can read it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any


class Screen:
    """Standard output for a command that goes on when it cannot be written.

    What it could not print it remembers; `end` then raises, when all the rest is done.
    """

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console()
        self._problem: OSError | SystemExit | None = None

    def print(self, what: Any, **options: Any) -> None:
        if self._problem is None:
            try:
                self._console.print(what, **options)
            except (OSError, SystemExit) as problem:  # Rich ends the program at a broken pipe
                self._problem = problem

    def end(self, done: str) -> None:
        """Raise what went wrong, with a note on what is `done` all the same."""
        if self._problem is not None:
            self._problem.add_note(done)
            raise self._problem


def tell_recovered(places: Iterable[Path]) -> None:
    """Say where the discoveries are that a killed process left."""
    for place in places:
        print(
            f"note: a search that was stopped on its last step left what it had found; it is in "
            f"{place}",
            file=sys.stderr,
        )
