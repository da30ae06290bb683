"""How well two constants of every run are found beside a law, none of them told.

    python benchmarks/run_constants.py

Driven oscillators z″ = −(1 + a) z − (0.2 + b) z′ + u with a stiffness and a damping of their own in
every run, and 1 % of Gaussian noise on the response z. The input u is constant over cells, where
the law is solved by the exponential of its matrix. Constants of runs are known up to scale, offset
and sums of one another, so those found are put against the true ones after the one affine map that
fits best over the training runs. Nothing is asserted about time.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.linalg import expm

import hiddenlaw as hl
from hiddenlaw.data.parts import parts_of

STIFFNESS, DAMPING = 1.0, 0.2  # of the mean run
SPREADS = (0.4, 0.1)  # a and b are uniform within these, on either side of zero
DX, NOISE = 0.2, 0.01
CLOSE = 3.0  # per cent of the deviation of a constant: counted as found


@dataclass(frozen=True)
class Oscillators:
    """Input and response (run, site), and the constants (run, 2) that no discovery is told."""

    input: np.ndarray
    response: np.ndarray
    constants: np.ndarray


def oscillators(runs: int, sites: int, seed: int) -> Oscillators:
    """Runs that start each from a state of its own."""
    rng = np.random.default_rng(seed)
    constants = rng.uniform(-1, 1, (runs, 2)) * SPREADS
    u, state = rng.uniform(-1, 1, (runs, sites)), rng.normal(size=(runs, 2))
    z = np.zeros((runs, sites))
    for run, (a, b) in enumerate(constants):
        law = np.zeros((3, 3))  # of (z, z′, u)
        law[0, 1], law[1] = 1.0, (-(STIFFNESS + a), -(DAMPING + b), 1.0)
        over_a_cell = expm(DX * law)
        for site in range(sites):
            state[run] = over_a_cell[:2] @ (*state[run], u[run, site])
            z[run, site] = state[run, 0]
    return Oscillators(u, z + NOISE * z.std() * rng.normal(size=z.shape), constants)


@dataclass(frozen=True)
class Outcome:
    """What a discovery found: its law, and how far its constants are from the true ones.

    `apart` are root mean squares over the training runs, in per cent of the deviation of a and b.
    """

    verdict: str
    dimension: int
    equation: str
    drive: float
    apart: tuple[float, ...]
    seconds: float

    @property
    def close(self) -> bool:
        return max(self.apart, default=np.inf) < CLOSE


def found_in(data: Oscillators, **options) -> Outcome:
    """One discovery."""
    begun = time.perf_counter()
    found = hl.discover(
        data.input,
        data.response,
        dx=DX,
        run_constants=2,
        dimension=3,
        readout="linear",
        **options,
    )
    seconds = time.perf_counter() - begun
    if not found.theories:
        return Outcome(found.verdict, 0, "–", np.nan, (), seconds)
    theory = found.theory
    return Outcome(
        found.verdict,
        theory.dimension,
        theory.equation,
        drive_of(theory),
        apart(found, data),
        seconds,
    )


def drive_of(theory) -> float:
    """The coefficient of the term that is the input alone; NaN where there is none."""
    law = theory.statement.law or theory.statement.system
    return next((row["u"].value for row in law.terms.values() if "u" in row), np.nan)


def apart(found: hl.Discovery, data: Oscillators) -> tuple[float, ...]:
    """After the affine map of the constants found that is closest to the true ones."""
    train, _ = parts_of(len(data.constants), 0.2, found.record["settings"]["seed"])
    true = data.constants[train]
    said = [constant.values for constant in found.theory.statement.run_constants]
    known = np.column_stack([np.ones(len(true)), *said])
    left = true - known @ np.linalg.lstsq(known, true, rcond=None)[0]
    return tuple(100 * np.sqrt(np.mean(left**2, axis=0)) / true.std(axis=0))


def table_of(outcomes: dict[int, Outcome], runs: int, sites: int) -> Table:
    table = Table(title=f"Two constants of {runs} runs × {sites} sites", title_justify="left")
    for heading in ("data", "law", "d", "a, % off", "b, % off", "of u", "seconds"):
        table.add_column(heading, justify="right")
    for seed, outcome in outcomes.items():
        off = [f"{value:.2f}" for value in outcome.apart] or ["–", "–"]
        numbers = (f"{outcome.drive:.4f}", f"{outcome.seconds:.0f}")
        table.add_row(str(seed), outcome.verdict, str(outcome.dimension), *off, *numbers)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--sites", type=int, default=80)
    parser.add_argument("--data", type=int, nargs="*", default=range(5), help="seeds of the data")
    options = parser.parse_args()
    outcomes = {}
    for seed in options.data:
        outcomes[seed] = found_in(oscillators(options.runs, options.sites, seed))
        print(f"data {seed}: {outcomes[seed].equation}", flush=True)
    console = Console(width=100, highlight=False)
    console.print(table_of(outcomes, options.runs, options.sites))
    close = sum(outcome.close for outcome in outcomes.values())
    console.print(f"{close} of {len(outcomes)} within {CLOSE:g} %")
    busy = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    console.print(f"load of the last 1, 5, 15 minutes: {busy}, of {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
