"""Measured records, as they are, beside an independent fit: what is left of their last 30 %.

    python benchmarks/measured.py [--data FOLDER]

Each is discovered from the table as it was written, nothing else said, in a process of its own; the
law runs freely over the end that no training saw. Beside it an output-error model of SciPy, x ←
A x + B u in companion form, of order 1 to 6, fitted by least squares to the first 70 % and started
from as many samples. The records are not part of the project: where they are missing it says so.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.optimize import least_squares
from scipy.signal import lfilter

HERE = Path(__file__).parents[2] / "shared" / "data"
# Columns of the grid, the input and the response.
RECORDS = {
    "rc-rc.csv": ("t", "u", "y"),
    "dc-motor.csv": ("Zeit", "Motorspannung", "Geschwindigkeit"),
    "robot-arm.csv": (None, "u", "y"),
    "exchanger.csv": ("ts", "q", "th"),
    "damper.csv": ("t", "v", "f"),
    "ball-and-beam.csv": (None, "u", "y"),
}
SHARE = 0.7  # that is trained on


def runs_of(path: Path, input: str, response: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """Input and response of every run."""
    with path.open() as file:
        rows = list(csv.DictReader(file))
    labels = dict.fromkeys(row.get("run", "") for row in rows)
    return [
        tuple(
            np.array([float(row[name]) for row in rows if row.get("run", "") == label])
            for name in (input, response)
        )
        for label in labels
    ]  # type: ignore[return-value]


def simulated(numbers: np.ndarray, order: int, u: np.ndarray) -> np.ndarray:
    """y = B(q)/A(q) u + c, from rest."""
    a, b = np.concatenate([[1.0], numbers[:order]]), numbers[order : 2 * order + 1]
    return np.asarray(lfilter(b, a, u))


def with_start(
    numbers: np.ndarray, order: int, u: np.ndarray, y: np.ndarray, context: int
) -> np.ndarray:
    """The same with the constant and the start that suit the first samples."""
    forced = simulated(numbers, order, u)
    a = np.concatenate([[1.0], numbers[:order]])
    free = np.stack([lfilter(np.eye(order)[k], a, np.eye(len(u))[0]) for k in range(order)])
    free = np.vstack([free]) if order else free
    weights = np.linalg.lstsq(free[:, :context].T, (y - forced - numbers[-1])[:context], rcond=1e-8)
    return forced + numbers[-1] + weights[0] @ free


def independent(runs: list, order: int, context: int) -> float:
    """The share of the variance that an output-error fit leaves of the ends."""
    parts = [(u, y, int(SHARE * len(u))) for u, y in runs]
    everything = np.concatenate([y for _, y in runs])
    mean, scale = everything.mean(), everything.std()

    def left(numbers: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            rest = [
                with_start(numbers, order, u[:n], (y[:n] - mean) / scale, n)
                - (y[:n] - mean) / scale
                for u, y, n in parts
            ]
        return np.nan_to_num(np.clip(np.concatenate(rest), -1e3, 1e3), nan=1e3)

    rows, wanted = [], []
    for u, y, n in parts:
        z = (y[:n] - mean) / scale
        past = [z[order - k : n - k] for k in range(1, order + 1)]
        pushes = [u[order - k : n - k] for k in range(order + 1)]
        rows.append(np.stack([*(-p for p in past), *pushes, np.ones(n - order)], axis=1))
        wanted.append(z[order:n])
    begun = np.linalg.lstsq(np.concatenate(rows), np.concatenate(wanted), rcond=None)[0]
    found = least_squares(left, begun, max_nfev=60).x
    squares = []
    for u, y, n in parts:
        z = (y[n:] - mean) / scale
        squares.append((with_start(found, order, u[n:], z, context) - z)[context:] ** 2)
    return float(np.mean(np.concatenate(squares)))


def one(path: Path, columns: tuple) -> list[str]:
    import hiddenlaw as hl

    grid, input, response = columns
    begun = time.perf_counter()
    data = hl.load(path, x=grid, input=input, response=response)
    found = hl.discover(data)
    seconds = time.perf_counter() - begun
    record, context = found.record, 16
    ends = record["simulation"]
    family = next((f["family"] for f in record["families"] if f["selected"]), "–")
    told = [path.name, record["verdict"], family]
    if ends:
        context = ends[0]["context"]
        error = np.average(
            [e["error"] or np.inf for e in ends], weights=[e["samples"] for e in ends]
        )
        theory = record["theories"][0]
        told += [str(theory["dimension"]), str(theory["parameters"]), f"{error:.2g}"]
    else:
        told += ["–", "–", "–"]
    beside = [
        f"{independent(runs_of(path, input, response), order, context):.2g}" for order in (1, 2, 4)
    ]
    return [*told, *beside, f"{seconds:.0f}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=HERE)
    parser.add_argument("--only", help="records whose name holds this word")
    options = parser.parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
    table = Table(title="Measured records: share of the variance left", title_justify="left")
    for heading in ("record", "verdict", "family", "d", "constants", "left",
                    "order 1", "order 2", "order 4", "seconds"):  # fmt: skip
        table.add_column(heading)
    for name, columns in RECORDS.items():
        if options.only and options.only not in name:
            continue
        if not (options.data / name).exists():
            print(f"{name} is not in {options.data}", file=sys.stderr)
            continue
        table.add_row(*one(options.data / name, columns))
        print(f"{name} done", file=sys.stderr, flush=True)
    Console(width=120, highlight=False).print(table)


if __name__ == "__main__":
    main()
