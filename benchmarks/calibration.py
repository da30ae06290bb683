"""Is an answer right as often as it says? Many simulated data sets, one table.

    python benchmarks/calibration.py --save calibration.jsonl

- refits: the law refitted to noisy data; how often the 95 % intervals hold the truth.
- coloured: the same with noise of which each sample remembers 0.5 or 0.9 of the one before, and
  with heavy tails (Student's t with three degrees of freedom).
- discoveries: whole discoveries from noisy data that know nothing; dimension, terms, intervals.
- decoys: white noise, and responses without memory; how often a law is claimed.
- lasting: decoys with noise that lasts (0.7 of the sample before), and true laws with 10 % of it
  whose runs start each from a state of its own.

Every finished data set is a line of the file given by --save, and a later call goes on from there.
`--table FILE` writes the table. Two workers of one thread each by default.
"""

import argparse
import json
import os
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from lasting import lasting_noise

RUNS, SITES, DX = 100, 64, 0.2
REFIT_NOISE = (0.01, 0.02, 0.05, 0.1)
COLOURS = {"lasting, 0.5": 0.5, "lasting, 0.9": 0.9}
HEAVY = "heavy tails"
LASTS = 0.7
TRUTH = {"V*psi": 1.0, "psi": -0.37}


def noisy(system, runs: int, seed: int, share: float):
    from hiddenlaw.systems import measure

    clean = system.simulate(runs=runs, sites=SITES, dx=DX, seed=seed)
    return measure(clean, noise=f"gaussian:{share}", blur=0.0, missing=0.0, seed=seed)


def with_noise(system, runs: int, seed: int, share: float, colour: str, **options):
    """A data set with such noise in its response."""
    import hiddenlaw as hl

    clean = system.simulate(runs=runs, sites=SITES, dx=DX, seed=seed, **options)
    rng, rho = np.random.default_rng((seed, 4)), clean.response
    if colour == HEAVY:
        noise = rng.standard_t(3, size=rho.shape) / np.sqrt(3)
    else:
        noise = lasting_noise(rng, rho.shape, COLOURS[colour])
    noisy = rho + share * rho.std() * noise
    names = {"input_names": clean.input_names, "response_names": clean.response_names}
    return hl.Dataset.from_arrays(clean.input, noisy, dx=DX, **names)


def refit(number: int) -> dict:
    """The true law, a little wrong and in a random basis, refitted to noisy data."""
    from hiddenlaw.systems import Schroedinger

    kappa, energy, rng = wanted(number)
    share = REFIT_NOISE[number % len(REFIT_NOISE)]
    data = noisy(Schroedinger(kappa=kappa, energy=energy), RUNS, number, share)
    return {"noise": share, **refitted(number, data, kappa, energy, rng)}


def coloured(number: int) -> dict:
    """The same with noise that lasts, or has heavy tails."""
    from hiddenlaw.systems import Schroedinger

    kappa, energy, rng = wanted(number)
    colour = (*COLOURS, HEAVY)[number % 3]
    system = Schroedinger(kappa=kappa, energy=energy)
    data = with_noise(system, RUNS, number, 0.05, colour)
    return {"colour": colour, **refitted(number, data, kappa, energy, rng)}


def wanted(number: int) -> tuple[float, float, np.random.Generator]:
    rng = np.random.default_rng((number, 1))
    return float(rng.uniform(0.5, 2.0)), float(rng.uniform(-1.0, 1.0)), rng


def refitted(number: int, data, kappa: float, energy: float, rng: np.random.Generator) -> dict:
    """The true law refitted to these data, against the truth."""
    from hiddenlaw.cells import GeneratorCell, Monomials
    from hiddenlaw.distiller.distillation import Distiller
    from hiddenlaw.law import Law
    from hiddenlaw.preparations import Shared
    from hiddenlaw.readouts import Linear
    from hiddenlaw.theory.beginnings import Runs
    from hiddenlaw.theory.derive import derive_theory
    from hiddenlaw.translator.search import joint_span

    train, heldout = data.split(0.2, number)
    low, high = data.input_range.T
    monomials = Monomials.spanning(low, high, 1)
    a, b = np.array([[0, DX], [-energy * DX, 0]]), np.array([[0, 0], [kappa * DX, 0.0]])
    exact = np.stack([a + b * monomials.offset[0], b * monomials.scale[0]])
    basis = rng.normal(size=(2, 2))
    found = basis @ (exact + 1e-4 * rng.normal(size=exact.shape)) @ np.linalg.inv(basis)
    cell = GeneratorCell.over(found, monomials, low, high)
    # A refit begins from the law alone: neither decoder nor encoder is looked at.
    law = Law(
        Shared(basis @ np.array([1.0, 0.0])),
        cell,
        Linear(np.zeros((2, 1)), np.zeros(0)),
        np.ones(1),
    )
    runs = Runs(train, joint_span(train, heldout), law.preparation)
    theory = derive_theory(Distiller(law, None), "quadratic", runs)  # type: ignore[arg-type]
    return graded(theory.record, {"V*psi": kappa, "psi": -energy})


def discovery(number: int) -> dict:
    """A whole discovery, at 2 % noise for the first twenty, then at 10 % and at 1 to 10 %."""
    import hiddenlaw as hl
    from hiddenlaw.systems import Schroedinger

    share = 0.02 if number < 20 else 0.1
    if number >= 70:
        share = float(np.random.default_rng((number, 2)).uniform(0.01, 0.1))
    data = noisy(Schroedinger(), 200, number, share)
    found = hl.discover(data, seed=number, seeds=4, max_dimension=3)
    result = {"noise": share, "verdict": found.verdict, "dimension": found.dimension}
    if not found.theories:
        return result
    chosen = found.record["theories"][found.record["selected"]]
    selected = [chosen["dimension"], chosen["readout"]]
    return {**result, "selected": selected, **graded(chosen, TRUTH)}


def graded(record: dict, truth: dict[str, float]) -> dict:
    """What a theory's record says, against the truth."""
    law = record["law"]
    terms = next(iter(law["terms"].values())) if law else {}
    readout = record["readout_law"]["terms"]
    extra = sorted(set(terms) - set(truth)) if law else ["no scalar equation"]
    extra += sorted({term for entries in readout.values() for term in entries} - {"psi**2"})
    rows = {}
    for term, true in truth.items():
        if term in terms:
            value, (low, high) = terms[term]["value"], terms[term]["ci95"]
            rows[term] = {"off": value / true - 1, "inside": bool(low <= true <= high)}
    return {"extra": extra, "terms": rows}


def decoy(number: int) -> dict:
    """Even numbers: white noise. Odd ones: a response without memory, some of it noisy."""
    import hiddenlaw as hl
    from hiddenlaw.systems import Schroedinger

    rng = np.random.default_rng((number, 3))
    v = Schroedinger().simulate(runs=200, sites=SITES, dx=DX, seed=number).input
    if number % 2 == 0:
        kind, y = "noise", rng.normal(size=v.shape)
    else:
        kind, u = "memoryless", (v + 3) / 2.5
        shapes = (
            lambda u: u**2 - u,
            lambda u: np.tanh(3 * u),
            lambda u: np.sin(4 * u),
            lambda u: np.exp(1.5 * u),
            lambda u: np.abs(u),
        )
        y = shapes[number // 2 % len(shapes)](u)
        y = y + rng.choice([0.0, 0.02, 0.1]) * y.std() * rng.normal(size=y.shape)
    found = hl.discover(v, y, dx=DX, seed=number, seeds=4, max_dimension=3)
    return {"kind": kind, "verdict": found.verdict}


def lasting(number: int) -> dict:
    """In turn noise alone, a response without memory, and a law, all with noise that lasts."""
    import hiddenlaw as hl
    from hiddenlaw.systems import Schroedinger

    kind = ("lasting noise", "memoryless with lasting noise", "law with lasting noise")[number % 3]
    rng = np.random.default_rng((number, 5))
    clean = Schroedinger().simulate(runs=200, sites=SITES, dx=DX, seed=number, preparation="random")
    noise = lasting_noise(rng, clean.response.shape, LASTS)
    y = clean.response if number % 3 == 2 else np.tanh((clean.input + 3) / 2.5)
    y = noise if number % 3 == 0 else y + 0.1 * y.std() * noise
    found = hl.discover(clean.input, y, dx=DX, seed=number, seeds=4, max_dimension=3)
    return {"kind": kind, "verdict": found.verdict, "dimension": found.dimension}


KINDS = {
    "refits": refit,
    "coloured": coloured,
    "discoveries": discovery,
    "decoys": decoy,
    "lasting": lasting,
}
LAWS = ("law", "approximate")


def one(kind: str, number: int) -> dict:
    begun = time.perf_counter()
    result = KINDS[kind](number)
    return {"kind_of": kind, "number": number, **result, "seconds": time.perf_counter() - begun}


def table(results: list[dict]) -> str:
    """What the results say, in Markdown."""
    rows = [("what", "data sets", "figure")]
    of = {kind: [r for r in results if r["kind_of"] == kind] for kind in KINDS}
    for share in REFIT_NOISE if of["refits"] else ():
        some = [r for r in of["refits"] if r["noise"] == share]
        rows += _intervals(f"refits at {100 * share:g} % noise", some)
    if of["refits"]:
        rows += _intervals("refits, all", of["refits"])
        extra = sum(bool(r["extra"]) for r in of["refits"])
        rows.append(("refits: a term too many", str(len(of["refits"])), str(extra)))
    for colour in (*COLOURS, HEAVY) if of["coloured"] else ():
        some = [r for r in of["coloured"] if r["colour"] == colour]
        rows += _intervals(f"refits, 5 % noise, {colour}", some)
        extra = sum(bool(r["extra"]) for r in some)
        rows.append((f"refits, {colour}: a term too many", str(len(some)), str(extra)))
    groups = {
        "2 % noise": [r for r in of["discoveries"] if r["noise"] == 0.02],
        "10 % noise": [r for r in of["discoveries"] if r["noise"] == 0.1],
        "all, 1 to 10 % noise": of["discoveries"],
    }
    for name, some in groups.items():
        if not some:
            continue
        count, laws = str(len(some)), [r for r in some if r["verdict"] in LAWS]
        right = [r for r in some if r["dimension"] == {"linear": 3, "quadratic": 2}]
        rows.append((f"discoveries, {name}: a law found", count, str(len(laws))))
        rows.append((f"discoveries, {name}: dimensions 3 and 2", count, str(len(right))))
        clean = [r for r in laws if not r["extra"] and len(r["terms"]) == len(TRUTH)]
        rows.append((f"discoveries, {name}: these two terms and no other", count, str(len(clean))))
        worst = max((abs(t["off"]) for r in clean for t in r["terms"].values()), default=np.nan)
        rows.append((f"discoveries, {name}: worst coefficient", count, f"{100 * worst:.2g} % off"))
        rows += _intervals(f"discoveries, {name}", some)
    for kind, right in (("noise", "none"), ("memoryless", "memoryless")):
        some = [r for r in of["decoys"] if r["kind"] == kind]
        if some:
            claimed = sum(r["verdict"] in LAWS for r in some)
            rows.append((f"{kind}: a law claimed", str(len(some)), str(claimed)))
            called = sum(r["verdict"] == right for r in some)
            rows.append((f"{kind}: called {right}", str(len(some)), str(called)))
    for kind in dict.fromkeys(r["kind"] for r in of["lasting"]):
        some = [r for r in of["lasting"] if r["kind"] == kind]
        claimed = sum(r["verdict"] in LAWS for r in some)
        rows.append((f"{kind}: a law claimed", str(len(some)), str(claimed)))
    widths = [max(len(row[k]) for row in rows) for k in range(3)]
    lines = [
        "| " + " | ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)) + " |" for r in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(lines)


def _intervals(name: str, some: list[dict]) -> list[tuple[str, str, str]]:
    rows = []
    for term in TRUTH:
        inside = [r["terms"][term]["inside"] for r in some if term in r.get("terms", {})]
        if inside:
            share = f"{100 * np.mean(inside):.1f} % ({sum(inside)} of {len(inside)})"
            rows.append((f"{name}: 95 % interval of {term} holds", str(len(some)), share))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--refits", type=int, default=1000)
    parser.add_argument("--coloured", type=int, default=600)
    parser.add_argument("--lasting", type=int, default=120)
    parser.add_argument("--discoveries", type=int, default=100)
    parser.add_argument("--decoys", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--save", type=Path, default=Path("calibration.jsonl"))
    parser.add_argument("--table", type=Path)
    options = parser.parse_args()
    results = []
    if options.save.is_file():
        results = [json.loads(line) for line in options.save.read_text().splitlines()]
    done = {(r["kind_of"], r["number"]) for r in results}
    counts = {kind: getattr(options, kind) for kind in KINDS}
    tasks = [(k, n) for k, count in counts.items() for n in range(count) if (k, n) not in done]
    # One thread a worker, or two of them fight for the cores.
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
    begun = time.perf_counter()
    with (
        options.save.open("a") as file,
        ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool,
    ):
        running = [pool.submit(one, *task) for task in tasks]
        for future in as_completed(running):
            results.append(future.result())
            print(json.dumps(results[-1]), file=file, flush=True)
            spent = (time.perf_counter() - begun) / 60
            print(f"{len(results)} of {len(done) + len(tasks)}, {spent:.1f} min", flush=True)
    text = table(results)
    print(text)
    print(f"\n{(time.perf_counter() - begun) / 60:.0f} minutes, {options.workers} workers")
    if options.table:
        options.table.write_text(text + "\n")


if __name__ == "__main__":
    main()
