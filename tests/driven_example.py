"""Responses of driven linear laws, by SciPy's exact discretisation."""

import numpy as np
from scipy.signal import cont2discrete
from shared_example import RUNS, SITES

OSCILLATOR = np.array([[0, 1], [-1.5, -0.2]]), np.array([[0], [1.0]])
"""A and b of y″ = u − 1.5 y − 0.2 y′, for (y, y′)."""


def respond(law, start, dx, seed=0, offset=0.0):
    """Random walks u and the first variable of z′ = A z + b u, u constant over cells."""
    a, b = law
    d = len(a)
    step, push, *_ = cont2discrete((a, b, np.eye(d), np.zeros((d, 1))), dx)
    u = offset + np.cumsum(np.random.default_rng(seed).normal(size=(RUNS, SITES)), axis=1) / 3
    z, response = np.tile(np.asarray(start, float), (RUNS, 1)), np.empty((RUNS, SITES))
    for k in range(SITES):
        z = z @ step.T + u[:, k, None] * push[:, 0]
        response[:, k] = z[:, 0]
    return u, response


def over_state_and_one(law):
    """The same law for (z, 1), linear in these: its matrices without the input and of it."""
    a, b = law
    d = len(a)
    matrices = np.zeros((2, d + 1, d + 1))
    matrices[0, :d, :d], matrices[1, :d, d] = a, b[:, 0]
    return matrices
