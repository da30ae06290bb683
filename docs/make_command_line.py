"""Write docs/command-line.md from the program's own `--help`.

    python docs/make_command_line.py

Same program, same text: the width is fixed, and no colour or terminal plays a part.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

WIDTH = 90
PAGE = Path(__file__).with_name("command-line.md")
# What makes Typer or Rich take a pipe for a terminal, or a terminal for another one.
_MEDDLERS = re.compile(r"FORCE_COLOR|PY_COLORS|GITHUB_ACTIONS|CLICOLOR.*|TTY_.*|TYPER_.*|_TYPER_.*")
_OPENING = """\
# The command line

What `hiddenlaw --help` and each command's `--help` say. This page is made by
`python docs/make_command_line.py`; a test checks that it is up to date.

Exit codes:

- 0: done.
- 2: something that you can mend, and one line on standard error says how; nothing was done.
- 3: done, but not stored or not shown where it was asked for, because a disk is full, or standard
  output full or closed; one line says what is kept where.
- 130: interrupted (Ctrl-C); one line says so, and where a discovery is that was finished by then.
- 141: whoever read the output went away, as `head -1` does; files are written all the same.

Letters that a console or a file cannot show are replaced by plain ones: ψ″ by psi''. A width of the
console (`COLUMNS`) below 40 counts as 40, and 0 as unknown.
"""


def help_text(*command: str) -> str:
    """The output of `hiddenlaw <command> --help`, without trailing blanks."""
    env = {name: value for name, value in os.environ.items() if not _MEDDLERS.fullmatch(name)}
    env |= {
        "COLUMNS": str(WIDTH),
        "TERMINAL_WIDTH": str(WIDTH),
        "TERM": "dumb",
        "NO_COLOR": "1",
        "PYTHONUTF8": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "hiddenlaw", *command, "--help"],
        env=env,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return "\n".join(line.rstrip() for line in done.stdout.strip("\n").splitlines()).strip("\n")


def command_names() -> list[str]:
    """The commands in the order in which they are registered."""
    import typer

    from hiddenlaw.cli import app

    return list(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def page() -> str:
    """The whole of command-line.md."""
    parts = [_OPENING]
    for command in [(), *((name,) for name in command_names())]:
        title = " ".join(["hiddenlaw", *command])
        parts.append(f"## {title}\n\n```\n{help_text(*command)}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE}")
