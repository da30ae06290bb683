"""Records of laws that inputs drive, by SciPy's exponential on a grid ten times as fine."""

import numpy as np
from scipy.signal import cont2discrete

import hiddenlaw as hl

FINE = 10
SECOND = {"K": 1.4, "c": 0.3, "d": 0.5, "k": 1.2}
FIRST = {"K": 2.0, "c": 0.1, "k": 1.0}


def record(matrix, pushes, rest, late, *, seed, noise, runs=12, sites=60, dx=0.3, own=False,
           colour=0.0):  # fmt: skip
    """Runs of z′ = A z + Σ b_j u_j + c read in z_0; channel j is `late`[j] sites late."""
    rng = np.random.default_rng(seed)
    d, m = len(matrix), len(late)
    push = np.zeros((d, m + 1))
    push[-1] = [*pushes, rest]
    parts = (np.array(matrix), push, np.eye(d), np.zeros((d, m + 1)))
    update, pushed, *_ = cont2discrete(parts, dx / FINE)
    u = rng.normal(size=(runs, sites, m))
    fine = np.ones((runs, sites * FINE, m + 1))
    for j, each in enumerate(late):
        before = np.zeros((runs, round(each * FINE)))
        there = np.concatenate([before, np.repeat(u[..., j], FINE, axis=1)], axis=1)
        fine[..., j] = there[:, : sites * FINE]
    z = rng.normal(size=(runs, d)) if own else np.full((runs, d), 0.4)
    y = np.zeros((runs, sites))
    for k in range(sites * FINE):
        z = z @ update.T + fine[:, k] @ pushed.T
        if k % FINE == FINE - 1:
            y[:, k // FINE] = z[:, 0]
    left = rng.normal(size=y.shape)
    for site in range(1, sites):
        left[:, site] = colour * left[:, site - 1] + np.sqrt(1 - colour**2) * left[:, site]
    return hl.Dataset.from_arrays(u, y + noise * left, dx=dx, x_name="t")


def second_order(seed, noise, late=0.0, **others):
    """y″ = K u(t − late) − d y′ − k y + c."""
    matrix = [[0.0, 1.0], [-SECOND["k"], -SECOND["d"]]]
    return record(matrix, [SECOND["K"]], SECOND["c"], [late], seed=seed, noise=noise, **others)


def first_order(seed, noise, late=0.0, **others):
    """y′ = K u(t − late) − k y + c."""
    rest, push = FIRST["c"], [FIRST["K"]]
    return record([[-FIRST["k"]]], push, rest, [late], seed=seed, noise=noise, dx=0.2, **others)


def pulls(test, true):
    """How many standard errors each constant is from what it truly is."""
    return [(test.constants[name][0] - true[name]) / test.constants[name][1] for name in true]
