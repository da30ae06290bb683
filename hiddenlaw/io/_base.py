"""The contract of a file format, and how what is wrong with a file is said."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import FormatError

UNREADABLE = "what is in it cannot be read"

_LONGEST = 400


@dataclass(frozen=True)
class Columns:
    """Which columns or variables of a file to read, and how; None leaves it to the format.

    - `input`, `response`: names of the channels, in order.
    - `x`: name of the grid.
    - `run`: name of what numbers the runs (a column of a table, a dimension of an array).
    - `response_error`: names of the standard errors, in the order of the responses; None takes
      those called `response_error` or `<response>_error`, if there are any.
    - `resample`: the step of an even grid to put samples on, where theirs is uneven or another.
    - `dx`: the step of the samples, for a file that does not say where they are.
    """

    input: tuple[str, ...] | None = None
    response: tuple[str, ...] | None = None
    x: str | None = None
    run: str | None = None
    response_error: tuple[str, ...] | None = None
    resample: float | None = None
    dx: float | None = None


class Format(abc.ABC):
    """One file format: its name, the suffixes it goes by, a reader and, if it is written, a writer.

    `read` raises `FormatError` for a file that is damaged or lacks a named column, and lets the
    `DataError` of a `Dataset` through; with `allow_missing` NaN in the response are missing
    samples. Whatever the bytes of the file, it ends soon and takes no more memory than
    `_limits.py` allows. `write` creates the file at the path it is given; that it appears whole is
    the caller's business (`write_whole`). What a library writes badly to a full disk is made in
    memory first.
    """

    name: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    carries_truth: ClassVar[bool] = True

    @abc.abstractmethod
    def read(self, path: Path, columns: Columns, *, allow_missing: bool = False) -> Dataset: ...

    def write(self, dataset: Dataset, path: Path) -> None:
        raise FormatError(f"{path.name}: {self.name} is read but not written")

    @property
    def writes(self) -> bool:
        """Whether it is written, and not only read."""
        return type(self).write is not Format.write


def in_plain_words(problem: BaseException) -> str:
    """Why a file is called damaged: what a reader of this package says of it, a `ValueError`, or
    that it cannot be read where a library gave up, whose own words would tell nobody more.
    """
    return one_line(problem) if isinstance(problem, ValueError) else UNREADABLE


def one_line(problem: BaseException) -> str:
    """What an exception of another library says, on one line."""
    text = " ".join(str(problem).split())
    return text or type(problem).__name__


def told_plainly(text: str) -> str:
    """A message on one line of readable length, whatever text of a file it quotes.

    Blanks of any kind become spaces, what cannot be printed is escaped, and the middle of a very
    long message gives way to an ellipsis, for its end holds the remedy.
    """
    text = "".join(" " if letter.isspace() else letter for letter in text)
    if not text.isprintable():
        text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    if len(text) > 2 * _LONGEST:
        text = f"{text[:_LONGEST]} … {text[-_LONGEST:]}"
    return text
