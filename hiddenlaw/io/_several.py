"""Several files as the runs of one dataset, with all that is wrong with any of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.joined import joined
from hiddenlaw.errors import DataError, FormatError, HiddenlawError
from hiddenlaw.io._remarks import Survey, current, surveyed


def load_several(paths: Sequence[Path], load: Callable[[Path], Dataset]) -> Dataset:
    """The runs of all files, in the order given; `load` reads one.

    Raises `FormatError` or `DataError` with what is wrong with every file, or in what they
    disagree. Whoever listens hears it in parts.
    """
    for path in paths:
        if paths.count(path) > 1:
            raise FormatError(f"{path} is named twice; name each file once")
    parts: dict[Path, Dataset] = {}
    problems: list[HiddenlawError] = []
    surveys: list[Survey] = []
    for path in paths:
        with surveyed() as survey:
            survey.paths = paths
            surveys.append(survey)
            try:
                parts[path] = load(path)
            except HiddenlawError as problem:
                problems += [_of(path, each) for each in survey.problems or [problem]]
    heard = current()
    for kind in ("notes", "remarks"):
        getattr(heard, kind).extend(_merged(paths, [getattr(survey, kind) for survey in surveys]))
    # Where columns go by other headers in other files, no options but those that were given do.
    alike = all(survey.options == surveys[0].options for survey in surveys)
    heard.options = surveys[0].options if alike else []
    heard.proposal = surveys[0].proposal
    if not problems:
        try:
            whole = joined(list(parts.values()))
            known = {said for part in parts.values() for said in part.remarks}
            heard.notes += [said for said in whole.remarks if said not in known]
            return whole
        except DataError as problem:
            problems = [problem]
    heard.problems += problems
    files = zip(paths, surveys, strict=True)
    seen = [parts.get(path, survey.provisional) for path, survey in files]
    there = [_counted(part) for part in seen if part is not None]
    with suppress(DataError):
        heard.provisional = joined(there) if len(there) == len(paths) else None
    raise _together(problems, paths)


def _counted(part: Dataset) -> Dataset:
    """The part with sites that are counted, for a grid that is none."""
    return replace(part, x=np.arange(1.0, part.sites + 1))


def _of(path: Path, problem: HiddenlawError) -> HiddenlawError:
    """The problem with the name of its file, unless it says that itself."""
    text = str(problem)
    return problem if str(path) in text else type(problem)(f"{path}: {text}")


def _merged(paths: Sequence[Path], said: Sequence[list[str]]) -> list[str]:
    """What was said of all files once, and the rest with the name of the file."""
    every = [text for text in said[0] if all(text in other for other in said)]
    return every + [
        f"{path}: {text}"
        for path, own in zip(paths, said, strict=True)
        for text in own
        if text not in every
    ]


def _together(problems: Sequence[HiddenlawError], paths: Sequence[Path]) -> HiddenlawError:
    """All of them in one; what is said of several files alike is said once."""
    alike: dict[str, list[str]] = {}
    for problem in problems:
        text = str(problem)
        named = [str(path) for path in paths if str(path) in text]
        own = min(named, key=text.index, default="")
        alike.setdefault(text.replace(own, "", 1), []).extend([text, own])
    said = []
    for text, first, *others in alike.values():
        names = ", ".join([first, *others[1::2]])
        said.append(f"{text} (so in {names})" if others else text)
    whole = type(problems[0])("; ".join(said))
    vars(whole).update(vars(problems[0]))
    return whole
