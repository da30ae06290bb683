"""Run directories and commands for trials of what goes wrong, and how what is left is judged."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from hiddenlaw.errors import FormatError
from hiddenlaw.results.rundir import digest_in, read, write

ROOT = Path(__file__).parents[2]
WRITTEN = ROOT / "tests" / "results" / "version1"
SMALL = "--runs 20 --sites 16 --dimension 2 --max-dimension 2 --readout quadratic --seeds 2"
"""A search of seconds."""

_NEVER = ("Traceback", "Exception ignored", "Error in sys.excepthook", "Fatal Python error")
PATIENCE = 120.0  # seconds: of a command that hangs


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code (None where it hung), what it said, seconds it took."""

    code: int | None
    out: str
    err: str
    seconds: float

    @property
    def traceback(self) -> bool:
        """Whether it ended by a bug: a traceback, a signal that nobody sent, or the code of one."""
        said = self.out + self.err
        died = self.code is not None and (self.code < 0 or self.code == 1)
        return died or any(word in said for word in _NEVER)


def command(
    line: str, folder: Path, *, shell: str = "", patience: float = PATIENCE, **env: str
) -> Ended:
    """Run `hiddenlaw` with these arguments; `shell` is what a shell adds behind them."""
    program = f'"{sys.executable}" -m hiddenlaw {line} {shell}'
    started = time.monotonic()
    process = subprocess.Popen(
        ["bash", "-c", f"{program}; exit ${{PIPESTATUS[0]}}"],
        cwd=folder,
        env=environment(**env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=patience)
        code: int | None = process.returncode
        # A shell says 128 + n of what ended by signal n; 130 and 141 are codes of our own.
        if code is not None and code > 128 and code not in (130, 141):
            code = 128 - code
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        out, err = process.communicate()
        code = None
    seconds = time.monotonic() - started
    return Ended(code, out.decode(errors="replace"), err.decode(errors="replace"), seconds)


def environment(**more: str) -> dict[str, str]:
    """That of this process, with the package on its path and one thread of linear algebra."""
    kept = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "PYTHONIOENCODING")}
    one = {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return kept | one | more


def a_discovery(place: Path, name: str) -> Path:
    """A run directory with page and figure that say which discovery they are of."""
    record, arrays = read(WRITTEN)
    write(record | {"notes": [name]}, arrays, place)
    add_report(place)
    return place


def add_report(place: Path) -> None:
    """Page and figure of the discovery in a directory, of which they say the name."""
    name = read(place)[0]["notes"][0]
    (place / "figures").mkdir(exist_ok=True)
    (place / "figures" / "samples.png").write_text(name)
    (place / "report.html").write_text(name)


def name_of(place: Path, *, report: bool = True) -> str | None:
    """The discovery of which all in a directory is; None where it is not whole, or mixed.

    Without `report` page and figure may be missing.
    """
    files = [place / "report.html", place / "figures" / "samples.png"]
    try:
        name = read(place)[0]["notes"][0]
        said = {file.read_text() for file in files if report or file.exists()}
    except (FormatError, OSError):
        return None
    return name if said <= {name} else None


def contents(place: Path) -> dict[str, bytes]:
    """Every file of a directory with its bytes."""
    return {
        str(path.relative_to(place)): path.read_bytes()
        for path in sorted(place.rglob("*"))
        if path.is_file()
    }


def is_whole(place: Path) -> bool:
    """Whether record and arrays are of one discovery."""
    try:
        read(place)
    except FormatError:
        return False
    return True


def hidden(folder: Path) -> list[str]:
    """What the program has left in a folder for its own use."""
    return sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if "hiddenlaw" in path.name
        and path.name.startswith(".")
    )  # fmt: skip


def waits(folder: Path) -> bool:
    """Whether a finished discovery has been noted to wait for its place."""
    return any(digest_in(path.parent / "out") for path in folder.rglob("*/whole"))
