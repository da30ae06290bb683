"""Seconds and memory of the default discovery against runs and sites, with log-log slopes.

    python benchmarks/growth.py [RUNS,RUNS,…] [SITES,SITES,…]

Each case is a fresh process, without report. Nothing is asserted about time.
"""

import json
import resource
import subprocess
import sys
import time

import numpy as np
from rich.console import Console
from rich.table import Table

RUNS, SITES = (200, 2_000, 20_000), (64, 256, 1_024)


def measured(runs: int, sites: int) -> dict:
    import hiddenlaw as hl
    from hiddenlaw.systems import Schroedinger

    data = Schroedinger().simulate(runs=runs, sites=sites, seed=0)
    start = time.perf_counter()
    found = hl.discover(data)
    return {
        "seconds": time.perf_counter() - start,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,  # KiB on Linux
        "found": f"{found.dimension}",
        "stages": found.record["seconds"],
    }


def case(runs: int, sites: int) -> dict:
    command = [sys.executable, __file__, "--here", str(runs), str(sites)]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(told.splitlines()[-1])


def slope(sizes: tuple[int, ...], figures: list[float]) -> str:
    if len(sizes) < 2:
        return "–"
    return f"{np.polyfit(np.log(sizes), np.log(figures), 1)[0]:.2f}"


def main() -> None:
    if sys.argv[1:2] == ["--here"]:
        print(json.dumps(measured(*map(int, sys.argv[2:]))))
        return
    runs, sites = (
        tuple(map(int, sys.argv[i].split(","))) if len(sys.argv) > i else default
        for i, default in ((1, RUNS), (2, SITES))
    )
    table = Table(title="discover: growth with runs and with sites", title_justify="left")
    for heading in ("runs", "sites", "seconds", "GiB", "translator", "distiller", "theory"):
        table.add_column(heading, justify="right")
    for sizes, cases in (
        (runs, [(n, SITES[0]) for n in runs]),
        (sites, [(RUNS[0], n) for n in sites]),
    ):
        found = [case(*one) for one in cases]
        for (n, m), got in zip(cases, found, strict=True):
            stages = [
                f"{got['stages'].get(k, 0):.1f}" for k in ("translator", "distiller", "theory")
            ]
            table.add_row(str(n), str(m), f"{got['seconds']:.1f}", f"{got['memory']:.2f}", *stages)
        slopes = (slope(sizes, [got[k] for got in found]) for k in ("seconds", "memory"))
        table.add_row("slope", "", *slopes, end_section=True)
    Console(width=90).print(table)


if __name__ == "__main__":
    main()
