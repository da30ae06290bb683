"""The options by which every command that reads data names a file and its columns."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hiddenlaw.data.dataset import Dataset

_PANEL = "Columns of the data"
_LONG = 300  # letters of all notes, beyond which each has a line of its own

DataPaths = Annotated[
    list[Path],
    typer.Argument(
        metavar="DATA",
        help="The data: .nc, .h5, .npz, .mat, .xlsx, .csv, .txt. Several files are the runs of one "
        "experiment, one after another.",
    ),
]
InputNames = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="NAME",
        help="Column or variable of the input; repeat for several.",
        rich_help_panel=_PANEL,
    ),
]
ResponseNames = Annotated[
    list[str] | None,
    typer.Option(
        "--response",
        metavar="NAME",
        help="Column or variable of the response; repeat for several.",
        rich_help_panel=_PANEL,
    ),
]
XName = Annotated[
    str | None,
    typer.Option(
        "--x", metavar="NAME", help="Column or variable of the grid.", rich_help_panel=_PANEL
    ),
]
RunName = Annotated[
    str | None,
    typer.Option(
        "--run",
        metavar="NAME",
        help="Column or dimension that numbers the runs.",
        rich_help_panel=_PANEL,
    ),
]
ErrorNames = Annotated[
    list[str] | None,
    typer.Option(
        "--response-error",
        metavar="NAME",
        help="Column or variable of the response's standard error; repeat in the order of the "
        "responses. Found by itself where it is called response_error or RESPONSE_error.",
        rich_help_panel=_PANEL,
    ),
]
AllowMissing = Annotated[
    bool,
    typer.Option(
        "--allow-missing",
        help="Take NaN and empty fields of the response for missing samples.",
        rich_help_panel=_PANEL,
    ),
]
Resample = Annotated[
    float | None,
    typer.Option(
        "--resample",
        metavar="STEP",
        help="Put samples on an even grid of this step, by interpolation; what that costs is said. "
        "For grids that are uneven, or have gaps.",
        rich_help_panel=_PANEL,
    ),
]
Step = Annotated[
    float | None,
    typer.Option(
        "--dx",
        metavar="STEP",
        help="Step of the samples, in a file that does not say where they are.",
        rich_help_panel=_PANEL,
    ),
]


def load_data(
    data: list[Path],
    input: list[str] | None,
    response: list[str] | None,
    x: str | None,
    run: str | None,
    response_error: list[str] | None,
    allow_missing: bool,
    resample: float | None,
    dx: float | None,
) -> Dataset:
    """The dataset in these files; a note says what its columns are called in equations.

    Raises `FormatError` and `DataError`.
    """
    from hiddenlaw.io import load, surveyed, told_plainly

    with surveyed() as survey:
        dataset = load(
            data,
            input=input,
            response=response,
            x=x,
            run=run,
            response_error=response_error,
            allow_missing=allow_missing,
            resample=resample,
            dx=dx,
        )
    together = "; ".join(survey.notes)
    for note in [together] if len(together) <= _LONG else survey.notes:
        if note:
            print(told_plainly(f"note: {note}"), file=sys.stderr)
    return dataset
