"""What a search says of itself while it goes on, on standard error."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator
from typing import Annotated

import typer

Verbose = Annotated[
    int,
    typer.Option(
        "--verbose",
        "-v",
        count=True,
        help="Say on standard error what is tried, and what failed; twice for details.",
        show_default=False,
    ),
]


@contextlib.contextmanager
def loud(verbose: int) -> Iterator[None]:
    """The loggers of hiddenlaw on standard error: with 1 what is tried, with more details, too."""
    if not verbose:
        yield
        return
    logger, handler = logging.getLogger("hiddenlaw"), _ToStandardError()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO if verbose == 1 else logging.DEBUG)
    try:
        yield
    finally:
        logger.setLevel(before)
        logger.removeHandler(handler)


class _ToStandardError(logging.StreamHandler):
    """Standard error as it is now: a bar of progress takes its place meanwhile, to stay below."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.setFormatter(logging.Formatter("%(message)s"))

    @property
    def stream(self):  # type: ignore[no-untyped-def,override]
        return sys.stderr
