"""The contract of a file format, and how a file is written whole or not at all."""

from __future__ import annotations

import abc
import contextlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import FormatError

_LONGEST = 400


@dataclass(frozen=True)
class Columns:
    """Which columns or variables of a file to read; None leaves the choice to the format.

    - `input`, `response`: names of the channels, in order.
    - `x`: name of the grid.
    - `run`: name of what numbers the runs (a column of a table, a dimension of an array).
    - `response_error`: names of the standard errors, in the order of the responses; None takes
      those called `response_error` or `<response>_error`, if there are any.
    """

    input: tuple[str, ...] | None = None
    response: tuple[str, ...] | None = None
    x: str | None = None
    run: str | None = None
    response_error: tuple[str, ...] | None = None


class Format(abc.ABC):
    """One file format: its name, the suffixes it goes by, a reader and a writer.

    `read` raises `FormatError` for a file that is damaged or lacks a named column, and lets the
    `DataError` of a `Dataset` through; with `allow_missing` NaN in the response are missing
    samples. Whatever the bytes of the file, it ends soon and takes no more memory than
    `_limits.py` allows. `write` creates the file at the path it is given; that it appears whole is
    the caller's business (`write_whole`).
    """

    name: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    carries_truth: ClassVar[bool] = True

    @abc.abstractmethod
    def read(self, path: Path, columns: Columns, *, allow_missing: bool = False) -> Dataset: ...

    @abc.abstractmethod
    def write(self, dataset: Dataset, path: Path) -> None: ...


def write_whole(path: str | os.PathLike[str], callback: Callable[[Path], object]) -> None:
    """Let `callback` write a temporary file beside `path`, then rename it onto `path`.

    Missing folders are made. Whatever goes wrong, `path` holds either what it held before or the
    whole new file. Raises `FormatError` where the system refuses.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        callback(temporary)
        os.replace(temporary, path)
    except OSError as problem:
        reason = problem.strerror or one_line(problem)
        raise FormatError(f"cannot write {path}: {reason}") from problem
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def one_line(problem: BaseException) -> str:
    """What an exception of another library says, on one line."""
    text = " ".join(str(problem).split())
    return text or type(problem).__name__


def told_plainly(text: str) -> str:
    """A message on one line of readable length, whatever text of a file it quotes.

    Blanks of any kind become spaces, what cannot be printed is escaped, and the middle of a very
    long message gives way to an ellipsis, for its end holds the remedy.
    """
    if len(text) > 2 * _LONGEST:
        text = f"{text[:_LONGEST]} … {text[-_LONGEST:]}"
    text = "".join(" " if letter.isspace() else letter for letter in text)
    if not text.isprintable():
        text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    return text
