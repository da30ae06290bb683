"""Are laws that are polynomials of their state found as they are? Many data sets, one table.

    OPENBLAS_NUM_THREADS=1 python benchmarks/nonlinear.py --sets 20 --save nonlinear.jsonl

Simulated runs of 64 sites, 100 to train with and 25 held out, with white noise of 0, 1 and 5 % of
the response's standard deviation (`--noise`), for the systems named by `--kinds`:

- condensate, ideal: a wave function of which the density is measured, g = -0.5 and g = 0.
- duffing, van der pol: oscillators whose position is measured.
- pendulum: up to 1.8 rad; the law is no polynomial, and the odd series is asked for.
- traps: ground states of atoms that repel one another, in traps of several shapes, each with
  another number of atoms and so another chemical potential mu, which is not told; psi'' =
  (V - mu) psi + g psi**3 with g = 0.006. Within the bars is g within 3 % and the coefficient of V
  within 2 %, and no further term.

The dimension is asked for. Columns: how often the terms were exactly right, the largest error of a
coefficient relative to its size (median over sets, and worst), how many sets are within the bars
where a system has such, how often its 95 % interval holds it, the mean square error of held-out
free runs over the variance (median), and seconds. Every finished data set is a line of the file
given by --save, and a later call goes on from there.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

RUNS, SITES, HELD_OUT = 125, 64, 0.2
Powers = tuple[int, ...]


@dataclass(frozen=True)
class Kind:
    """A system and its law: coefficients by powers of (y, y', u), and terms that may be there.

    `bars`: how far coefficients may be off, relative to their size. With `constants` every run has
    a number of its own in the law, here an offset of u.
    """

    system: Any
    truth: dict[Powers, float]
    readout: str = "linear"
    degree: int = 3
    allowed: dict[Powers, float] = field(default_factory=dict)
    bars: dict[Powers, float] = field(default_factory=dict)
    constants: bool = False


def kinds() -> dict[str, Kind]:
    """By name."""
    from hiddenlaw.systems import SYSTEMS

    wave = SYSTEMS["gross_pitaevskii"]
    ideal = {(1, 0, 1): 1.0, (1, 0, 0): -0.37}
    linear = {(0, 1, 0): -0.2, (0, 0, 1): 1.0}
    return {
        "condensate": Kind(wave(), {**ideal, (3, 0, 0): -0.5}, "quadratic"),  # type: ignore[call-arg]
        "ideal": Kind(wave(g=0.0), ideal, "quadratic"),  # type: ignore[call-arg]
        "duffing": Kind(
            SYSTEMS["duffing"](),  # type: ignore[call-arg]
            {**linear, (1, 0, 0): -1.0, (3, 0, 0): -1.0},
        ),
        "van der pol": Kind(
            SYSTEMS["van_der_pol"](),  # type: ignore[call-arg]
            {(1, 0, 0): -1.0, (0, 1, 0): 1.0, (2, 1, 0): -1.0, (0, 0, 1): 1.0},
        ),
        "pendulum": Kind(
            SYSTEMS["pendulum"](drive=0.75),  # type: ignore[call-arg]
            {**linear, (1, 0, 0): -2.25},
            degree=5,
            allowed={(3, 0, 0): 2.25 / 6, (5, 0, 0): -2.25 / 120},
        ),
        "traps": Kind(
            SYSTEMS["interacting_trap"](),  # type: ignore[call-arg]
            {(1, 0, 1): 1.0, (3, 0, 0): 0.006},
            "quadratic",
            bars={(1, 0, 1): 0.02, (3, 0, 0): 0.03},
            constants=True,
        ),
    }


def graded(kind: Kind, noise: float, number: int, preparation: str) -> dict:
    """One data set: the law of two variables that is found, against the truth."""
    from hiddenlaw.preparations import RunConstants, hold_back, preparation_class
    from hiddenlaw.systems import measure
    from hiddenlaw.theory.selection import polynomial_laws

    how = "shared" if preparation == "shared" else "random"
    if kind.constants:
        how, preparation = None, RunConstants.name
    data = kind.system.simulate(runs=RUNS, sites=SITES, seed=number, preparation=how)
    if noise:
        said = f"gaussian:{noise:g}"
        data = measure(data, noise=said, blur=0.0, missing=0.0, seed=number)
    data, _ = preparation_class(preparation).seen(data)
    train, rest = data.split(HELD_OUT, number)
    heldout = hold_back(rest, preparation_class(preparation))
    begun = time.perf_counter()
    (found,) = polynomial_laws(
        train, heldout, dimensions=(2,), readout=kind.readout, preparation=preparation,
        degree=kind.degree,
    )  # fmt: skip
    seconds = time.perf_counter() - begun
    terms = {(each.row, *each.powers): each for each in found.stated(data.dx)}
    wanted = {(1, *powers): value for powers, value in kind.truth.items()}
    extra = set(terms) - set(wanted) - {(1, *powers) for powers in kind.allowed}
    there = [(terms[key], value) for key, value in wanted.items() if key in terms]
    needed = {(1, *powers) for powers in list(kind.allowed)[:1]}
    exact = not extra and set(wanted) | needed <= set(terms)
    off = {
        powers: abs(terms[1, *powers].value / kind.truth[powers] - 1)
        for powers in kind.bars
        if (1, *powers) in terms
    }
    return {
        "exact": exact,
        "within": exact and all(off[powers] <= most for powers, most in kind.bars.items())
        if kind.bars
        else None,
        "extra": sorted(map(list, extra)),
        "missing": sorted(map(list, set(wanted) - set(terms))),
        "error": max((abs(each.value / value - 1) for each, value in there), default=np.inf),
        "held": sum(abs(each.value - value) <= 1.96 * each.stderr for each, value in there),
        "asked": len(there),
        "terms": {",".join(map(str, key)): each.value for key, each in terms.items()},
        "heldout": found.heldout_error,
        "seconds": seconds,
        "notes": list(found.notes),
    }


def table(rows: list[dict]) -> None:
    """Print what came of them, a line a kind and noise."""
    from rich.console import Console
    from rich.table import Table

    shown = Table(
        "system", "noise", "exact terms", "error, median", "worst", "within bars", "95 % holds",
        "free run", "s",
    )  # fmt: skip
    for kind, noise in dict.fromkeys((row["kind"], row["noise"]) for row in rows):
        mine = [row for row in rows if (row["kind"], row["noise"]) == (kind, noise)]
        errors = [row["error"] for row in mine]
        asked = max(sum(row["asked"] for row in mine), 1)
        shown.add_row(
            kind,
            f"{100 * noise:g} %",
            f"{sum(row['exact'] for row in mine)} of {len(mine)}",
            f"{np.median(errors):.1e}",
            f"{max(errors):.1e}",
            _within([row["within"] for row in mine if row.get("within") is not None]),
            f"{100 * sum(row['held'] for row in mine) / asked:.0f} %",
            f"{np.median([row['heldout'] for row in mine]):.1e}",
            f"{np.median([row['seconds'] for row in mine]):.1f}",
        )
    Console().print(shown)


def _within(sets: list[bool]) -> str:
    return f"{sum(sets)} of {len(sets)}" if sets else "–"


def main() -> None:
    """Fit what is not in the file yet, and print the table."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    every = kinds()
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--sets", type=int, default=5)
    parser.add_argument("--kinds", nargs="+", default=list(every), choices=list(every))
    parser.add_argument("--noise", nargs="+", type=float, default=[0.0, 0.01, 0.05])
    parser.add_argument("--preparation", default="shared", choices=["shared", "context"])
    parser.add_argument("--save", type=Path)
    asked = parser.parse_args()
    lines = asked.save.read_text().splitlines() if asked.save and asked.save.exists() else []
    rows = [json.loads(line) for line in lines]
    done = {(row["kind"], row["noise"], row["number"]) for row in rows}
    for name in asked.kinds:
        for noise in asked.noise:
            for number in range(asked.sets):
                if (name, noise, number) in done:
                    continue
                row = {"kind": name, "noise": noise, "number": number}
                row |= graded(every[name], noise, number, asked.preparation)
                rows.append(row)
                if asked.save:
                    with asked.save.open("a") as out:
                        out.write(json.dumps(row) + "\n")
    table([row for row in rows if row["kind"] in asked.kinds and row["noise"] in asked.noise])


if __name__ == "__main__":
    main()
