"""Every error a user can cause, in one family.

A message names the thing, the value and the remedy, in one line. The command line prints that
line and nothing else; a traceback means a bug in hiddenlaw.
"""

import os


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
