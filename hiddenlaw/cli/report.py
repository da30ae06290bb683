"""`hiddenlaw report`: the figures and the page of a run directory, made again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    run_dir: Annotated[Path, typer.Argument(metavar="RUN_DIR", help="A discovery's directory.")],
) -> None:
    """Make report.html and the figures of a discovery again."""
    from hiddenlaw.discovery import load_discovery
    from hiddenlaw.report import write_report
    from hiddenlaw.results.saving import Saving

    load_discovery(run_dir)  # says so where there is none, and nothing is made then
    with Saving(run_dir) as saving:
        found = load_discovery(run_dir)
        saving.replace_report(lambda place: write_report(found.record, found.arrays, place))
    typer.echo(f"wrote {run_dir / 'report.html'} and {run_dir / 'figures'}")
