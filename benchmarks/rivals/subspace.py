"""nfoursid: a subspace method for systems linear in state and input."""

from __future__ import annotations

import numpy as np
import pandas
from nfoursid.nfoursid import NFourSID  # pyright: ignore[reportMissingImports]

from rivals.task import Problem, Told

_MOST = 10  # variables


def n4sid(problem: Problem, limit: float) -> None:
    """x ← A x + B V, y = C x + D V from all runs one behind another; the start by least squares."""
    told = Told(limit)
    v, y, heldout = problem.input - problem.input.mean(), problem.response, problem.heldout_input
    frame = pandas.DataFrame({"V": v.ravel(), "y": (y - y.mean()).ravel()})
    method = NFourSID(frame, output_columns=["y"], input_columns=["V"], num_block_rows=_MOST)
    method.subspace_identification()
    for dimension in range(1, _MOST + 1):
        system, _ = method.system_identification(rank=dimension)
        driven, free = _simulated(system, v)
        offset = np.column_stack([free, np.ones(len(free))])
        best = np.linalg.lstsq(offset, (y - driven).mean(axis=0))[0]
        answer = _simulated(system, heldout - problem.input.mean())[0] + offset @ best
        told.now(lambda answer=answer: problem.error(answer), at_once=True)


def _simulated(system, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Responses (run, site) from rest, and C Aⁱ (site, state): what a start adds to them."""
    x, power, answers, free = np.zeros((len(v), len(system.a))), np.eye(len(system.a)), [], []
    for now in v.T:
        answers.append(x @ system.c[0] + now * system.d[0, 0])
        free.append(system.c[0] @ power)
        x, power = x @ system.a.T + now[:, None] * system.b[:, 0], system.a @ power
    return np.stack(answers, axis=1), np.stack(free)
