"""Systems s' = f(s, u), linear in their state or not, with any input u between the sites."""

from __future__ import annotations

import abc
import math
from collections.abc import Callable
from typing import ClassVar

import numpy as np
from jaxtyping import Float64

from hiddenlaw.holds import hold_called
from hiddenlaw.systems._base import Array
from hiddenlaw.systems._collocation import STAGES, gauss
from hiddenlaw.systems._states import StateSystem
from hiddenlaw.systems.drive import FINE, Drive

Rates = Callable[[Array, Array], Array]
# How closely the equations of a step are solved, and by how many iterations.
_MOST, _CLOSE = 60, 1e-14


class DynamicalSystem(StateSystem):
    """A system s' = f(s, u) with a state s of n real numbers, smooth in both.

    Beside what a `StateSystem` says of itself it gives f. `default_dx` should be a fraction of the
    fastest motion: the law is integrated in eight steps, or as many more as `dx` is longer.
    """

    x_name: ClassVar[str] = "t"

    @abc.abstractmethod
    def rates(
        self, states: Float64[Array, "*place n"], input: Float64[Array, "*place"]
    ) -> Float64[Array, "*place n"]:
        """f(s, u) at every place."""

    def respond(
        self, input: Float64[Array, "run site"], dx: float
    ) -> tuple[Float64[Array, "run site response_channel"], dict[str, Array]]:
        return self.answer(Drive(dx * np.arange(1, input.shape[1] + 1), input), None)

    def answer(
        self, drive: Drive, rng: np.random.Generator | None
    ) -> tuple[Float64[Array, "run site response_channel"], dict[str, Array]]:
        initial = self.begun(len(drive.input), rng)
        steps = FINE * math.ceil(drive.dx / self.default_dx - 1e-9)
        states = integrated(self.rates, initial, drive, steps)
        return self.read(states if hold_called(drive.hold).varies else states[:, 1:])


def integrated(
    rates: Rates, initial: Float64[Array, "run n"], drive: Drive, steps: int
) -> Float64[Array, "run cell_plus_1 n"]:
    """The states from the initial one through every cell, in so many steps a cell.

    Gauss's collocation of order 6, its equations solved by iteration: Hairer, Nørsett and Wanner,
    Solving Ordinary Differential Equations I, section II.7. `steps` is a multiple of the pieces of
    the drive's spline. States are not numbers from where one grows beyond all, or too fast for the
    iteration.
    """
    nodes, weights, stages = gauss(STAGES)
    step = drive.dx / steps
    # The rates of one step, carried on as a polynomial, are the first guess of the next.
    onward = np.vander(1 + nodes) @ np.linalg.inv(np.vander(nodes))
    inputs = np.stack(
        [drive.within((k + node) / steps) for k in range(steps) for node in nodes], axis=-1
    )
    inputs = inputs.reshape(*inputs.shape[:2], steps, STAGES)
    found = np.empty((len(initial), inputs.shape[1] + 1, initial.shape[1]))
    found[:, 0] = state = initial
    change = np.zeros((len(initial), STAGES, initial.shape[1]))
    with np.errstate(over="ignore", invalid="ignore"):
        for cell in range(inputs.shape[1]):
            for k in range(steps):
                guess = onward @ change
                change = _collocated(rates, state, inputs[:, cell, k], step * stages, guess)
                state = state + step * np.einsum("i,rin->rn", weights, change)
            found[:, cell + 1] = state
    return found


def _collocated(
    rates: Rates,
    state: Float64[Array, "run n"],
    input: Float64[Array, "run stage"],
    matrix: Float64[Array, "stage stage"],
    first: Float64[Array, "run stage n"],
) -> Float64[Array, "run stage n"]:
    """The rates k_i = f(s + h Σ_j a_ij k_j, u_i) of one step, from a first guess on."""
    found, moving = first, np.ones(len(first), bool)
    for _ in range(_MOST):
        before = found
        found = rates(state[:, None] + matrix @ before, input)
        apart = np.abs(found - before).max(axis=(1, 2))
        moving = apart > _CLOSE * (np.abs(found).max(axis=(1, 2)) + np.abs(state).max(axis=1))
        if not moving.any():
            break
    return np.where(moving[:, None, None], np.nan, found)
