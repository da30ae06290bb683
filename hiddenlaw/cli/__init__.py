"""The command line: one file a command, registered here.

Nothing heavy is imported at the top of any file in this folder, so that `--help` stays quick: a
command imports NumPy, xarray or JAX when it runs.

Exit codes: 0 done; 2 the user can mend it, and one line on stderr says how; 130 interrupted;
141 whoever read the output went away. A traceback means a bug in hiddenlaw.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from hiddenlaw.cli.check import check
from hiddenlaw.cli.discover import discover
from hiddenlaw.cli.levels import levels
from hiddenlaw.cli.predict import predict
from hiddenlaw.cli.report import report
from hiddenlaw.cli.simulate import simulate
from hiddenlaw.cli.systems import systems
from hiddenlaw.errors import HiddenlawError

INTERRUPTED = 130
NO_READER = 141

app = typer.Typer(
    name="hiddenlaw",
    help="Find the hidden state variables, and the law that moves them, behind pairs of input and "
    "response.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# The commands, in the order in which a user meets them.
app.command()(systems)
app.command()(simulate)
app.command()(check)
app.command()(discover)
app.command()(predict)
app.command()(levels)
app.command()(report)


def _print_version(wanted: bool) -> bool:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            number = version("hiddenlaw")
        except PackageNotFoundError:
            number = "of unknown version (not installed)"
        typer.echo(f"hiddenlaw {number}")
        raise typer.Exit
    return wanted


@app.callback()
def _top(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Options that stand before any command."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line on `arguments` (those of the process by default); the exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    # The matrices are small: threads of linear algebra would wait for one another, and on a busy
    # machine for everybody. Whoever wants them says so in the environment.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        code = app(args=given or ["--help"], prog_name="hiddenlaw", standalone_mode=False)
        sys.stdout.flush()
    except HiddenlawError as problem:
        return _fail(str(problem))
    except typer.TyperException as problem:
        context = getattr(problem, "ctx", None)
        where = context.command_path if context else "hiddenlaw"
        return _fail(f"{problem.format_message().rstrip('.')}; see {where} --help")
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # Python flushes stdout once more when it ends; let it flush into nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NO_READER
    return code if isinstance(code, int) else 0


def _fail(message: str) -> int:
    print("error:", " ".join(message.split()), file=sys.stderr)
    return 2
