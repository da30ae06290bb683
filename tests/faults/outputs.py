"""Standard output that cannot be written, that nobody reads, or that cannot show every letter."""

from __future__ import annotations

from dataclasses import dataclass, field

from runs import Ended

KEPT, NO_READER = 3, 141


@dataclass(frozen=True)
class Condition:
    """What a shell adds behind a command, and the environment it runs in.

    `codes` are the exit codes that are documented for it; a reader of a pipe may go away before or
    after all is written.
    """

    shell: str = ""
    env: dict[str, str] = field(default_factory=dict)
    codes: tuple[int, ...] = (0,)


def _letters(encoding: str, **env: str) -> Condition:
    return Condition(env={"PYTHONIOENCODING": encoding, **env})


CONDITIONS = {
    "stdout closed": Condition(">&-", codes=(KEPT,)),
    "stdout full": Condition("> /dev/full", codes=(KEPT,)),
    "reader gone": Condition("| true", codes=(0, NO_READER)),
    "reader of one line": Condition("| head -1", codes=(0, NO_READER)),
    "stderr closed": Condition("2>&-"),
    "stderr full": Condition("2> /dev/full"),
    "both closed": Condition(">&- 2>&-", codes=(KEPT,)),
    "both full": Condition("> /dev/full 2>&1", codes=(KEPT,)),
    "both to a reader of one line": Condition("2>&1 | head -1", codes=(0, NO_READER)),
    "stdin closed": Condition("<&-"),
    "all closed": Condition("<&- >&- 2>&-", codes=(KEPT,)),
    "no columns": Condition(env={"COLUMNS": "0"}),
    "one column": Condition(env={"COLUMNS": "1"}),
    "columns without end": Condition(env={"COLUMNS": "1000000000"}),
    "ascii": _letters("ascii"),
    "cp1252": _letters("cp1252"),
    "latin-1": _letters("latin-1"),
    "C locale": Condition(env={"LC_ALL": "C"}),
    "C locale, ascii": _letters("ascii", LC_ALL="C"),
    "a dumb terminal": Condition(env={"TERM": "dumb", "NO_COLOR": "1"}),
}


def is_wrong(condition: Condition, ended: Ended) -> bool:
    """Whether a command ended in another way than is documented."""
    return ended.traceback or ended.code not in condition.codes
