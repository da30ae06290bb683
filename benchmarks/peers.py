"""The translator beside what others offer: the same data, one core, at most 150 seconds each.

    python3.11 -m venv PEERS && PEERS/bin/pip install -r benchmarks/peers-requirements.txt
    python benchmarks/peers.py --python PEERS/bin/python

All learn the response to an input from the same runs and are judged on the same held-out ones by
their input alone: mean square error over the variance. Seconds count from when data and libraries
are loaded, compilation included. What each peer does is in the folder `rivals`, one library a file;
nothing is asserted about time. Needs Linux, for the pinning to one core.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from rivals import OURS, PEERS

GOALS = (1e-2, 1e-4)  # of the variance
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
_GRACE = 1.0  # seconds, to tell the last error
_HERE = Path(__file__).parent

Points = list[tuple[float, float]]
"""Seconds and held-out errors."""


def write_problem(path: Path, runs: int, sites: int, seed: int) -> None:
    """Noise-free densities, the input scaled to [-1, 1], the response to a deviation of 1."""
    from hiddenlaw.systems import Schroedinger

    data = Schroedinger().simulate(runs=runs, sites=sites, dx=0.2, seed=seed)
    train, heldout = data.split(0.2, seed)
    low, high = data.input.min(), data.input.max()
    deviation = train.response.std()
    arrays = {}
    for name, part in (("", train), ("heldout_", heldout)):
        arrays[f"{name}input"] = (2 * part.input[..., 0] - low - high) / (high - low)
        arrays[f"{name}response"] = part.response[..., 0] / deviation
    np.savez(path, **arrays)


def measured(python: str, peer: str, problem: Path, limit: float) -> Points:
    """What one peer reached and when, in a process of its own that is ended after `limit`."""
    command = [python, "-m", "rivals", peer, str(problem), str(limit)]
    environment = os.environ | dict.fromkeys(_THREADS, "1")
    with subprocess.Popen(
        command, cwd=_HERE, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        begun = process.stdout.readline()
        overtime = threading.Timer(limit + _GRACE, process.kill)
        overtime.start()
        points = [(seconds, error) for seconds, error in map(json.loads, process.stdout)]
        overtime.cancel()
    if not begun or process.returncode > 0:
        raise SystemExit(f"{peer} failed; its message is above")
    return points


def reached(points: Points, goal: float) -> float | None:
    """Seconds until the held-out error was first that small."""
    return next((seconds for seconds, error in points if error <= goal), None)


def best_of(points: Points) -> float:
    return min((error for _, error in points if np.isfinite(error)), default=np.inf)


def row(points: Points, ours: Points, limit: float) -> list[str]:
    """Seconds to each goal, the best, and how many times as long as ours to the last goal."""
    times = [reached(points, goal) for goal in GOALS]
    cells = ["–" if seconds is None else f"{seconds:.1f}" for seconds in times]
    least = best_of(points)
    cells.append(f"{least:.1e}" if np.isfinite(least) else "–")
    base, last = reached(ours, GOALS[-1]), times[-1]
    if base is None:
        return [*cells, "–"]
    return [*cells, f"> {limit / base:.0f}" if last is None else f"{last / base:.3g}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--python", help="that of the peers' environment; ours alone without it")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--sites", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0, help="of the data and the split")
    parser.add_argument("--limit", type=float, default=150.0, help="seconds a peer")
    parser.add_argument("--core", type=int, help="the core that all run on")
    parser.add_argument("--only", help="peers whose name holds this word")
    options = parser.parse_args()
    core = max(os.sched_getaffinity(0)) if options.core is None else options.core
    os.sched_setaffinity(0, {core})
    peers = {name: peer for name, peer in PEERS.items() if (options.only or "") in name}
    found: dict[str, Points] = {}
    with tempfile.TemporaryDirectory() as folder:
        problem = Path(folder) / "problem.npz"
        write_problem(problem, options.runs, options.sites, options.seed)
        ours = measured(sys.executable, OURS, problem, options.limit)
        for name, peer in peers.items() if options.python else ():
            found[name] = measured(options.python, peer, problem, options.limit)
            print(f"{name}: {best_of(found[name]):.1e}", file=sys.stderr)
    show({**found, "hiddenlaw, translator": ours}, ours, options)


def show(found: dict[str, Points], ours: Points, options: argparse.Namespace) -> None:
    size = f"{options.runs} runs × {options.sites} sites"
    table = Table(title=f"Held-out error, {size}, one core: seconds", title_justify="left")
    table.add_column("peer")
    goals = [f"to {goal:.0e}" for goal in GOALS]
    for heading in (*goals, f"best in {options.limit:.0f} s", f"to {GOALS[-1]:.0e}, times ours"):
        table.add_column(heading, justify="right")
    for name, points in found.items():
        table.add_row(name, *row(points, ours, options.limit))
    console = Console(width=100, highlight=False)
    console.print(table)
    busy = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    console.print(f"load of the last 1, 5, 15 minutes: {busy}, of {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
