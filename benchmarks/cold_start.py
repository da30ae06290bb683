"""Seconds of the default discovery from a cold start, and where they go.

    python benchmarks/cold_start.py [REPEATS]

`hiddenlaw discover` in a fresh process, report included, in turn with a process that imports JAX
and adds one: the ratio of the two says more than either on a machine that is busy. Nothing is
asserted about time.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

YARDSTICK = "import jax.numpy as j; j.ones(3)+1"
IMPORTS = "import hiddenlaw.pipeline, hiddenlaw.report.summary, hiddenlaw.systems, hiddenlaw.cli"


class Noted:
    """A progress that notes when every part of a stage was done."""

    def __init__(self) -> None:
        self.last, self.parts = time.perf_counter(), []

    def start(self, stage: str, total: int) -> None:
        self.last = time.perf_counter()

    def advance(self, stage: str, message: str = "") -> None:
        now = time.perf_counter()
        self.parts.append((stage, message, now - self.last))
        self.last = now

    def finish(self, stage: str, message: str = "") -> None:
        pass


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def by_width() -> list[tuple[str, float]]:
    """Seconds of the distiller by width and class, in this process."""
    import hiddenlaw as hl
    from hiddenlaw.systems import Schroedinger

    noted = Noted()
    hl.discover(Schroedinger().simulate(runs=200, sites=64, seed=0), progress=noted)
    return [(what.split(":")[0], took) for stage, what, took in noted.parts if stage == "distiller"]


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    python = sys.executable
    discoveries, yardsticks, processor = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "run")
        for _ in range(repeats):
            yardsticks.append(seconds([python, "-c", YARDSTICK]))
            before = os.times()
            discoveries.append(seconds([python, "-m", "hiddenlaw", "discover", "--out", out]))
            after = os.times()
            spent = after.children_user + after.children_system
            processor.append(spent - before.children_user - before.children_system)
        stages = json.loads((Path(out) / "discovery.json").read_text(encoding="utf-8"))["seconds"]
    imports = statistics.median(seconds([python, "-c", IMPORTS]) for _ in range(repeats))
    whole, yardstick = statistics.median(discoveries), statistics.median(yardsticks)
    ratio = statistics.median(a / b for a, b in zip(discoveries, yardsticks, strict=True))
    table = Table(title=f"discover, 200 runs × 64 sites: median of {repeats}", title_justify="left")
    table.add_column("what")
    table.add_column("seconds", justify="right")
    table.add_row("from start to finished report", f"{whole:.1f}")
    table.add_row("  processor, all processes", f"{statistics.median(processor):.1f}")
    table.add_row("import JAX, add one", f"{yardstick:.2f}")
    table.add_row("ratio of the two", f"{ratio:.1f}", end_section=True)
    table.add_row("imports", f"{imports:.1f}")
    for stage, took in stages.items():
        table.add_row(stage, f"{took:.1f}")
    rest = whole - imports - sum(stages.values())
    table.add_row("data, files, summary, report", f"{rest:.1f}", end_section=True)
    for what, took in by_width():
        table.add_row(f"distiller, {what}", f"{took:.2f}")
    Console(width=90).print(table)


if __name__ == "__main__":
    main()
