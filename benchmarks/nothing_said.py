"""Laws that are not linear in their state, from the data alone: are they discovered as they are?

    python benchmarks/nothing_said.py --sets 20 --save nothing_said.jsonl

Simulated runs of 64 sites, 125 of them, with white noise of some of the response's standard
deviation; nothing is said of family, dimension, readout or starts. Condensates of which the density
is measured, with g = -0.5 and with g = 0 (whose law is linear in its state); Duffing's and van der
Pol's oscillators, of which the position is measured; a pendulum up to 1.8 rad, whose law is no
polynomial, so that the odd series is asked for; and one that goes round, of which no law is to be
claimed. The table says of how many the law has exactly these terms. Every result is a line of the
file given by --save, and a later call goes on from there.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from going_on import going_on, kept
from rich.console import Console
from rich.table import Table

RUNS, SITES = 125, 64


class Kind(NamedTuple):
    """A system by name and constants, the terms of its law, those that may be there besides, and
    the family it belongs to. Without terms no law is to be claimed.
    """

    system: str
    constants: dict[str, float]
    noise: tuple[float, ...]
    terms: dict[str, float]
    allowed: tuple[str, ...] = ()
    family: str = "polynomial"


IDEAL = {"V*psi": 1.0, "psi": -0.37}
SWING = {"u": 1.0, "theta": -2.25, "theta'": -0.2, "theta**3": 2.25 / 6}
KINDS = {
    "condensate, g = -0.5": Kind(
        "gross_pitaevskii", {"g": -0.5}, (0.01, 0.05), {**IDEAL, "psi**3": -0.5}
    ),
    "condensate, g = 0": Kind(
        "gross_pitaevskii", {"g": 0.0}, (0.01, 0.05), IDEAL, family="multiplied"
    ),
    "duffing": Kind("duffing", {}, (0.02, 0.05), {"u": 1.0, "y": -1.0, "y'": -0.2, "y**3": -1.0}),
    "van der pol": Kind(
        "van_der_pol", {}, (0.02, 0.05), {"u": 1.0, "y": -1.0, "y'": 1.0, "y**2*y'": -1.0}
    ),
    "pendulum": Kind("pendulum", {}, (0.02,), SWING, allowed=("theta**5",)),
    "pendulum, round": Kind("pendulum", {"drive": 2.5}, (0.02,), {}),
}


def one(name: str, noise: float, number: int) -> dict[str, Any]:
    """One discovery, and what is right about it."""
    import hiddenlaw as hl
    from hiddenlaw.systems import SYSTEMS, measure

    kind = KINDS[name]
    system: Callable[..., Any] = SYSTEMS[kind.system]
    clean = system(**kind.constants).simulate(runs=RUNS, sites=SITES, seed=number)
    data = measure(clean, noise=f"gaussian:{noise:g}", blur=0.0, missing=0.0, seed=number)
    begun = time.perf_counter()
    found = hl.discover(data.without_truth(), seed=number)
    result = {"kind": name, "noise": noise, "number": number, "verdict": found.verdict}
    result["seconds"] = time.perf_counter() - begun
    result["family"] = next(
        (row["family"] for row in found.record["families"] if row["selected"]), None
    )
    return result | graded(found.record, kind)


def graded(record: dict[str, Any], kind: Kind) -> dict[str, Any]:
    """Whether the terms are these and no others, and how far the coefficients are off."""
    theory = record["theories"][record["selected"]] if record.get("theories") else {}
    law = (theory.get("law") or {}).get("terms", {})
    terms = {name: term["value"] for name, term in next(iter(law.values()), {}).items()}
    exact = set(kind.terms) <= set(terms) <= set(kind.terms) | set(kind.allowed)
    off = [abs(terms[name] / value - 1) for name, value in kind.terms.items() if name in terms]
    return {
        "terms": terms,
        "exact": bool(kind.terms) and exact and record["verdict"] == "law",
        "off": max(off, default=None),
    }


def right(result: dict[str, Any]) -> bool:
    kind = KINDS[result["kind"]]
    if not kind.terms:
        return result["verdict"] != "law"
    return result["exact"] and result["family"] == kind.family


def table_of(results: list[dict[str, Any]]) -> Table:
    table = Table(title=f"{RUNS} runs × {SITES} sites, nothing said", title_justify="left")
    for heading in ("system", "noise", "right", "coefficients off, median", "worst", "seconds"):
        table.add_column(heading, justify="left" if heading == "system" else "right")
    for name, kind in KINDS.items():
        for noise in kind.noise:
            some = [r for r in results if (r["kind"], r["noise"]) == (name, noise)]
            if not some:
                continue
            off = [r["off"] for r in some if right(r) and r["off"] is not None]
            table.add_row(
                name,
                f"{100 * noise:g} %",
                f"{sum(map(right, some))} of {len(some)}",
                f"{100 * np.median(off):.2g} %" if off else "–",
                f"{100 * max(off):.2g} %" if off else "–",
                f"{np.median([r['seconds'] for r in some]):.0f}",
            )
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sets", type=int, default=5)
    parser.add_argument("--kinds", nargs="*", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--save", type=Path, help="a line for every result; goes on from it")
    options = parser.parse_args()
    results = kept(options.save)
    done = {(r["kind"], r["noise"], r["number"]) for r in results}
    every = [
        (name, noise, number)
        for number in range(options.sets)
        for name in options.kinds
        for noise in KINDS[name].noise
    ]
    tasks = [task for task in every if task not in done]
    for result in going_on(one, tasks, options.workers, options.save):
        results.append(result)
        terms = ", ".join(f"{value:.4g} {name}" for name, value in result["terms"].items())
        print(
            f"{'right' if right(result) else 'WRONG'}  {result['kind']}, "
            f"{100 * result['noise']:g} %, {result['number']}: {result['verdict']}, "
            f"{result['family']}; {terms}; {result['seconds']:.0f} s",
            flush=True,
        )
    Console(width=110, highlight=False).print(table_of(results))


if __name__ == "__main__":
    main()
