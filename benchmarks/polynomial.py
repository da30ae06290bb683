"""Milliseconds for states, sensitivities and JᵀJ of polynomial laws.

    OPENBLAS_NUM_THREADS=1 python benchmarks/polynomial.py

What a fit of such a law does over and over, for runs that start each from a state of its own, read
in one variable. How long it takes is printed and nothing more.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from hiddenlaw.cells import PolynomialCell
from hiddenlaw.holds import Span
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import layout
from hiddenlaw.preparations import Own
from hiddenlaw.readouts import Linear
from hiddenlaw.training.least_squares import LeastSquares

SPAN = Span((-1.0,), (1.0,))
REPEATS = 30


class Size(NamedTuple):
    """How much of a law, along how much."""

    dimension: int
    terms: int
    runs: int
    sites: int
    substeps: int = 1


SIZES = [
    Size(2, 8, 100, 64),
    Size(2, 20, 100, 64),
    Size(2, 32, 100, 64),
    Size(2, 20, 100, 64, substeps=2),
    Size(3, 30, 100, 64),
    Size(3, 84, 100, 64),
    Size(2, 20, 800, 64),
    Size(2, 20, 20, 1000),
]


def problem(size: Size) -> LeastSquares:
    """A gentle law of so many terms, and random data."""
    rng = np.random.default_rng(0)
    cell = PolynomialCell.random(size.dimension, SPAN, rng=rng).in_steps(size.substeps)
    kept = np.zeros(len(cell.parameters), bool)
    kept[rng.permutation(kept.size)[: size.terms]] = True
    input = rng.uniform(-1, 1, (size.runs, size.sites, 1))
    starts = rng.uniform(-1, 1, (size.runs, size.dimension))
    readout = Linear(np.eye(size.dimension)[:, :1], np.zeros(0))
    law = Law(Own(starts), cell.keeping(kept), readout, np.ones(1))
    shown = Shown.of(input, rng.normal(size=(size.runs, size.sites, 1)))
    return LeastSquares(law, shown, layout(law).mask(cell=True, starts=True))


def milliseconds(task: Callable[[], object]) -> float:
    """The least of several times."""
    found = np.inf
    for _ in range(REPEATS):
        begun = time.perf_counter()
        task()
        found = min(found, time.perf_counter() - begun)
    return 1000 * found


def main() -> None:
    """Print the table."""
    table = Table("d", "terms", "runs × sites", "substeps", "states, ms", "JᵀJ, ms")
    for size in SIZES:
        fitted = problem(size)
        numbers = fitted.start()
        here = fitted.at(numbers)
        times = milliseconds(lambda f=fitted, n=numbers: f.at(n)), milliseconds(here.equations)
        counts = str(size.dimension), str(size.terms), f"{size.runs} × {size.sites}"
        table.add_row(*counts, str(size.substeps), *(f"{spent:.1f}" for spent in times))
    Console().print(table)


if __name__ == "__main__":
    main()
