"""PyTorch: the recurrent network of the paper, and a gated recurrent unit, both by Adam."""

from __future__ import annotations

import numpy as np
import torch  # pyright: ignore[reportMissingImports]

from rivals.task import DEGREE, HIDDEN, SEED, Problem, Told, powers

_GRU_HIDDEN = 32
_RATE = 0.01
_SITES_AT_FIRST, _GROWING = 8, 0.2  # sequences get longer over this share of the time


def taylor_network(problem: Problem, limit: float) -> None:
    """h ← (Σ W_n Vⁿ) h, and a linear readout."""
    torch.manual_seed(SEED)
    near_identity = 0.1 * torch.randn(DEGREE + 1, HIDDEN, HIDDEN)
    near_identity[0] += torch.eye(HIDDEN)
    update, start = torch.nn.Parameter(near_identity), torch.nn.Parameter(torch.randn(HIDDEN))
    readout = torch.nn.Linear(HIDDEN, 1)

    def answer(v):
        h, states = start.expand(v.shape[1], HIDDEN)[..., None], []
        for matrix in torch.einsum("nsr,nab->srab", torch.stack(powers(v)), update).unbind(0):
            h = matrix @ h
            states.append(h[..., 0])
        return readout(torch.stack(states))[..., 0]

    _by_adam(answer, [update, start, *readout.parameters()], problem, limit)


def gru(problem: Problem, limit: float) -> None:
    """A gated recurrent unit, and a linear readout."""
    torch.manual_seed(SEED)
    cell, readout = torch.nn.GRU(1, _GRU_HIDDEN), torch.nn.Linear(_GRU_HIDDEN, 1)
    start = torch.nn.Parameter(torch.zeros(1, 1, _GRU_HIDDEN))

    def answer(v):
        begun = start.expand(1, v.shape[1], _GRU_HIDDEN).contiguous()
        return readout(cell(v[..., None], begun)[0])[..., 0]

    _by_adam(answer, [start, *cell.parameters(), *readout.parameters()], problem, limit)


def _by_adam(answer, parameters: list, problem: Problem, limit: float) -> None:
    """All runs in every step; 8, 16, 32 and then all sites; the rate falls as a cosine."""
    torch.set_num_threads(1)
    v, y, heldout = (torch.tensor(part.T, dtype=torch.float32) for part in problem[:3])
    adam, told = torch.optim.Adam(parameters, lr=_RATE), Told(limit)
    while (share := told.share) < 1:
        sites = min(len(v), _SITES_AT_FIRST * 2 ** int(4 * share / _GROWING))
        adam.param_groups[0]["lr"] = _RATE * 0.5 * (1 + np.cos(np.pi * share)) + 1e-6
        adam.zero_grad()
        ((answer(v[:sites]) - y[:sites]) ** 2).mean().backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        adam.step()
        with torch.no_grad():
            told.now(lambda: problem.error(answer(heldout).numpy().T))
    with torch.no_grad():
        told.now(lambda: problem.error(answer(heldout).numpy().T), at_once=True)
