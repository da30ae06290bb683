"""Seconds by stage of the main job, cold and warm, and the peak of memory.

    python benchmarks/discovery.py

Cold is the first discovery of a fresh process, with all compilation; warm the same discovery once
more in that process. Where other programs run beside it, the processor time says more than the
others. Nothing is asserted about time.
"""

import json
import resource
import subprocess
import sys
import time

from rich.console import Console
from rich.table import Table

RUNS, SITES = 200, 64


def measured() -> dict:
    """Two discoveries in this process, and what they cost."""
    start = time.perf_counter()
    import hiddenlaw as hl
    from hiddenlaw.systems import Schroedinger

    data = Schroedinger().simulate(runs=RUNS, sites=SITES, dx=0.2, seed=0)
    hl.discover  # noqa: B018  what it imports counts as importing
    importing = time.perf_counter() - start
    stages, totals, processor, peaks = [], [], [], []
    for _ in range(2):
        start, busy = time.perf_counter(), time.process_time()
        found = hl.discover(data)
        totals.append(time.perf_counter() - start)
        processor.append(time.process_time() - busy)
        stages.append(found.record["seconds"])
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10)  # KiB on Linux
    return {
        "importing": importing,
        "stages": stages,
        "totals": totals,
        "processor": processor,
        "peaks": peaks,
        "found": repr(found),
    }


def main() -> None:
    if sys.argv[1:] == ["--here"]:
        print(json.dumps(measured()))
        return
    fresh = subprocess.run(
        [sys.executable, __file__, "--here"], check=True, stdout=subprocess.PIPE, text=True
    )
    got = json.loads(fresh.stdout.splitlines()[-1])
    table = Table(title=f"discover, {RUNS} runs × {SITES} sites: seconds", title_justify="left")
    for heading in ("stage", "cold", "warm"):
        table.add_column(heading, justify="right" if heading != "stage" else "left")
    table.add_row("imports and data", f"{got['importing']:.1f}", "")
    for stage in got["stages"][0]:
        table.add_row(stage, *(f"{seconds[stage]:.1f}" for seconds in got["stages"]))
    table.add_row("discover, in all", *(f"{total:.1f}" for total in got["totals"]))
    busy = [f"{seconds:.1f}" for seconds in got["processor"]]
    table.add_row("processor time, all cores", *busy, end_section=True)
    table.add_row("peak memory so far, MiB", *(f"{peak:.0f}" for peak in got["peaks"]))
    console = Console(width=90, highlight=False)
    console.print(table)
    console.print(got["found"])


if __name__ == "__main__":
    main()
