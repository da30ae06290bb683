"""The lines of a text table, unpacked if need be, and the fields in them.

UTF-8 with or without a byte order mark, or UTF-16 with one. Lines that begin with # or % are
comments. What follows a # further on is one, too, except in the header, and in a line with quotes.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO

from hiddenlaw.errors import FormatError
from hiddenlaw.io._base import one_line
from hiddenlaw.io._limits import most_bytes, too_large

LONGEST_RECORD = 2**20
BLANKS = " "
_QUOTED = re.compile(r'"[^"]*"')
_FIELD = re.compile(r'"[^"]*"|\S+')
_NUMBER = re.compile(r"[-+]?\d*([.,]\d+)?([eE][-+]?\d+)?")
_REMARK = re.compile(r"\s#\s[^,;\t]*$")  # in a header: Sample # is a name
_SEPARATOR_GIVEN = re.compile(r"\s*sep=(.)\s*", re.IGNORECASE)  # as spreadsheets write it


class Lines:
    """The lines of a file without comments; a record of too many characters is an error.

    - `number`: of the line that was read last, counted from 1 as editors do.
    - `pending`: characters since the last whole record.
    - `comments`: the number and the text of those before the first line that is none, ten at most.
    """

    def __init__(self, file: io.TextIOWrapper):
        self._file = file
        self.number = 0
        self.pending = 0
        self.comments: list[tuple[int, str]] = []

    def __iter__(self) -> Iterator[str]:
        header = True
        while line := self._file.readline(LONGEST_RECORD):
            self.number += 1
            self.pending += len(line)
            if self.pending >= LONGEST_RECORD:
                raise csv.Error(f"a row is longer than {LONGEST_RECORD} characters")
            start = line.lstrip()[:1]
            if start in ("#", "%"):
                self.pending -= len(line)
                if header:
                    self.comments = [*self.comments[-9:], (self.number, line.strip())]
                continue
            if "#" in line and '"' not in line:
                line = _REMARK.sub("", line) if header else line.partition("#")[0]
                if not line.strip():
                    continue
            header = header and not start
            yield line


@contextmanager
def lines_of(path: Path) -> Iterator[Lines]:
    """The lines of a text file, also of one packed by gzip. Raises `FormatError` for no text."""
    packed, encoding = path.suffix.lower() == ".gz", "utf-8-sig"
    try:
        with path.open("rb") as raw:
            source = io.BufferedReader(_Unpacked(path, raw)) if packed else raw
            wide = source.peek(2)[:2] in (b"\xff\xfe", b"\xfe\xff")  # type: ignore[attr-defined]
            encoding = "utf-16" if wide else encoding
            yield Lines(io.TextIOWrapper(source, encoding=encoding, newline=""))
    except UnicodeError as problem:
        raise FormatError(_no_utf(path, encoding, problem)) from problem
    except (OSError, EOFError, zlib.error) as problem:
        if packed:
            raise FormatError(
                f"{path} does not unpack: it is no gzip file, or cut off; pack it again, or give "
                "the table as .csv"
            ) from problem
        raise FormatError(f"{path} cannot be read ({one_line(problem)})") from problem
    except csv.Error as problem:
        raise FormatError(f"{path} is no CSV table ({one_line(problem)})") from problem


def _no_utf(path: Path, encoding: str, problem: UnicodeError) -> str:
    """Why bytes are no text in UTF-8 or UTF-16, and what to do."""
    wanted = "UTF-16" if encoding == "utf-16" else "UTF-8"
    told = f"{path} is no text in {wanted}"
    if isinstance(problem, UnicodeDecodeError):
        bad = problem.object[problem.start : problem.start + 1]
        letter = bad.decode("cp1252", errors="ignore")
        if letter.isprintable() and letter and wanted == "UTF-8" and b"\0" not in problem.object:
            return (
                f"{told}: one of its letters is written as in Latin-1 (Windows-1252), where it is "
                f"{letter!r}; save the table as CSV UTF-8"
            )
    return f"{told}, or no table at all; save it as CSV in UTF-8"


class _Unpacked(io.RawIOBase):
    """What gzip packed, counted as it comes out: a small file may unpack without end."""

    def __init__(self, path: Path, raw: IO[bytes]):
        self._path = path
        self._file = gzip.GzipFile(fileobj=raw)
        self._most = most_bytes(path)
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        content = self._file.read1(len(buffer))
        self._count += len(content)
        if self._count > self._most:
            raise too_large(self._path, "what it unpacks to is more", self._most)
        buffer[: len(content)] = content
        return len(content)


def records(lines: Lines, delimiter: str | None = None) -> Iterator[tuple[int, list[str], str]]:
    """Number of the line, fields, and what sets them apart, of every record, header first.

    Blank lines are left out. Without a delimiter the first line says which it is.
    """
    rest = iter(lines)
    first = next(rest, "")
    while first and not first.strip():
        lines.pending = 0
        first = next(rest, "")
    if given := _SEPARATOR_GIVEN.fullmatch(first):
        delimiter = delimiter or given[1]
        first = next(rest, "")
    delimiter = delimiter or _delimiter(first)
    stream = chain([first], rest)
    if delimiter == BLANKS:
        for line in stream:
            lines.pending = 0
            fields = line.split()
            if '"' in line:
                fields = [field.strip('"') for field in _FIELD.findall(line)]
            if fields:
                yield lines.number, fields, delimiter
        return
    for fields in csv.reader(stream, delimiter=delimiter, skipinitialspace=True):
        lines.pending = 0
        if len(fields) > 1 or (fields and fields[0].strip()):
            yield lines.number, fields, delimiter


def _delimiter(line: str) -> str:
    """What sets the fields of this line apart: whichever it has most of, or blanks.

    In a line of numbers with decimal commas, such as 0,5;1,25, the commas do not count.
    """
    bare = _QUOTED.sub("", line).strip("\r\n ")
    if "," in bare:
        for delimiter in (";", "\t", None):
            fields = bare.split(delimiter)
            if len(fields) > 1 and all(_NUMBER.fullmatch(field.strip()) for field in fields):
                return delimiter or BLANKS
    best = max(";\t,", key=bare.count)
    return best if best in bare else BLANKS
