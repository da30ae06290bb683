"""The command line: one file a command, registered here.

Nothing heavy is imported at the top of any file in this folder, so that `--help` stays quick: a
command imports NumPy, xarray or JAX when it runs.

Exit codes: 0 done; 2 the user can mend it, and one line on stderr says how; 3 done, but not stored
or shown where it was asked for, and one line says where it is; 130 interrupted; 141 whoever read
the output went away. A traceback means a bug in hiddenlaw.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from hiddenlaw.cli._streams import forget_output, streams
from hiddenlaw.cli.app import app as page
from hiddenlaw.cli.check import check
from hiddenlaw.cli.discover import discover
from hiddenlaw.cli.export import export
from hiddenlaw.cli.levels import levels
from hiddenlaw.cli.predict import predict
from hiddenlaw.cli.report import report
from hiddenlaw.cli.simulate import simulate
from hiddenlaw.cli.systems import systems
from hiddenlaw.errors import HiddenlawError, SavedElsewhere, at_the_command_line

MEND = 2
KEPT = 3
INTERRUPTED = 130
NO_READER = 141


class Interrupted(Exception):
    """Ctrl-C, past Typer, which would swallow what is known of the work that is done."""


class _Commands(TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stopped:
            raise Interrupted("; ".join(["interrupted", *notes_of(stopped)])) from stopped


app = typer.Typer(
    cls=_Commands,
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
app.command()(export)
app.command()(report)
app.command("app")(page)


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
    with streams(), at_the_command_line():
        try:
            code = app(args=given or ["--help"], prog_name="hiddenlaw", standalone_mode=False)
            sys.stdout.flush()
        except HiddenlawError as problem:
            return _fail(str(problem), KEPT if isinstance(problem, SavedElsewhere) else MEND)
        except typer.TyperException as problem:
            context = getattr(problem, "ctx", None)
            where = context.command_path if context else "hiddenlaw"
            return _fail(f"{problem.format_message().rstrip('.')}; see {where} --help", MEND)
        except Interrupted as stopped:
            return _fail(str(stopped), INTERRUPTED, "")
        except (KeyboardInterrupt, typer.Abort):
            return _fail("interrupted", INTERRUPTED, "")
        except (OSError, SystemExit) as problem:
            return _unshown(problem)
    return code if isinstance(code, int) else 0


def notes_of(problem: BaseException) -> list[str]:
    """What was added to an exception on its way: what of the work is done."""
    return list(getattr(problem, "__notes__", ()))


def _fail(message: str, code: int, opening: str = "error: ") -> int:
    print(opening + " ".join(message.split()), file=sys.stderr)
    return code


def _unshown(problem: OSError | SystemExit) -> int:
    """Standard output could not be written, all of it; no file ends like this."""
    forget_output()
    # Rich ends the program where the reader of a pipe went away.
    if isinstance(problem, BrokenPipeError | SystemExit):
        return NO_READER
    reason = problem.strerror or str(problem)
    said = "; ".join([f"standard output cannot be written: {reason}", *notes_of(problem)])
    return _fail(said, KEPT)
