"""The Jacobian of what a law answers, in the numbers that are free."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from hiddenlaw.cells import AbstractSteps
from hiddenlaw.law import Law
from hiddenlaw.parameters import Layout, Mask


@dataclass(frozen=True)
class Columns:
    """Which numbers the Jacobian is taken in.

    - `cell`, `starts`, `inner`, `weights`: free numbers that all runs share, counted within each.
    - `own`: which numbers of a run's own start are free, counted within one run.
    - `starts_of_runs` (run, k), `constants_of_runs` (run, c): their places in the vector of all.
    """

    layout: Layout
    cell: Int[np.ndarray, " a"]
    starts: Int[np.ndarray, " b"]
    inner: Int[np.ndarray, " e"]
    weights: Int[np.ndarray, " f"]
    own: Int[np.ndarray, " k"]
    starts_of_runs: Int[np.ndarray, "run k"]
    constants_of_runs: Int[np.ndarray, "owner c"]

    @classmethod
    def of(cls, law: Law, layout: Layout, free: Mask, *, eliminated: bool) -> Columns:
        numbers, constants = np.asarray(law.preparation.numbers), law.preparation.constants
        chosen = {
            name: np.flatnonzero(free[getattr(layout, name)])
            for name in ("cell", "starts", "inner", "weights")
        }
        own, places = np.zeros(0, int), np.zeros((0, 0), int)
        if numbers.ndim == 2:
            pattern = free[layout.starts][: numbers.shape[1]] | eliminated
            own, chosen["starts"] = np.flatnonzero(pattern), np.zeros(0, int)
            every = layout.starts.start + np.arange(numbers.size).reshape(numbers.shape)
            places = every[:, own]
        of_runs = layout.constants.start + np.arange(constants.size).reshape(constants.shape)
        if not free[layout.constants].any():
            of_runs = np.zeros((len(constants), 0), int)
        return cls(layout, **chosen, own=own, starts_of_runs=places, constants_of_runs=of_runs)

    @property
    def p(self) -> int:
        """How many numbers all runs share."""
        return len(self.cell) + len(self.starts) + len(self.inner) + len(self.weights)

    @property
    def own_count(self) -> int:
        """How many numbers each run has of its own."""
        return len(self.own) + self.constants_of_runs.shape[1]

    @property
    def dense(self) -> Int[np.ndarray, " p"]:
        """The places of the shared ones in the vector of all."""
        names = "cell", "starts", "inner", "weights"
        return np.concatenate(
            [getattr(self.layout, name).start + getattr(self, name) for name in names]
        )


@dataclass(frozen=True)
class Part:
    """A chunk of runs at one law: how the cell moves along it, and what is left of the target."""

    steps: AbstractSteps
    starts: Float[np.ndarray, "run d"]
    states: Float[np.ndarray, "site run d"]
    root: Float[np.ndarray, "site run one_or_output"]
    residual: Float[np.ndarray, "site run output"]


def jacobian_of(
    law: Law, part: Part, columns: Columns
) -> tuple[
    Float[np.ndarray, "site run row p"],
    Float[np.ndarray, "site run row own"] | None,
    Float[np.ndarray, "site run row"],
]:
    """J times the root of the weights in shared numbers and in each run's own, and the residual.

    Rows are outputs, or fewer that say the same: a linear readout of many outputs sees no more
    directions than the state has.
    """
    preparation = law.preparation
    toward = None
    if columns.constants_of_runs.shape[1]:
        toward = preparation.toward(law.cell, part.steps.shown)
    runs = part.starts.shape[0]
    pattern = columns.own if columns.own.size else columns.starts
    initial = np.broadcast_to(preparation.slopes[:, pattern], (runs, law.dimension, len(pattern)))
    slopes, residual, root = law.readout.state_slopes(part.states), part.residual, part.root
    fewer = slopes.shape[:2] == (1, 1) and slopes.shape[2] > slopes.shape[3]
    if fewer and root.shape[2] == 1 and not columns.weights.size:
        turn, slopes = np.linalg.qr(slopes[0, 0])
        slopes, residual = slopes[None, None], residual @ turn
    moved = part.steps.seen(part.starts, part.states, initial, columns.cell, slopes, toward)
    moved = moved * root[..., None]
    split = len(columns.cell) + (0 if columns.own.size else len(columns.starts))
    dense, own = moved[..., :split], moved[..., split:]
    extra = []
    if columns.inner.size:
        extra.append(law.readout.inner_slopes(part.states)[..., columns.inner] * root[..., None])
    if columns.weights.size:
        extra.append(_by_weight(law, part, residual.shape[2])[..., columns.weights])
    if extra:
        dense = np.concatenate([dense, *extra], axis=-1)
    return dense, own if columns.own_count else None, residual


def _by_weight(law: Law, part: Part, rows: int) -> Float[np.ndarray, "site run row weights"]:
    """The derivative by every weight of the readout, feature by feature, output by output."""
    features = law.readout.features(part.states, law.readout.inner)
    outputs = law.readout.weights.shape[1]
    assert rows == outputs, "weights are kept for the outputs as they are"
    full = features[:, :, None, :, None] * np.eye(outputs)[None, None, :, None, :]
    return full.reshape(*full.shape[:3], -1) * part.root[..., None]
