"""The first hour: the same law from a table, labelled arrays, a list of unequal runs and a file.

    python examples/first_hour.py

SciPy stands in for the laboratory: a driven, damped oscillator, y'' = u - 4 y - 0.4 y', whose
position alone is recorded while a voltage pushes it, run after run from rest. Bring the record in
whatever kind you have it; names, units and the grid come along, and dimensions go by their names.
What comes out is an equation, a table of coefficients with errors, and predictions in the kind of
what you ask about. Half a minute.
"""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from scipy.signal import cont2discrete

import hiddenlaw as hl

DT, RUNS, SITES = 0.1, 12, 60


def measure(u: np.ndarray) -> np.ndarray:
    """y[run, i] at t_i, after u[run, i] acted over the cell before; at rest at first."""
    law = np.array([[0.0, 1.0], [-4.0, -0.4]]), np.array([[0.0], [1.0]])
    step, push, *_ = cont2discrete((*law, np.eye(2), np.zeros((2, 1))), DT)
    state, y = np.zeros((len(u), 2)), np.empty_like(u)
    for site in range(u.shape[1]):
        state = state @ step.T + u[:, site, None] * push[:, 0]
        y[:, site] = state[:, 0]
    return y


def voltages(runs: int, seed: int) -> np.ndarray:
    """Random steps, each held for three cells."""
    return np.repeat(np.random.default_rng(seed).normal(size=(runs, SITES // 3)), 3, axis=1)


def discoveries(folder: Path, **settings) -> dict[str, hl.Discovery]:
    """The law by each way in."""
    t, u = DT * np.arange(1, SITES + 1), voltages(RUNS, 0)
    y = measure(u)

    # A long table: a row a sample, whatever its columns are called. Units may stand in headers.
    table = pd.DataFrame({
        "shot": np.repeat(np.arange(RUNS), SITES),
        "t [s]": np.tile(t, RUNS),
        "u [V]": u.ravel(),
        "y [mm]": y.ravel(),
    })  # fmt: skip
    names = {"input": "u", "x": "t", "run": "shot"}

    # Labelled arrays; that one lies the other way round does not matter.
    coords = {"t": ("t", t, {"units": "s"})}
    pushed = xr.DataArray(u, dims=("shot", "t"), coords=coords, name="u", attrs={"units": "V"})
    moved = xr.DataArray(y.T, dims=("t", "shot"), coords=coords, name="y", attrs={"units": "mm"})

    # A list with an array for each run, some shorter than others.
    lengths = [SITES - 4 * (run % 4) for run in range(RUNS)]
    runs = [[values[run, :count] for run, count in enumerate(lengths)] for values in (u, y)]
    units = {"x": "s", "u": "V", "y": "mm"}

    # A file, with the same words as the table.
    path = folder / "oscillator.csv"
    table.to_csv(path, index=False)

    return {
        "a DataFrame": hl.discover(table, "y", **names, **settings),
        "two DataArrays": hl.discover(pushed, moved, **settings),
        "a list of unequal runs": hl.discover(*runs, dx=DT, units=units, **settings),
        "a file": hl.discover(path, "y", **names, **settings),
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = discoveries(Path(folder), family="driven")
    for kind, discovery in found.items():
        print(f"{kind:24}{discovery.theory.equation}")


if __name__ == "__main__":
    main()
