"""Driven laws of known truth: are family, order and gain right, and do the intervals hold?

    python benchmarks/records.py

Laws of order 1, 2 and 3 without zeros, with random poles and gains, pushed by random steps: 20 runs
× 100 samples from rest. White noise of 3 %; coloured noise of 5 % (each sample remembers 0.7 of the
one before); a dead time of 2.4 samples; Coulomb friction of 2 % of the largest push; an offset with
a drift of 5 %. Where nothing else is said, the noise is white and of 3 %. Wanted: the family driven
and the order; with friction and drift at least no product of input and state; friction found where
there is some, its level inside its interval, and nowhere else.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from going_on import going_on, kept
from lasting import lasting_noise
from rich.console import Console
from rich.table import Table

RUNS, SAMPLES, DT, FINE = 20, 100, 0.1, 20
LATE = 2.4  # samples
LEVEL = 0.02  # of the largest push: friction
KINDS = ("white noise", "coloured noise", "dead time", "friction", "offset and drift")
ORDERS = (1, 2, 3)
_IMPERFECT = ("friction", "offset and drift")


def polynomial(order: int, rng: np.random.Generator) -> np.ndarray:
    """The coefficients a_k of y^(n) + Σ a_k y^(k), per sample: from random poles."""
    pole = -1 / rng.uniform(4, 12)
    frequency, damping = rng.uniform(0.2, 0.5), rng.uniform(0.2, 0.8)
    pair = [2 * damping * frequency, frequency**2]
    if order == 1:
        return np.array([-pole])
    if order == 2:
        return np.array(pair[::-1])
    full = np.convolve([1.0, *pair], [1.0, -pole])
    return full[:0:-1]


def steps(rng: np.random.Generator) -> np.ndarray:
    """Random levels, each held for 3 to 12 samples."""
    input = np.empty((RUNS, SAMPLES))
    for run in input:
        at = 0
        while at < SAMPLES:
            length = int(rng.integers(3, 13))
            run[at : at + length] = rng.uniform(-1, 1)
            at += length
    return input


def simulated(
    a: np.ndarray, gain: float, input: np.ndarray, late: float, friction: float
) -> np.ndarray:
    """The response by the rule of Runge and Kutta, `FINE` steps a sample."""
    order, step = len(a), 1 / FINE
    fine = np.repeat(input, FINE, axis=1)
    delay = round(late * FINE)
    fine = np.concatenate([np.zeros((RUNS, delay)), fine], axis=1)[:, : SAMPLES * FINE]
    moving = 0 if order == 1 else 1  # what rubs: the response, or its derivative

    def rate(z: np.ndarray, u: np.ndarray) -> np.ndarray:
        last = gain * a[0] * (u - friction * np.tanh(200 * z[:, moving])) - z @ a
        return np.column_stack([z[:, 1:], last])

    z, response = np.zeros((RUNS, order)), np.empty_like(input)
    for k in range(SAMPLES * FINE):
        u = fine[:, k]
        first = rate(z, u)
        second = rate(z + step / 2 * first, u)
        third = rate(z + step / 2 * second, u)
        fourth = rate(z + step * third, u)
        z = z + step / 6 * (first + 2 * second + 2 * third + fourth)
        if (k + 1) % FINE == 0:
            response[:, k // FINE] = z[:, 0]
    return response


def recorded(kind: str, order: int, seed: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Input and response (run, sample), and the true gain."""
    rng = np.random.default_rng((seed, order, KINDS.index(kind)))
    gain = float(rng.uniform(0.5, 3.0))
    a, input = polynomial(order, rng), steps(rng)
    late = LATE if kind == "dead time" else 0.0
    friction = LEVEL * np.abs(input).max() if kind == "friction" else 0.0
    response = simulated(a, gain, input, late, friction)
    spread, noise = response.std(), rng.normal(size=response.shape)
    if kind == "coloured noise":
        return input, response + 0.05 * spread * lasting_noise(rng, response.shape, 0.7), gain
    if kind == "offset and drift":
        response = response + 0.05 * spread * (1 + np.linspace(0, 1, SAMPLES))
    return input, response + 0.03 * spread * noise, gain


def one(kind: str, order: int, seed: int) -> dict:
    """One discovery, and what is right about it."""
    import hiddenlaw as hl

    input, response, gain = recorded(kind, order, seed)
    begun = time.perf_counter()
    found = hl.discover(input, response, dx=DT, seed=seed)
    record = found.record
    result = {
        "kind": kind,
        "order": order,
        "seed": seed,
        "verdict": record["verdict"],
        "seconds": time.perf_counter() - begun,
        "dead_time": [
            round(float(each["value"] / DT), 3) for each in record["dead_time"] if each["value"]
        ],
        "family": next((f["family"] for f in record["families"] if f["selected"]), None),
        "true_gain": gain,
        "friction": record["instrument"].get("friction", []),
        "true_friction": LEVEL * float(np.abs(input).max()),
    }
    if not found.theories:
        return result
    theory = record["theories"][record["selected"]]
    terms = [name for row in theory["system"]["terms"].values() for name in row]
    result["dimension"] = theory["dimension"]
    result["product"] = any("u*" in term for term in terms)
    result["error"] = theory["heldout_error"]
    gains = [each for each in theory["readings"] if each["name"].startswith("gain")]
    if gains:
        low, high = gains[0]["ci95"]
        result |= {"gain": gains[0]["value"], "inside": bool(low <= gain <= high)}
    return result


def right(result: dict) -> bool:
    if result["kind"] in _IMPERFECT:
        return result["family"] == "driven" and not result.get("product", True)
    return result["family"] == "driven" and result.get("dimension") == result["order"]


def of_friction(results: list[dict]) -> str:
    """How often friction was found where there is some, with its level, and where there is none."""
    rubbed = [r for r in results if r["kind"] == "friction" and "friction" in r]
    others = [r for r in results if r["kind"] != "friction" and "friction" in r]
    found = [r for r in rubbed if r["friction"]]
    inside, against = 0, 0
    for r in found:
        low, high = r["friction"][0]["ci95"]
        inside += low <= r["true_friction"] <= high
        against += r["friction"][0]["against"] == ("y" if r["order"] == 1 else "y'")
    return (
        f"friction: found in {len(found)} of {len(rubbed)}, against what it is in {against}, its "
        f"level inside its interval in {inside}; claimed where there is none in "
        f"{sum(bool(r['friction']) for r in others)} of {len(others)}"
    )


def table_of(results: list[dict]) -> Table:
    table = Table(title=f"Driven laws, {RUNS} runs × {SAMPLES} samples", title_justify="left")
    for heading in (
        "records",
        "order",
        "driven, of that order",
        "driven, no product",
        "gain in 95 %",
    ):
        table.add_column(heading, justify="left" if heading == "records" else "right")
    for kind in KINDS:
        for order in ORDERS:
            some = [r for r in results if r["kind"] == kind and r["order"] == order]
            if not some:
                continue
            of, driven = len(some), [r for r in some if r["family"] == "driven"]
            inside = [r["inside"] for r in some if "inside" in r]
            table.add_row(
                kind,
                str(order),
                f"{sum(r['dimension'] == order for r in driven)} of {of}",
                f"{sum(not r['product'] for r in driven)} of {of}",
                f"{sum(inside)} of {len(inside)}",
                end_section=order == ORDERS[-1],
            )
    inside = [r["inside"] for r in results if "inside" in r and r["kind"] not in _IMPERFECT]
    every = [r["inside"] for r in results if "inside" in r]
    if every:
        table.add_row("all", "", "", "", f"{sum(every)} of {len(every)}")
    if inside:
        table.add_row("all but friction and drift", "", "", "", f"{sum(inside)} of {len(inside)}")
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sets", type=int, default=20)
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=KINDS)
    parser.add_argument("--orders", nargs="*", type=int, default=ORDERS)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--save", type=Path, help="every result, a line each; goes on from there")
    options = parser.parse_args()
    results = kept(options.save)
    done = {(r["kind"], r["order"], r["seed"]) for r in results}
    tasks = [
        (kind, order, seed)
        for seed in range(options.sets)
        for kind in options.kinds
        for order in options.orders
        if (kind, order, seed) not in done
    ]
    for result in going_on(one, tasks, options.workers, options.save):
        results.append(result)
        print(
            f"{'right' if right(result) else 'WRONG'}  {result['kind']}, order "
            f"{result['order']}, {result['seed']}: {result['family']} "
            f"{result.get('dimension')}, late {result['dead_time']}, gain "
            f"{result.get('gain', np.nan):.4g} of {result['true_gain']:.4g}"
            f"{'' if result.get('inside', True) else ' OUTSIDE'}, {result['seconds']:.0f} s",
            flush=True,
        )
    Console(width=110, highlight=False).print(table_of(results))
    print(of_friction(results))


if __name__ == "__main__":
    main()
