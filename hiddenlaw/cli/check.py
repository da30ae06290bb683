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
    import numpy as np
    from jaxtyping import Bool

    from hiddenlaw.data.dataset import Dataset
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

    from hiddenlaw.cli._obstacles import obstacles
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
    rows = [] if dataset is None else _rows(dataset, gridded=not survey.problems)
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


def _rows(dataset: Dataset, *, gridded: bool) -> list[tuple[str, str]]:
    import numpy as np

    def named(name: str) -> str:
        return f"{name} [{dataset.units[name]}]" if name in dataset.units else name

    rows = [
        ("runs", str(dataset.runs)),
        ("sites", _sites(dataset)),
        ("hold", f"{dataset.hold}-order"),
    ]
    if gridded:
        x = dataset.x
        rows[2:2] = [
            ("dx", f"{dataset.dx:.9g}"),
            (named(dataset.x_name), f"{x[0]:.6g} to {x[-1]:.6g}"),
        ]
    for channel, name in enumerate(dataset.input_names):
        low, high = dataset.input_range[channel]
        rows.append((f"input {named(name)}", f"{low:.6g} to {high:.6g}"))
    for channel, name in enumerate(dataset.response_names):
        column = dataset.response[:, :, channel]
        variance = dataset.variance[channel]
        rows.append(
            (
                f"response {named(name)}",
                f"{np.nanmin(column):.6g} to {np.nanmax(column):.6g}, variance {variance:.6g}",
            )
        )
    rows += _advice(dataset)
    errors = dataset.response_error
    if errors is None:
        rows.append(("errors of the response", "not given; all samples count alike"))
    else:
        seen = errors[dataset.observed]
        rows.append(("errors of the response", f"given, {seen.min():.6g} to {seen.max():.6g}"))
    inside = _inside(dataset)
    gaps = ~dataset.observed & inside[..., None]
    if gaps.any():
        affected = int(gaps.any(axis=(1, 2)).sum())
        there = int(inside.sum()) * gaps.shape[2]
        rows.append(
            (
                "missing samples",
                f"{gaps.sum()} of {there} ({100 * gaps.sum() / there:.3g} %), "
                f"in {affected} of {dataset.runs} runs" + ("" if gridded else ", or no numbers"),
            )
        )
    rows.append(("NaN or infinite", "none but the missing samples" if gaps.any() else "none"))
    rows.append(("truth", "in the file, not read by discovery" if dataset.truth else "none"))
    return rows


def _inside(dataset: Dataset) -> Bool[np.ndarray, "run site"]:
    """Which sites lie within runs: behind the end of a shorter one nothing was measured, and its
    input stays as it was.
    """
    import numpy as np

    from hiddenlaw.data.records import lengths_of

    last = lengths_of(dataset) - 1
    still = dataset.input == dataset.input[np.arange(dataset.runs), last][:, None]
    behind = np.arange(dataset.sites) > last[:, None]
    moves = np.cumsum(~still.all(axis=2)[:, ::-1], axis=1)[:, ::-1] > 0
    return np.asarray(~behind | moves)


def _sites(dataset: Dataset) -> str:
    """How many a run has; shorter runs are those whose response is missing at the end."""
    from hiddenlaw.data.records import is_record, lengths_of

    lengths = lengths_of(dataset)
    said = f"{lengths.min()} to {lengths.max()}"
    said = str(dataset.sites) if lengths.min() == dataset.sites else said
    return said + ("; cut into windows for a discovery" if is_record(dataset) else "")


def _advice(dataset: Dataset) -> list[tuple[str, str]]:
    """What the inputs can tell apart, and the hold that suits them."""
    from hiddenlaw.advice.richness import advise_hold, richness

    found = richness(dataset)
    rows = [
        (
            f"variation of {channel.name}",
            f"standard deviation {channel.within:.4g} within runs, {channel.between:.4g} between; "
            f"{channel.modes:.2g} modes; excites to order {channel.order} of {channel.window}",
        )
        for channel in found.channels
    ]
    apart = [term for term in found.terms if term not in found.inseparable]
    rows.append(("terms told apart", ", ".join(apart)))
    hold, reason = advise_hold(dataset)
    rows.append(("hold advised", f"{hold}, unless it is known better: {reason}"))
    return [*rows, *(("warning", text) for text in found.warnings)]
