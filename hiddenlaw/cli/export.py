"""`hiddenlaw export`: the law of a run directory for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def export(
    run_dir: Annotated[Path, typer.Argument(metavar="RUN_DIR", help="A discovery's directory.")],
    to: Annotated[
        str,
        typer.Option("--to", help="What to write: sympy or python (programs), c (C99), or latex."),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="The file to write; standard output without it.")
    ] = None,
    theory: Annotated[
        int, typer.Option(min=0, help="Which theory of the table; 0 is the most parsimonious.")
    ] = 0,
) -> None:
    """Write the law for other programs.

    C and Python step the state as the law does, over a cell: law_step, law_read, and law_run along
    a run. What cells are shown is the input; where that varies inside them, its values at both
    Gauss points.
    """
    from hiddenlaw.discovery import load_discovery
    from hiddenlaw.errors import SettingsError
    from hiddenlaw.io import write_bytes, write_whole

    found = load_discovery(run_dir)
    found.theory  # noqa: B018  says so where no law was found
    if theory >= len(found.theories):
        raise SettingsError(f"--theory {theory}: {run_dir} has {len(found.theories)} of them")
    text = found.theories[theory].code(to)
    if out is None:
        typer.echo(text, nl=False)
        return
    write_whole(out, lambda place: write_bytes(place, text.encode()))
    typer.echo(f"wrote {out}")
