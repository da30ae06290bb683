"""What goes wrong when things go wrong: counts of tracebacks, hangs, mixtures and losses.

    python benchmarks/faults.py [NAME ...] [--seed 0] [--kills 40] [--changes 200]

Each line of the table is a condition: how often it was tried, and how often a command then

- `traceback`: ended in a traceback, or died;
- `hang`: did not end within its time;
- `mixed`: left files of two discoveries beside one another;
- `lost`: lost something that was finished, or was somebody else's;
- `left`: left a temporary file that the next command did not clear away;
- `code`: ended with another exit code than is documented.

The exit code is 1 where any count is not zero. What cannot be tried here is said so.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from fault_trials.bench import Bench, Faults
from fault_trials.consoles import COMMANDS, outputs_of
from fault_trials.directories import changed_directories, read_directories
from fault_trials.kills import (
    MODES,
    interruptions,
    kills_at_steps,
    kills_of,
    kills_of_a_save,
    kills_of_a_search,
)
from fault_trials.places import full_disks, two_at_once, wrong_places

COUNTED = ("traceback", "hang", "mixed", "lost", "left", "code")

TRIALS: dict[str, Callable[[Bench], Faults]] = {
    "kill: search": kills_of_a_search,
    "kill: save": kills_of_a_save,
    "kill: simulate": kills_of("simulate schroedinger --runs 400", "new"),
    "kill: predict": kills_of("predict run data.npz", "new"),
    **{f"kill at each step: {mode}": kills_at_steps(mode) for mode in MODES},
    "Ctrl-C: search": interruptions,
    "changed directories": changed_directories,
    **{f"output: {name}": outputs_of(name) for name in COMMANDS},
    "full disk": full_disks,
    "wrong --out": wrong_places,
    "two at once": two_at_once,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="only conditions that begin with these")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--changes", type=int, default=200)
    parser.add_argument("--read", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.read:
        read_directories()
        return 0
    width = max(map(len, TRIALS))
    print(f"{'condition':<{width}}  tried" + "".join(f"{name:>11}" for name in COUNTED))
    total = Counter()
    with tempfile.TemporaryDirectory() as place:
        bench = Bench(Path(place), chosen.seed, chosen.kills, chosen.changes)
        for name, trials in TRIALS.items():
            if chosen.names and not name.startswith(tuple(chosen.names)):
                continue
            tried, counts, bench.skipped = 0, Counter(), ""
            for faults in trials(bench):
                tried += 1
                counts.update(fault for fault, there in faults.items() if there)
            row = "".join(f"{counts[fault]:>11}" for fault in COUNTED)
            print(f"{name:<{width}}  {tried:>5}{row}", bench.skipped, flush=True)
            total += counts
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
