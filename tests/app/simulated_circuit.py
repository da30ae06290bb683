"""A simulated RC circuit: a step-wise voltage, and the one behind a stage of 0.05 s."""

from pathlib import Path

import numpy as np

TAU, STEP, SAMPLES = 0.05, 0.005, 1500


def write(path: Path) -> Path:
    """Write columns t, u and y of one record, with noise of a thousandth, by y′ = (u − y)/τ."""
    rng = np.random.default_rng(7)
    u = np.repeat(rng.choice([0.0, 1.0], SAMPLES // 10), 10) + rng.normal(0.0, 0.05, SAMPLES)
    decay, y = np.exp(-STEP / TAU), np.zeros(SAMPLES)
    for k in range(SAMPLES):
        before = y[k - 1] if k else 0.0
        y[k] = decay * before + (1 - decay) * u[k]
    y += rng.normal(0.0, 1e-3, SAMPLES)
    table = np.column_stack([STEP * np.arange(1, SAMPLES + 1), u, y])
    np.savetxt(path, table, delimiter=",", header="t,u,y", comments="", fmt="%.9g")
    return path
