"""What a reader says about a file beside the data, for whoever listens.

`hiddenlaw check` listens while it reads: it then knows which columns became what, what was passed
over, and every fault that was seen, not the first alone. Where nobody listens nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import HiddenlawError


@dataclass(frozen=True)
class Proposal:
    """The columns of a table, and what each is taken for, or would be if nobody says otherwise.

    - `headers`, `symbols`, `units`, `kinds` (one a column): as they stand in the file, as equations
      call them, and what they hold: "number", "date", "text", "empty" or "other".
    - `roles`: by header "input", "response", "x", "run" or "error"; the others are not read.
    - `stepped`: whether the file says where its samples are, without a column for it.
    """

    headers: tuple[str, ...]
    symbols: tuple[str, ...]
    units: tuple[str, ...]
    kinds: tuple[str, ...]
    roles: dict[str, str]
    stepped: bool = False


@dataclass
class Survey:
    """What was said of one file.

    - `notes`: what anybody should know who goes on: symbols for names, columns that cannot be read.
    - `remarks`: what else is no fault: columns that were not asked for, a grid that is counted.
    - `problems`: why there are no data, all reasons that were found.
    - `options`: those of the command line that name what was read.
    - `paths`: all files of which this is one, where several are read together.
    - `proposal`: of what its columns are, where it is a table.
    - `provisional`: where there are problems, the data as far as they can be had, with sites that
      are counted in place of a grid that is none.
    """

    notes: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    problems: list[HiddenlawError] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    paths: Sequence[Path] = ()
    proposal: Proposal | None = None
    provisional: Dataset | None = None


_listening: ContextVar[Survey | None] = ContextVar("listening", default=None)


@contextmanager
def surveyed() -> Iterator[Survey]:
    """Listen to what readers say inside the block."""
    survey = Survey()
    token = _listening.set(survey)
    try:
        yield survey
    finally:
        _listening.reset(token)


def current() -> Survey:
    """The survey that is listening, or one that nobody will look at."""
    survey = _listening.get()
    return Survey() if survey is None else survey
