"""Every error a user can cause, in one family.

A message names the thing, the value and the remedy, in one line. The command line prints that
line and nothing else; a traceback means a bug in hiddenlaw. Remedies are written as whoever reads
them would type them: `option` knows whether that is at the command line or in Python.
"""

import os
import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_typed: ContextVar[bool] = ContextVar("typed", default=False)


@contextmanager
def at_the_command_line() -> Iterator[None]:
    """Inside the block remedies are options of a command; elsewhere they are those of Python."""
    token = _typed.set(True)
    try:
        yield
    finally:
        _typed.reset(token)


def typed() -> bool:
    """Whether a remedy is typed at the command line."""
    return _typed.get()


def option(name: str, value: object = None) -> str:
    """How an option is given, called `name` as in Python: `dead_time`, without a dash.

    At the command line `--resample 0.01`, `--input "u [V]"`, `--allow-missing`; in Python
    `resample=0.01`, `input="u [V]"`, `allow_missing=True`. Without a value `--input` or `input=`.
    """
    if isinstance(value, float):
        value = f"{value:.9g}" if _typed.get() else float(f"{value:.9g}")
    if _typed.get():
        dashed = f"--{name.replace('_', '-')}"
        return dashed if value is None or value is True else f"{dashed} {quoted(str(value))}"
    if value is None:
        return f"{name}="
    return f"{name}={in_python(value)}"


def in_python(value: object) -> str:
    """A value as it stands in a call; text between double quotes."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return (
        f"{value:g}" if isinstance(value, float) and value == float(f"{value:g}") else repr(value)
    )


def quoted(text: str) -> str:
    """A word for the shell, with double quotes where it needs any and they do."""
    if shlex.quote(text) == text or re.search(r'["$`\\!]', text):
        return shlex.quote(text)
    return f'"{text}"'


class HiddenlawError(Exception):
    """Base class of all errors raised on purpose."""


class DataError(HiddenlawError, ValueError):
    """The data cannot be used as they are: wrong shape, NaN, too few runs, a constant input."""


class FormatError(HiddenlawError, ValueError):
    """A file cannot be read: missing, damaged, of an unknown format, or without a named column."""


class SettingsError(HiddenlawError, ValueError):
    """A setting has a value that means nothing here."""


class TrainingError(HiddenlawError, RuntimeError):
    """No seed of a training survived: every one diverged."""


class LawError(HiddenlawError, ValueError):
    """An equation cannot be read, or asks for what no law of this kind can give."""


class SavedElsewhere(FormatError):
    """What was found is kept, but not where, or not as whole as, it was asked for.

    `place` is where it is.
    """

    def __init__(self, asked: os.PathLike[str], place: os.PathLike[str], reason: str) -> None:
        self.place = place
        where = "is" if os.fspath(asked) == os.fspath(place) else f"is not in {asked} but"
        super().__init__(f"what was found {where} in {place}: {reason}")
