"""The phase portrait of a law that is no longer linear in its state: where it drives it, and rests.

At the mean input: the rates over a grid of the plane that the states of held-out runs visit, and
the equilibria there, with the eigenvalues of the rates' slopes: the poles of the law near them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import PolynomialCell
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.theory.theory import Theory

_GRID = 25  # arrows along each axis
_STEPS, _FAR = 50, 0.1  # of Newton's method; how far beyond what was visited an equilibrium counts
_RESTS = 1e-9  # of the largest rate
_SAME = 1e-4  # of the range: two equilibria that are one


def phase(
    theories: Sequence[Theory], heldout: Heldout
) -> tuple[dict[str, np.ndarray], list[dict[str, Any]]]:
    """Arrays for the picture, if the first theory has two variables, and its equilibria.

    Nothing where runs have constants of their own.
    """
    if not theories or not isinstance(theories[0].law.cell, PolynomialCell):
        return {}, []
    theory = theories[0]
    if theory.law.preparation.constants.size:
        return {}, []  # each run has a plane of its own
    states = theory.states_of(heldout).reshape(-1, theory.dimension)
    states = states[np.isfinite(states).all(axis=1)]
    low, high = np.percentile(states, [0.5, 99.5], axis=0)
    if not len(states) or not (high > low).all():
        return {}, []
    push = heldout.input.reshape(-1, heldout.input.shape[2]).mean(axis=0)
    rests = [_told(theory, each, push) for each in _equilibria(theory, low, high, push)]
    if theory.dimension != 2:
        return {}, rests
    axes = [np.linspace(low[k], high[k], _GRID) for k in range(2)]
    plane = np.stack(np.meshgrid(*axes), axis=-1)
    field = _rates(theory, plane.reshape(-1, 2), push).reshape(plane.shape)
    return {"phase/first": axes[0], "phase/second": axes[1], "phase/field": field}, rests


def _rates(
    theory: Theory, states: Float[np.ndarray, "point d"], push: Float[np.ndarray, " channel"]
) -> Float[np.ndarray, "point d"]:
    """dz/dx at these states, in the data's units."""
    found, units = np.zeros(states.shape), theory.state_units
    for term in theory.law.cell.terms(theory.dx):  # type: ignore[attr-defined]  # a polynomial
        product = np.prod(push ** np.array(term.input)) * np.ones(len(states))
        for k in term.state:
            product = product * states[:, k] / units[k]
        found[:, term.row] += term.value * product * units[term.row]
    return found


def _slopes(theory: Theory, state: np.ndarray, push: np.ndarray) -> Float[np.ndarray, "d d"]:
    """∂(dz/dx)/∂z, term by term."""
    units, d = theory.state_units, theory.dimension
    found, scaled = np.zeros((d, d)), state / units
    for term in theory.law.cell.terms(theory.dx):  # type: ignore[attr-defined]  # a polynomial
        size = term.value * np.prod(push ** np.array(term.input)) * units[term.row]
        for place, k in enumerate(term.state):
            others = term.state[:place] + term.state[place + 1 :]
            found[term.row, k] += size * np.prod(scaled[list(others)]) / units[k]
    return found


def _equilibria(
    theory: Theory, low: np.ndarray, high: np.ndarray, push: np.ndarray
) -> list[np.ndarray]:
    """Where nothing moves, in and near the box that states visit, by Newton's method."""
    d, found = theory.dimension, list[np.ndarray]()
    margin = _FAR * (high - low)
    starts = np.stack(np.meshgrid(*np.linspace(low, high, 5).T), axis=-1).reshape(-1, d)
    size = np.abs(_rates(theory, starts, push)).max() + 1e-300
    for state in starts:
        for _ in range(_STEPS):
            rate, slopes = _rates(theory, state[None], push)[0], _slopes(theory, state, push)
            step = np.linalg.lstsq(slopes, rate, rcond=1e-12)[0]
            state = state - np.clip(step, low - high, high - low)
        rests = np.abs(_rates(theory, state[None], push)).max() < _RESTS * size
        inside = ((state > low - margin) & (state < high + margin)).all()
        new = all((np.abs(state - other) > _SAME * (high - low)).any() for other in found)
        if rests and inside and new:
            found.append(np.where(np.abs(state) > _RESTS * (high - low), state, 0.0))
    return sorted(found, key=lambda state: float(state[0]))


def _told(theory: Theory, state: np.ndarray, push: np.ndarray) -> dict[str, Any]:
    poles = np.linalg.eigvals(_slopes(theory, state, push))
    poles = sorted(poles.tolist(), key=lambda pole: (complex(pole).real, complex(pole).imag))
    return {
        "state": state.tolist(),
        "input": push.tolist(),
        "poles": [[complex(pole).real, complex(pole).imag] for pole in poles],
        "stable": bool(all(complex(pole).real < 0 for pole in poles)),
    }
