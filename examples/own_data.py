"""Your own arrays: check them, write them as CSV, ask for one theory, predict new experiments.

    python examples/own_data.py

SciPy stands in for the instrument: an oscillator whose stiffness is modulated, with damping,
q'' = -(9 + u) q - 0.3 q', of which only the power p = q**2 is recorded. Under a minute.
"""

import numpy as np
from scipy.linalg import expm

import hiddenlaw as hl

DX = 0.1


def measure(u: np.ndarray) -> np.ndarray:
    """p[run, i] at t_i, after u[run, i] acted over (t_i - dt, t_i]; q = 1 and q' = 0 before."""
    p = np.empty_like(u)
    for run, modulation in enumerate(u):
        state = np.array([1.0, 0.0])
        for site, value in enumerate(modulation):
            state = expm(DX * np.array([[0.0, 1.0], [-(9.0 + value), -0.3]])) @ state
            p[run, site] = state[0] ** 2
    return p


def modulations(runs: int, rng: np.random.Generator) -> np.ndarray:
    """Random steps of the stiffness, each held for four cells."""
    return np.repeat(rng.uniform(-4.0, 4.0, (runs, 12)), 4, axis=1)


rng = np.random.default_rng(1)
u = modulations(60, rng)
data = hl.Dataset.from_arrays(
    u,
    measure(u),
    dx=DX,
    input_names="u",
    response_names="p",
    x_name="t",
    units={"t": "s", "u": "1/s^2"},
    source="modulated oscillator",
)
print(data)

# CSV keeps numbers and names; NetCDF (.nc) and .npz keep the units and the source too.
hl.save(data, "runs/oscillator.csv")
data = hl.load("runs/oscillator.csv", input="u", response="p")

found = hl.discover(data, dimension=2, readout="quadratic", seeds=4)
print(found)

new = modulations(10, rng)
error = found.theory.predict(new) - measure(new)
print(f"\nnew experiments: largest error {np.abs(error).max():.1e}, by {found.theory.equation}")
print(f"runs outside the trained range: {int(found.theory.out_of_range(new).sum())}")
