"""How time and memory of a discovery grow with the number of runs and of sites.

    python benchmarks/growth.py

The default discovery, without a report, of noise-free densities; every case in a fresh process. The
slopes are those of straight lines by least squares through the logarithms: 1 is proportional. The
peak of memory has the libraries in it. Nothing is asserted about time. Needs Linux or macOS.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import time
from statistics import linear_regression

from rich.console import Console
from rich.table import Table

RUNS, SITES = (200, 2_000, 20_000), (64, 256, 1_024)
FEWEST_RUNS, FEWEST_SITES = 200, 64  # where the other grows
_MIB = 2**20 if sys.platform == "darwin" else 2**10  # of the unit in which peaks are counted
# Columns of numbers, and the decimals they are shown with.
_SHOWN = {"seconds": 1, "processors": 1, "peak": 0, "translator": 1, "distiller": 1, "theory": 1}
_HEADINGS = {"processors": "processor s", "peak": "peak MiB"}


def measured(runs: int, sites: int) -> dict:
    """One discovery in this process, and what it cost: nothing else may have run here."""
    import hiddenlaw as hl
    from hiddenlaw.systems import Schroedinger

    data = Schroedinger().simulate(runs=runs, sites=sites, dx=0.2, seed=0)
    begun, busy = time.perf_counter(), time.process_time()
    found = hl.discover(data)
    return {
        "seconds": time.perf_counter() - begun,
        "processors": time.process_time() - busy,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIB,
        **found.record["seconds"],
        "found": " and ".join(str(dimension) for dimension in found.dimension.values()),
        "error": found.record["translator"]["heldout_error"],
    }


def in_a_fresh_process(runs: int, sites: int) -> dict:
    """What `measured` says there; nothing where it failed: that must not cost the other cases."""
    command = [sys.executable, __file__, "--here", str(runs), str(sites)]
    fresh = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if fresh.returncode:
        return {}
    return {"runs": runs, "sites": sites, **json.loads(fresh.stdout.splitlines()[-1])}


def slope(sizes: list[int], values: list[float]) -> str:
    """Of the logarithms; – for a single size, and where something took no time."""
    if len(set(sizes)) < 2 or min(values) <= 0:
        return "–"
    return f"{linear_regression([*map(math.log, sizes)], [*map(math.log, values)]).slope:.2f}"


def table_of(cases: list[dict], grows: str) -> Table:
    """A row a case, and the slopes."""
    table = Table(title=f"Discovery against {grows}: seconds", title_justify="left")
    headings = [_HEADINGS.get(name, name) for name in _SHOWN]
    for heading in ("runs", "sites", *headings, "variables", "held-out error"):
        table.add_column(heading, justify="right")
    for case in cases:
        numbers = (f"{case[name]:,.{decimals}f}" for name, decimals in _SHOWN.items())
        sizes = (f"{case[name]:,}" for name in ("runs", "sites"))
        last = case is cases[-1]
        cells = (*sizes, *numbers, case["found"], f"{case['error']:.0e}")
        table.add_row(*cells, end_section=last)
    sizes = [case[grows] for case in cases]
    slopes = (slope(sizes, [case[name] for case in cases]) for name in _SHOWN)
    table.add_row("slope", "", *slopes)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, nargs="*", default=RUNS, help="at 64 sites")
    parser.add_argument("--sites", type=int, nargs="*", default=SITES, help="at 200 runs")
    parser.add_argument("--here", type=int, nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        print(json.dumps(measured(*options.here)))
        return
    done: dict[tuple[int, int], dict] = {}  # empty where a case failed
    console = Console(width=110, highlight=False)
    for grows, cases in (
        ("runs", [(runs, FEWEST_SITES) for runs in options.runs]),
        ("sites", [(FEWEST_RUNS, sites) for sites in options.sites]),
    ):
        for case in cases:
            if case not in done:
                done[case] = in_a_fresh_process(*case)
                took = f"{done[case]['seconds']:.1f} s" if done[case] else "failed"
                print(f"{case[0]} runs × {case[1]} sites: {took}", flush=True)
        finished = [done[case] for case in cases if done[case]]
        if finished:
            console.print(table_of(finished, grows))
    busy = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    console.print(f"load of the last 1, 5, 15 minutes: {busy}, of {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
