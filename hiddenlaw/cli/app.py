"""`hiddenlaw app`: the page in the browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def app(
    out: Annotated[Path, typer.Option("--out", help="The folder in which runs are kept.")] = Path(
        "runs"
    ),
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where to listen; 0 takes a port that is free.")
    ] = 0,
    show: Annotated[
        bool, typer.Option("--open/--no-open", help="Whether to open the page in the browser.")
    ] = True,
) -> None:
    """Drop a file on a page in the browser, and watch the search for its law.

    The page is served on this machine alone, to whoever has the address that is printed. Ctrl-C
    ends it. It needs NiceGUI: pip install 'hiddenlaw[app]'.
    """
    from hiddenlaw.app.serve import serve

    def ready(address: str) -> None:
        typer.echo(f"hiddenlaw is at {address}")
        if show:
            import webbrowser

            webbrowser.open(address)

    serve(out, port, ready)
