"""The Silverbox benchmark beside the public baselines: root mean square of free runs, in mV.

    python benchmarks/silverbox.py [--data FILE] [--samples N]

A circuit that behaves as a spring that is not linear, measured once (T. Wigren and J. Schoukens,
Three free data sets for development and benchmarking in nonlinear system identification, ECC 2013).
The law is discovered from the training part alone, nothing said but the names of the columns; then
it runs freely over both test parts, from the first 50 samples and the voltage alone. The baselines
are those of arXiv:2405.10779. The record is not part of the project: where it is missing the script
says so.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parents[2] / "shared" / "data" / "silverbox.csv.gz"
STEP = 1 / 610.35  # s
ARROW, TRAINING, MULTISINE = slice(100, 40_576), slice(40_650, 105_712), slice(105_712, 127_401)
CONTEXT = 50  # samples, as the baselines have
BASELINES = {"GRU": (1.49, 2.80), "LSTM": (1.50, 2.68)}  # mV: multisine, arrow


def free_run(theory, u: np.ndarray, y: np.ndarray) -> float:
    """Root mean square error behind the context, in mV."""
    answer = theory.predict(u[None], y[None, :CONTEXT])[0]
    return float(1e3 * np.sqrt(np.mean((answer - y)[CONTEXT:] ** 2)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=HERE)
    parser.add_argument(
        "--samples", type=int, default=None, help="the last so many of the training"
    )
    parser.add_argument("--one", action="store_true", help="without the driven law beside it")
    chosen = parser.parse_args()
    if not chosen.data.exists():
        sys.exit(f"{chosen.data} is not there; name the record with --data")
    import hiddenlaw as hl

    values = np.genfromtxt(chosen.data, delimiter=",", skip_header=1, usecols=(0, 1))
    u, y = values.T
    part = TRAINING
    if chosen.samples is not None:
        part = slice(TRAINING.stop - chosen.samples, TRAINING.stop)
    names = {"input_names": ["V1"], "response_names": ["V2"], "x_name": "t"}
    units = {"t": "s", "V1": "V", "V2": "V"}
    table = Table(title="Silverbox: free run, mV")
    for name in ("law", "variables", "constants", "multisine", "arrow", "seconds"):
        table.add_column(name)
    for family in ("driven", "auto") if not chosen.one else ("auto",):
        begun = time.perf_counter()
        data = hl.Dataset.from_arrays(u[None, part], y[None, part], dx=STEP, units=units, **names)
        found = hl.discover(data, seed=0, family=family)
        seconds = time.perf_counter() - begun
        theory = found.theory
        tested = [free_run(theory, u[stretch], y[stretch]) for stretch in (MULTISINE, ARROW)]
        selected = next(row["family"] for row in found.record["families"] if row["selected"])
        size = theory.dimension, theory.statement.parameters
        table.add_row(
            selected, *map(str, size), *(f"{each:.3f}" for each in tested), f"{seconds:.0f}"
        )
        print(theory.equation)
        for entry in found.record.get("direct", ()):
            print(entry)
    for name, (multisine, arrow) in BASELINES.items():
        table.add_row(name, "–", "–", f"{multisine:.2f}", f"{arrow:.2f}", "–")
    Console().print(table)


if __name__ == "__main__":
    main()
