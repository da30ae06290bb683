"""What the default discovery costs from the start of a fresh process, and where the time goes.

    python benchmarks/cold_start.py

- The whole command, `hiddenlaw discover`, report included: seconds on the clock, of the processor,
  peak memory, and how many times as long it takes as a fresh process in which JAX adds two small
  arrays. The two take turns, so that a busy machine slows both.
- Its stages: by what discovery.json says; the report is all that comes after the summary.
- The same discovery in Python, with the distiller's time for every width and class of decoder, and
  once more in the same process.

Medians of all runs; nothing is asserted about time. Needs Linux or macOS.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

JAX = [sys.executable, "-c", "import jax.numpy as j; j.ones(3)+1"]
SITES = 64
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}  # as on the command line
STAGES = ("translator", "distiller", "theory", "pictures")
_MIB = 2**20 if sys.platform == "darwin" else 2**10  # of the unit in which peaks are counted


class Cost(NamedTuple):
    """Seconds on the clock and of all processors, until the first output, and the peak in MiB."""

    wall: float
    processor: float
    first_output: float
    peak: float


def cost_of(command: list[str]) -> Cost:
    """Run a command, and those that it starts, to the end. Raises where it fails."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    first, said = process.stdout.read(1), time.perf_counter() - begun
    process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"this failed, and by itself will say why: {' '.join(command)}")
    first_output = said if first else wall
    return Cost(wall, used.ru_utime + used.ru_stime, first_output, used.ru_maxrss / _MIB)


def discovery(arguments: list[str]) -> tuple[Cost, dict[str, float]]:
    """One `hiddenlaw discover` and its seconds by stage; the summary is its first output."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        cost = cost_of(
            [sys.executable, "-m", "hiddenlaw", "discover", "--out", str(out), *arguments]
        )
        seconds = json.loads((out / "discovery.json").read_text())["seconds"]
    return cost, seconds


class Widths:
    """Progress that notes how long each width and class of decoder took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = 0.0

    def start(self, stage: str, total: int) -> None:
        self._last = time.perf_counter()

    def advance(self, stage: str, message: str = "") -> None:
        now = time.perf_counter()
        if stage == "distiller":
            self.seconds[message.partition(":")[0]] = now - self._last
        self._last = now

    def finish(self, stage: str, message: str = "") -> None:
        pass


def in_python(runs: int) -> None:
    """Import, discover twice, print what it took: in a process of its own."""
    begun = time.perf_counter()
    import hiddenlaw as hl
    import hiddenlaw.pipeline  # `discover` imports it when it is called
    from hiddenlaw.systems import Schroedinger

    imports, columns, busy = time.perf_counter() - begun, [], 0.0
    data = Schroedinger().simulate(runs=runs, sites=SITES, dx=0.2, seed=0)
    for loading in (imports, 0.0):
        widths, begun = Widths(), time.perf_counter()
        seconds = hl.discover(data, progress=widths).record["seconds"]
        wall = loading + time.perf_counter() - begun
        before, busy = busy, time.process_time()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIB
        total = {"in all": wall, "processor": busy - before, "peak": peak, "imports": loading}
        columns.append(total | seconds | widths.seconds)
    print(json.dumps(columns))


def stages_of(cost: Cost, seconds: dict[str, float]) -> dict[str, float]:
    """What is known of one run of the command."""
    rest = cost.first_output - sum(seconds.values())
    total = {"in all": cost.wall, "processor": cost.processor, "peak": cost.peak}
    return total | seconds | {"report": cost.wall - cost.first_output, "rest": rest}


def medians(rows: list[dict[str, float]]) -> dict[str, float]:
    return {key: median(row[key] for row in rows) for key in rows[0]}


def show(commands: list[dict[str, float]], baselines: list[Cost], python: list, runs: int) -> None:
    """Two tables: the whole command, and its stages beside those of the library."""
    console = Console(width=90, highlight=False)
    title = f"hiddenlaw discover, {runs} runs × {SITES} sites: median of {len(commands)}"
    table = Table(title=title, title_justify="left")
    for heading in ("whole command", "median", "least", "most"):
        table.add_column(heading, justify="left" if heading == "whole command" else "right")
    walls = [row["in all"] for row in commands]
    figures = {
        "seconds": walls,
        "seconds of processors": [row["processor"] for row in commands],
        "peak memory of one process, MiB": [row["peak"] for row in commands],
        "JAX adds two arrays, seconds": [cost.wall for cost in baselines],
        "ratio": [ours / cost.wall for ours, cost in zip(walls, baselines, strict=True)],
    }
    for name, values in figures.items():
        cells = (f(values) for f in (median, min, max))
        table.add_row(name, *(f"{v:.0f}" if "MiB" in name else f"{v:.2f}" for v in cells))
    console.print(table)
    console.print(_by_stage(medians(commands), *(medians(list(c)) for c in python)))
    busy = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    console.print(f"load of the last 1, 5, 15 minutes: {busy}, of {os.cpu_count()} cores")


def _by_stage(*columns: dict[str, float]) -> Table:
    table = Table(title="Where the time goes: seconds", title_justify="left")
    table.add_column("stage")
    for heading in ("command", "in Python", "once more"):
        table.add_column(heading, justify="right")
    for column in columns[1:]:
        column["rest"] = column["in all"] - sum(column[k] for k in ("imports", *STAGES))
    widths = [key for key in columns[1] if " d = " in key]
    names = {"imports": "imports", "translator": "translator", "distiller": "distiller"}
    names |= {width: f"  {width}" for width in widths}
    names |= {"theory": "theory", "pictures": "pictures", "report": "report, after the summary"}
    names |= {"rest": "all else (in the command imports, too)", "in all": "in all"}
    names |= {"processor": "processors"}
    for key, name in names.items():
        cells = (f"{column[key]:.2f}" if key in column else "" for column in columns)
        table.add_row(name, *cells, end_section=key in ("rest", "processor"))
    table.add_row("peak memory so far, MiB", *(f"{column['peak']:.0f}" for column in columns))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--runs", type=int, default=200, help="simulated runs of each discovery")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        in_python(options.runs)
        return
    commands, baselines, python = [], [], []
    here = [sys.executable, __file__, "--here", "--runs", str(options.runs)]
    for _ in range(options.times):
        baselines.append(cost_of(JAX))
        commands.append(stages_of(*discovery(["--runs", str(options.runs)])))
    for _ in range(options.times):
        fresh = subprocess.run(
            here, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | ONE_THREAD
        )
        python.append(json.loads(fresh.stdout.splitlines()[-1]))
    show(commands, baselines, list(zip(*python, strict=True)), options.runs)


if __name__ == "__main__":
    main()
