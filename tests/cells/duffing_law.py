"""Duffing's oscillator with an input that pushes and one that multiplies, as polynomial cells."""

import numpy as np

from hiddenlaw.cells import Coefficient
from hiddenlaw.holds import applied

D, RUNS, SITES, DX = 2, 4, 6, 0.25
INPUTS = {1: (0,), 2: (0, 0)}


def law(channels=1):
    """Duffing's oscillator with a push, an input that multiplies, and a product of three."""
    none = INPUTS[channels]
    push = (1, *none[1:])
    last = (*none[1:], 1)  # of the last channel
    return [
        Coefficient(0, (1,), none, 1.0),
        Coefficient(1, (0,), none, -1.3),
        Coefficient(1, (1,), none, -0.4),
        Coefficient(1, (0, 0, 0), none, -0.8),
        Coefficient(1, (0, 1), last, 0.5),
        Coefficient(1, (), push, 0.7),
        Coefficient(1, (), none, 0.1),
    ]


def rate(terms, z, u):
    """The terms once more, one by one."""
    found = np.zeros(len(z))
    for term in terms:
        found[term.row] += term.value * np.prod(z[list(term.state)]) * np.prod(u**term.input)
    return found


def drive(hold, channels=1, seed=0):
    u = np.random.default_rng(seed).uniform(-1.0, 2.0, (RUNS, SITES, channels))
    return u, applied(u, hold)


def starts(seed=5, d=D):
    return np.random.default_rng(seed).uniform(-1, 1, (RUNS, d))


def along(cell, values):
    return cell.steps(cell.prepared(values))
