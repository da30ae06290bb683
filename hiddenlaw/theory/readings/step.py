"""Step responses of a driven law, with the errors of its coefficients and its dead times."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from hiddenlaw.data.described import Described, Rows
from hiddenlaw.theory.equations.intervals import NORMAL
from hiddenlaw.theory.equations.naming import with_error
from hiddenlaw.theory.readings.responses import Labels, increasing, late_of, state_space_of
from hiddenlaw.theory.readings.state_space import StateSpace
from hiddenlaw.theory.theory import Theory

_SAMPLES = 401
_MEMORIES = 6.0  # decay times after which a response rests, to 0.3 %
_LEAST, _MOST = 20.0, 10_000.0  # samples of the data: what is shown by default
_STILL = 1e-6  # a sample: what decays no faster does not decay


@dataclass(frozen=True, repr=False)
class StepResponse(Described):
    """How each response answers a step of each input from 0 to 1 at x = 0, from rest.

    - `x` (sample,): since the step, in the data's unit.
    - `values`, `stderr` (sample, response, input): in the response's unit over the input's; the
      standard error is NaN where the covariance of the law's numbers is not known.
    - `labels`: names and units.
    """

    x: Float[np.ndarray, " sample"]
    values: Float[np.ndarray, "sample response input"]
    stderr: Float[np.ndarray, "sample response input"]
    labels: Labels = field(default_factory=Labels)

    def _said(self) -> tuple[str, Rows]:
        told, unit = self.labels, self.labels.unit_of_x
        title = f"StepResponse(up to {with_error(float(self.x[-1]), None, unit)} after the step)"
        rows = []
        for response, channel in np.ndindex(self.values.shape[1:]):
            risen, of = self.values[:, response, channel], told.unit(response, channel)
            last = with_error(float(risen[-1]), float(self.stderr[-1, response, channel]), of)
            most = int(np.argmax(np.abs(risen)))
            peak = with_error(float(risen[most]), None, of)
            at = with_error(float(self.x[most]), None, unit)
            rows.append((told.pair(response, channel), f"{last} at last; farthest {peak}, at {at}"))
        return title, rows

    @property
    def ci95(self) -> tuple[np.ndarray, np.ndarray]:
        """The lower and upper end of the 95 % interval at each x, (sample, response, input)."""
        return self.values - NORMAL * self.stderr, self.values + NORMAL * self.stderr


def step_response(theory: Theory, x: ArrayLike | None = None) -> StepResponse:
    """The responses of a driven theory to a step of each of its inputs, dead times included.

    `x` (sample,) in increasing order; by default until all is at rest. Errors follow from the
    covariance of the coefficients and the errors of the dead times, by the delta method.

    Raises `LawError` for a law that is not driven, `DataError` for an `x` that is not increasing.
    """
    space, (late, late_errors) = state_space_of(theory), late_of(theory)
    if x is None:
        x = np.linspace(0.0, settled(space, late) * theory.dx, _SAMPLES)
    along = increasing(x, "x")
    shape = len(along), len(space.read), space.push.shape[1]
    values, stderr = np.zeros(shape), np.zeros(shape)
    for channel, by in enumerate(late):
        since = along / theory.dx - by
        risen, slopes, rate = _risen(space, channel, np.maximum(since, 0.0))
        there = since > 0
        values[..., channel] = np.where(there[:, None], risen, 0.0)
        squares = space.stderr(slopes) ** 2 + (late_errors[channel] * rate) ** 2
        stderr[..., channel] = np.where(there[:, None], np.sqrt(squares), 0.0)
    return StepResponse(along, values, stderr, Labels.of(theory))


def settled(space: StateSpace, late: Float[np.ndarray, " input"]) -> float:
    """After how many samples a step is over, or seen well enough where it never is."""
    decay = np.abs(np.linalg.eigvals(space.matrix).real)
    lasting = _MEMORIES / decay[decay > _STILL] if (decay > _STILL).any() else np.array([_LEAST])
    return float(np.clip(lasting.max(), _LEAST, _MOST) + late.max(initial=0.0))


def _risen(
    space: StateSpace, channel: int, since: Float[np.ndarray, " sample"]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The responses (sample, response), their slopes by the law's numbers, and by time.

    The state is moved from sample to sample together with its slopes, by exponentials.
    """
    d, numbers = space.dimension, len(space.matrix_slopes)
    block, moved = np.zeros((d + 1, d + 1)), np.zeros((numbers, d + 1, d + 1))
    block[:d, :d], block[:d, d] = space.matrix, space.push[:, channel]
    moved[:, :d, :d], moved[:, :d, d] = space.matrix_slopes, space.push_slopes[..., channel]
    gaps = np.round(np.diff(since, prepend=0.0), 9)
    known = {float(gap): _moves(block, moved, float(gap)) for gap in np.unique(gaps)}
    state, slopes = np.eye(d + 1)[d], np.zeros((numbers, d + 1))
    states, all_slopes = [], []
    for gap in gaps.tolist():
        update, shifts = known[gap]
        slopes = slopes @ update.T + shifts @ state
        state = update @ state
        states.append(state)
        all_slopes.append(slopes)
    along, by = np.array(states), np.array(all_slopes)
    of_state = np.einsum("spd,rd->psr", by[..., :d], space.read)
    of_read = np.einsum("prd,sd->psr", space.read_slopes, along[:, :d])
    rate = along @ block[:d].T @ space.read.T
    return along[:, :d] @ space.read.T, of_state + of_read, rate


def _moves(
    block: Float[np.ndarray, "n n"], moved: Float[np.ndarray, "p n n"], gap: float
) -> tuple[np.ndarray, np.ndarray]:
    """exp(gap · block), and its derivatives (p, n, n) in the directions `moved`."""
    from scipy.linalg import expm

    n = len(block)
    twice = np.zeros((len(moved), 2 * n, 2 * n))
    twice[:, :n, :n] = twice[:, n:, n:] = block
    twice[:, :n, n:] = moved
    found = expm(gap * twice)
    return found[0, :n, :n], found[:, :n, n:]
