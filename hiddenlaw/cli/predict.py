"""`hiddenlaw predict`: responses to new inputs, by the discovered law alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
    load_data,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from rich.console import Console

    from hiddenlaw.data.dataset import Dataset
    from hiddenlaw.errors import FormatError
    from hiddenlaw.io import NoSuchColumn
    from hiddenlaw.results.prediction import Prediction
    from hiddenlaw.theory.theory import Theory

_STEP_ADVISED = r"--resample [-+.\de]*\d"


def predict(
    run_dir: Annotated[Path, typer.Argument(metavar="RUN_DIR", help="A discovery's directory.")],
    data: DataPaths,
    out: Annotated[
        Path,
        typer.Option("--out", help="Where to write; the suffix is the format: .nc, .npz, .csv."),
    ],
    theory: Annotated[
        int, typer.Option(min=0, help="Which theory of the table; 0 is the most parsimonious.")
    ] = 0,
    context: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Where runs start each from a state of its own: look at the first so many samples "
            "of each alone, and predict the rest.",
        ),
    ] = None,
    input: InputNames = None,
    response: ResponseNames = None,
    x: XName = None,
    run: RunName = None,
    response_error: ErrorNames = None,
    allow_missing: AllowMissing = False,
    resample: Resample = None,
    dx: Step = None,
) -> None:
    """Predict the responses to the inputs of DATA by the law, not the translator.

    Columns are those of the law unless they are named.

    Where DATA has measured responses, each run's error over its own variance is printed. A law
    whose runs start each from a state of its own needs them: the state is found from some of its
    samples, as in the discovery (the first half, the first few, or every other), and the error is
    that of the samples left.
    """
    from rich.console import Console

    from hiddenlaw.discovery import load_discovery
    from hiddenlaw.errors import DataError, SettingsError
    from hiddenlaw.io import NoSuchColumn, check_writable, format_of, save

    format_of(out, writing=True)
    check_writable(out)
    found = load_discovery(run_dir)
    found.theory  # noqa: B018  says so where no law was found
    if theory >= len(found.theories):
        raise SettingsError(f"--theory {theory}: {run_dir} has {len(found.theories)} of them")
    others = (run, response_error, allow_missing, resample, dx)
    law = found.theories[theory]
    try:
        dataset = _load(found.record["dataset"], data, input, response, x, *others)
    except NoSuchColumn as problem:
        raise _of_response(problem, data, found.record, law) from None
    except DataError as problem:  # a grid of its own would not do here
        raise DataError(re.sub(_STEP_ADVISED, f"--resample {law.dx:.9g}", str(problem))) from None
    prediction = found.predict_runs(dataset, theory, context)
    save(prediction.data, out)
    _print(Console(markup=False, highlight=False), law, prediction, dataset.run_names)
    typer.echo(f"wrote {out}")


def _load(
    known: dict[str, Any],
    data: list[Path],
    input: list[str] | None,
    response: list[str] | None,
    x: str | None,
    *others: Any,
) -> Dataset:
    """The data, from the columns that have the names of the law, which knows those of its own.

    Where files have none of these names they choose themselves, and that is told.
    """
    from hiddenlaw.errors import FormatError

    own = (input or known["input"], response or known["response"])
    grid = x or known.get("x")
    # A grid that was counted is called x, and files of our own do not name theirs.
    attempts = [(*own, grid if grid != "x" else x), (*own, x), (input, response, x)]
    problems = []
    for names in attempts:
        try:
            dataset = load_data(data, *names, *others)
            break
        except FormatError as problem:
            problems.append(problem)
    else:
        raise problems[1]  # of the channels, not of a grid that nobody named
    for kind, names in (("input", dataset.input_names), ("response", dataset.response_names)):
        if list(names) != known[kind] and len(names) == len(known[kind]):
            note = f"note: {', '.join(names)} is taken for {', '.join(known[kind])} of the law"
            typer.echo(note, err=True)
    return dataset


def _of_response(
    problem: NoSuchColumn, data: list[Path], record: dict[str, Any], law: Theory
) -> FormatError:
    """The problem; of a response that is not there also why it is asked for."""
    from hiddenlaw.errors import FormatError
    from hiddenlaw.preparations.context import LEAST_CONTEXT

    if problem.name not in record["dataset"]["response"] or not law.own_starts:
        return problem
    simulated = record.get("simulation") or [{"context": LEAST_CONTEXT}]
    count = record["settings"].get("context") or simulated[0]["context"]
    files, name = ", ".join(map(str, data)), problem.name
    return FormatError(
        f"{files} has no response {name}: every run of this law starts from a state of its own, "
        f"and measured samples of {name} tell which; add them in a column, or name it with "
        f"--response (--context {count} looks at the first {count} alone; with --allow-missing "
        "the rest may be empty)"
    )


def _print(console: Console, law: Theory, prediction: Prediction, names: Sequence[str]) -> None:
    """The errors inside and outside the range that the law was found in, and what to know."""
    from rich.table import Table

    from hiddenlaw.results.prediction import listed

    for note in prediction.notes:
        console.print(note)
    outside, errors = prediction.outside, prediction.errors
    table = Table(title=law.equation, title_justify="left")
    for heading in ("runs", "in the trained range", "outside it (flagged)"):
        table.add_column(heading, justify="right")
    table.add_row("number", str(int((~outside).sum())), str(int(outside.sum())))
    table.add_row(
        "error over variance, median", _figures(errors[~outside]), _figures(errors[outside])
    )
    console.print(table)
    if outside.any():
        ranges = "; ".join(
            f"{name} from {low:.6g} to {high:.6g}"
            for name, low, high in zip(prediction.data.input_names, law.low, law.high, strict=True)
        )
        flagged = listed(prediction.runs[outside], names)
        console.print(f"outside the trained range ({ranges}): {flagged}")


def _figures(errors: np.ndarray) -> str:
    """Median and largest error of these runs, of those that were measured."""
    import numpy as np

    if not np.isfinite(errors).any():
        return "-"
    return f"{np.nanmedian(errors):.1e}, worst {np.nanmax(errors):.1e}"
