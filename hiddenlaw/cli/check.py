"""`hiddenlaw check`: what a data file holds, and whether a law can be sought in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hiddenlaw.cli._data import (
    AllowMissing,
    DataPaths,
    ErrorNames,
    InputNames,
    Resample,
    ResponseNames,
    RunName,
    Step,
    XName,
)

if TYPE_CHECKING:
    from hiddenlaw.errors import HiddenlawError


def check(
    data: DataPaths,
    input: InputNames = None,
    response: ResponseNames = None,
    x: XName = None,
    run: RunName = None,
    response_error: ErrorNames = None,
    allow_missing: AllowMissing = False,
    resample: Resample = None,
    dx: Step = None,
) -> None:
    """Show what data files hold, and all that discovery cannot use in them.

    The last line is the command that goes on from here.
    """
    from rich.console import Console
    from rich.table import Table

    from hiddenlaw.advice.findings import findings
    from hiddenlaw.advice.obstacles import obstacles
    from hiddenlaw.errors import HiddenlawError, quoted
    from hiddenlaw.io import load, surveyed, told_plainly

    named = {"input": input, "response": response, "x": x, "run": run,
             "response_error": response_error}  # fmt: skip
    problems: list[HiddenlawError] = []
    with surveyed() as survey:
        try:
            dataset = load(data, **named, allow_missing=allow_missing, resample=resample, dx=dx)
        except HiddenlawError as problem:
            dataset = survey.provisional
            problems = survey.problems or [problem]
            if not survey.options:
                raise
    if dataset is not None:
        problems += obstacles(dataset)
    table = Table(title=", ".join(map(str, data)), title_justify="left", show_header=False)
    rows = [] if dataset is None else findings(dataset, gridded=not survey.problems)
    rows += [("note", text) for text in (*survey.notes, *survey.remarks)]
    rows += [("discovery", f"cannot use it: {problem}") for problem in problems]
    for what, value in rows if problems else [*rows, ("discovery", "can use it")]:
        table.add_row(told_plainly(what), told_plainly(value))
    console = Console(markup=False, highlight=False)
    console.print(table)
    options = survey.options or _options(named)
    if allow_missing or any("--allow-missing" in str(problem) for problem in problems):
        options = [*options, "--allow-missing"]
    options = [*options, *_step(resample, problems), *_of_samples(dx)]
    words = " ".join(quoted(word) for word in ("hiddenlaw", "discover", *map(str, data), *options))
    lead = "once that is mended: " if problems else "to go on: "
    console.print(told_plainly(lead + words), soft_wrap=True)
    if problems:
        raise _as_one(problems)


def _as_one(problems: list[HiddenlawError]) -> HiddenlawError:
    """The first of these, and how many more there are."""
    first = problems[0]
    if len(problems) == 1:
        return first
    return type(first)(f"{first} (and {len(problems) - 1} more, see above)")


def _step(resample: float | None, problems: list[HiddenlawError]) -> list[str]:
    """The option for the step that was asked for, or for the one that would mend a problem."""
    if any("to resample to" in str(each) for each in problems):
        return []
    if resample is not None:
        return ["--resample", f"{resample:.9g}"]
    advised = [found for each in problems if (found := re.search(r"--resample \S+", str(each)))]
    return advised[0][0].rstrip(",;").split() if advised else []


def _of_samples(dx: float | None) -> list[str]:
    """The option for the step of the samples, if it was given."""
    return [] if dx is None else ["--dx", f"{dx:.9g}"]


def _options(named: dict[str, Any]) -> list[str]:
    """The options that name columns, as they were given."""
    words = []
    for name, values in named.items():
        for value in [values] if isinstance(values, str) else values or ():
            words += ["--" + name.replace("_", "-"), value]
    return words
