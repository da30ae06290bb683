"""Whether a black box finds quantum mechanics, too: a GRU in place of the linear translator.

    python benchmarks/black_box.py

Eight discoveries by `hiddenlaw discover --cell gru`, report included, each in a fresh process:
densities of one wave function without noise and with noise of 2 % of the response's deviation. It
counts those that end with three variables under a linear readout, two under a quadratic one, the
Schroedinger equation first, its coefficients as distilled (before any refit to the data) within
0.03 of the truth, and in less than six minutes.
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

from rich.console import Console
from rich.table import Table

CASES = [(seed, "") for seed in range(5)] + [(seed, "gaussian:0.02") for seed in range(3)]
TRUE = {"V*psi": 1.0, "psi": -0.37}
NEAR, LIMIT = 0.03, 360.0  # of the coefficients; seconds


def discovered(seed: int, noise: str, runs: int) -> dict:
    """The record of one discovery, and what it took; nothing but that where it failed."""
    begun, busy = time.perf_counter(), _processors()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "hiddenlaw", "discover", "--cell", "gru"]
        command += ["--runs", str(runs), "--seed", str(seed), "--out", folder + "/run"]
        command += ["--noise", noise] if noise else []
        failed = subprocess.run(command, capture_output=True).returncode
        took = {"wall": time.perf_counter() - begun, "processor": _processors() - busy}
        if failed:
            return took
        return json.loads(Path(folder, "run", "discovery.json").read_text()) | took


def _processors() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def as_distilled(record: dict) -> dict[str, float]:
    """The coefficients of V psi and psi in the first theory before its refit, if they are there."""
    theories = record.get("theories") or [{}]
    terms = (theories[0].get("distilled") or {}).get("psi''", {})
    return {name: entry["value"] for name, entry in terms.items() if name in TRUE}


def succeeded(record: dict) -> bool:
    """Whether all that is asked for was found."""
    if record.get("dimension") != {"linear": 3, "quadratic": 2}:
        return False
    first, found = record["theories"][0], as_distilled(record)
    near = all(abs(found.get(name, 9.0) - value) < NEAR for name, value in TRUE.items())
    waves = (first["dimension"], first["readout"]) == (2, "quadratic")
    return waves and near and record["wall"] < LIMIT


def row_of(seed: int, noise: str, record: dict) -> list[str]:
    took = [f"{record['wall']:.0f}", f"{record['processor']:.0f}"]
    if "theories" not in record:
        return [str(seed), noise, *["–"] * 7, *took, "no"]
    by_target = [
        " and ".join(str(t["dimension"]) for t in record.get("targets", []) if t["target"] == name)
        for name in ("states", "answers")
    ]
    told = {t["target"] for t in record.get("targets", []) if t["decided"]}
    laws = [theory["law"] for theory in record["theories"][:1] if theory["law"]]
    found = as_distilled(record)
    return [
        str(seed),
        noise.rpartition(":")[2] or "0",
        f"{record['translator']['heldout_error']:.1e}",
        *by_target,
        " and ".join(sorted(told)),
        laws[0]["equation"] if laws else "–",
        *(f"{found[name]:.4f}" if name in found else "–" for name in TRUE),
        *took,
        "yes" if succeeded(record) else "no",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--cases", type=int, nargs="*", default=range(len(CASES)), help="0 to 7")
    options = parser.parse_args()
    table = Table(title="A GRU as the translator", title_justify="left")
    for heading in (
        *("seed", "noise", "error", "states", "answers", "decided", "first theory"),
        *("V psi", "psi", "s", "CPU s", "found"),
    ):
        table.add_column(heading, justify="left" if heading == "first theory" else "right")
    good = 0
    for case in options.cases:
        seed, noise = CASES[case]
        record = discovered(seed, noise, options.runs)
        good += succeeded(record)
        row = row_of(seed, noise, record)
        table.add_row(*row)
        print(*row, sep=" | ", flush=True)
    console = Console(width=130, highlight=False)
    console.print(table)
    console.print(f"{good} of {len(options.cases)}")
    busy = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    console.print(f"load of the last 1, 5, 15 minutes: {busy}, of {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
