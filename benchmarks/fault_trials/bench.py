"""Where trials are made, and what they share."""

from __future__ import annotations

import contextlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from runs import PATIENCE, SMALL, WRITTEN, Ended, command, contents, environment, is_whole

Faults = Iterator[dict[str, bool]]


def killed(line: str, folder: Path, after: float, number: int = signal.SIGKILL) -> Ended:
    """Run a command and send it a signal after some seconds."""
    process = subprocess.Popen(
        [sys.executable, "-m", "hiddenlaw", *line.split()],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    )
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(after)
    process.send_signal(number)
    try:
        out, err = process.communicate(timeout=PATIENCE)
        code: int | None = process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        (out, err), code = process.communicate(), None
    return Ended(code, out.decode(errors="replace"), err.decode(errors="replace"), after)


def is_new(place: Path) -> bool:
    """Whether a directory holds a discovery of ours that is whole, with its page and figures."""
    figures = [path for path in contents(place) if path.endswith(".png")]
    return is_whole(place) and (place / "report.html").is_file() and len(figures) > 3


class Bench:
    """Where trials are made, and what they share: a sound run directory, random moments."""

    def __init__(self, folder: Path, seed: int, kills: int, changes: int) -> None:
        self.random = random.Random(seed)
        self.kills, self.changes = kills, changes
        self._folder = folder
        self.skipped = ""
        self.run = folder / "run"
        made = command(f"discover {SMALL} --seed 1 --out run", folder)
        assert made.code == 0, made
        made = command("simulate schroedinger --runs 4 --sites 16 --out data.npz", folder)
        assert made.code == 0, made

    def moment(self, longest: float) -> float:
        return self.random.uniform(0.02, longest)

    def fill(self, folder: Path) -> None:
        """A run directory of an earlier version, and data like those it was found from."""
        shutil.copytree(WRITTEN, folder / "run")
        shutil.copy(self._folder / "data.npz", folder / "data.npz")

    @contextlib.contextmanager
    def folder(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True) as place:
            yield Path(place)

    def tell(self, what: str) -> None:
        print("   ", what, file=sys.stderr)

    def skip(self, why: str) -> None:
        self.skipped = why
