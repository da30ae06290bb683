"""The misfit of a law to what it is shown, as a function of its free numbers.

With runs and sites as axes of arrays the forward sensitivities S = ∂h/∂θ obey a recurrence of small
matrix products (`hiddenlaw.cells.linear`), and JᵀJ is one product of large ones. It adds up over
chunks of runs. Readouts are linear in their last layer, R = Wᵀ φ(h), so their weights may be
eliminated (variable projection in Kaufman's form, BIT 15, 49 (1975)), or kept as numbers where some
of them are fixed by a law. J itself is projected on what the readout cannot take back, not JᵀJ:
the difference of two large matrices can lose its sign. Where cell and readout are linear the start
of every run may be eliminated in the same way, run by run.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import AbstractSteps
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import Layout, Mask, filled, flat, layout
from hiddenlaw.training.best_starts import best_starts
from hiddenlaw.training.jacobian import Columns, Part, jacobian_of
from hiddenlaw.training.normal_equations import NormalEquations, OwnBlocks
from hiddenlaw.training.projection import Features, beyond, fitted_weights

CHUNK = 160  # runs, and fewer where there are so many numbers that J grows large
_NUMBERS = 256
_LARGEST = 1e70  # of a state: its fourth power, summed over samples, does not overflow


class LeastSquares:
    """A problem for `levenberg_marquardt`: `law` with some of its numbers free.

    With `decay` that many times the sum of squares of the cell's free numbers is added to the loss:
    what the data do not ask for then dies out instead of growing along the runs.
    """

    def __init__(
        self,
        law: Law,
        shown: Shown,
        free: Mask,
        *,
        eliminate_weights: bool = False,
        eliminate_starts: bool = False,
        decay: float = 0.0,
    ) -> None:
        self.law, self.shown = law, shown
        self.eliminate_weights, self.eliminate_starts = eliminate_weights, eliminate_starts
        self.layout: Layout = layout(law)
        self.decay = decay
        self.free = np.array(free)
        self.free[self.layout.weights] &= not eliminate_weights
        # Beside numbers of the runs' own the weights stay in the system, undamped: eliminated
        # beforehand they would couple all runs.
        self.undamped = eliminate_weights and self.columns.own_count > 0
        if self.undamped:
            self.free[self.layout.weights] = True
            del self.columns
        crowded = max(1.0, self.columns.p / _NUMBERS)
        self.chunks = list(shown.parts(max(1, int(CHUNK / crowded))))
        with np.errstate(invalid="ignore"):
            self.roots = [np.sqrt(shown.weight[:, chunk]) for chunk in self.chunks]
        self._prepared: list[Any] | None = None

    def start(self) -> Float[np.ndarray, " p"]:
        """The law's own numbers."""
        return flat(self.law)

    def at(self, numbers: Float[np.ndarray, " p"]) -> Evaluated:
        """The law with these numbers, eliminated ones at their best."""
        return Evaluated(self, filled(self.law, numbers))

    def steps(self, law: Law) -> list[AbstractSteps]:
        """The cell along every chunk; what does not depend on trained numbers is kept."""
        preparation, before = law.preparation, self._prepared
        if before is None or preparation.constants.size:
            input = preparation.show(law.cell, self.shown.input, self.shown.owner)
            constants = preparation.behind
            like = before if constants else None
            self._prepared = [
                law.cell.prepared(input[chunk], constants, like[i] if like else None)
                for i, chunk in enumerate(self.chunks)
            ]
        prepared = self._prepared
        assert prepared is not None
        return [law.cell.steps(part) for part in prepared]

    @cached_property
    def columns(self) -> Columns:
        """Which numbers the Jacobian is taken in."""
        return Columns.of(self.law, self.layout, self.free, eliminated=self.eliminate_starts)


@dataclass
class Evaluated:
    """The problem at one law: states, residuals and the loss; derivatives when asked for."""

    problem: LeastSquares
    law: Law

    def __post_init__(self) -> None:
        problem = self.problem
        self._steps = problem.steps(self.law)
        if problem.eliminate_starts:
            self.law = best_starts(self.law, problem.shown, problem.chunks, self._steps)
        starts = self.law.preparation.starts(problem.shown.runs)
        self._starts = [starts[chunk] for chunk in problem.chunks]
        self._states = [
            steps.states(start) for steps, start in zip(self._steps, self._starts, strict=True)
        ]
        self._features: list[Features] | None = None
        bounded = all(_bounded(states) for states in self._states)
        self.loss = np.inf
        if bounded:
            if problem.eliminate_weights:
                self._eliminate_weights()
            self._residuals = [
                (problem.shown.target[:, chunk] - self.law.readout(states)) * root
                for chunk, states, root in zip(
                    problem.chunks, self._states, problem.roots, strict=True
                )
            ]
            square = sum(float(np.sum(part**2)) for part in self._residuals)
            self.loss = square / problem.shown.total if np.isfinite(square) else np.inf
        self.numbers = flat(self.law)
        if problem.decay:
            self.loss += problem.decay * float(np.sum(self._decaying() ** 2))

    def _decaying(self) -> Float[np.ndarray, " a"]:
        return self.numbers[self.problem.layout.cell][self.problem.columns.cell]

    def _eliminate_weights(self) -> None:
        """The readout's weights at their best, and an orthonormal basis of its features."""
        problem, readout = self.problem, self.law.readout
        parts = zip(problem.chunks, self._states, problem.roots, strict=True)
        self._features = [
            Features.of(
                readout.features(states, readout.inner), root, problem.shown.target[:, chunk]
            )
            for chunk, states, root in parts
        ]
        weights = fitted_weights(self._features, readout.dependent)
        self.law = self.law.but(readout=readout.with_weights(weights))

    def equations(self) -> NormalEquations:
        """Half the gradient, and JᵀJ, over the free numbers."""
        problem, law = self.problem, self.law
        columns, total = problem.columns, problem.shown.total
        gradient, matrix = np.zeros(columns.p), np.zeros((columns.p, columns.p))
        inside, own = [], []
        for i in range(len(problem.chunks)):
            dense, mine, residual = jacobian_of(law, self._part(i), columns)
            if self._features is not None and not problem.undamped:
                dense, seen = self._features[i].without(dense)
                _, taken = self._features[i].without(residual[..., None])
                inside.append(np.concatenate([seen, taken], axis=-1))
            rows = dense.reshape(residual.size, columns.p)
            gradient -= residual.reshape(-1) @ rows
            matrix += rows.T @ rows
            if mine is not None:
                own.append(_blocks(dense, mine, residual))
        if inside and self._features is not None:
            more = beyond(inside, self._features, law.readout.dependent)
            matrix += more[:-1, :-1]
            gradient -= more[:-1, -1]
        if problem.decay:
            cell = np.arange(len(columns.cell))
            gradient[cell] += problem.decay * total * self._decaying()
            matrix[cell, cell] += problem.decay * total
        undamped = None
        if problem.undamped:
            undamped = columns.dense >= problem.layout.weights.start
        return NormalEquations(
            len(self.numbers),
            columns.dense,
            gradient / total,
            matrix / total,
            self._own(own, total) if own else None,
            undamped,
        )

    def scores(self, stretch: int) -> Float[np.ndarray, "sequence stretch p"]:
        """Half the gradient over the shared numbers, of each sequence and stretch of so many sites.

        At an optimum they add up to zero, and numbers of a run's own add nothing.
        """
        found = []
        for i in range(len(self.problem.chunks)):
            dense, _, residual = jacobian_of(self.law, self._part(i), self.problem.columns)
            each = -np.einsum("srop,sro->srp", dense, residual)
            firsts = np.arange(0, len(each), stretch)
            found.append(np.swapaxes(np.add.reduceat(each, firsts, axis=0), 0, 1))
        return np.concatenate(found) / self.problem.shown.total

    def residuals(self) -> Float[np.ndarray, "site run output"]:
        """What is left of the target, times the root of the weights."""
        return np.concatenate(self._residuals, axis=1)

    def _part(self, i: int) -> Part:
        """A chunk of runs at this law."""
        root, residual = self.problem.roots[i], self._residuals[i]
        return Part(self._steps[i], self._starts[i], self._states[i], root, residual)

    def _own(self, parts: list[tuple[np.ndarray, ...]], total: float) -> OwnBlocks:
        gradient, matrix, cross = (
            np.concatenate(part) / total for part in zip(*parts, strict=True)
        )
        columns, owner = self.problem.columns, self.problem.shown.owner
        starts, runs = columns.starts_of_runs, len(gradient)
        owner = np.arange(runs) if owner is None else owner
        constants = columns.constants_of_runs
        return OwnBlocks(
            gradient,
            matrix,
            cross,
            starts if len(starts) else np.zeros((runs, 0), int),
            constants if constants.size else np.zeros((int(owner.max()) + 1, 0), int),
            owner,
            self.problem.eliminate_starts,
        )


def _bounded(states: Float[np.ndarray, "site run d"]) -> bool:
    """Whether sums of squares of products of two variables are still numbers."""
    return bool(np.isfinite(states).all() and np.abs(states).max(initial=0.0) < _LARGEST)


def _blocks(
    dense: Float[np.ndarray, "site run row p"],
    own: Float[np.ndarray, "site run row own"],
    residual: Float[np.ndarray, "site run row"],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradient, matrix and cross of every run's own numbers."""

    def by_run(values: np.ndarray) -> np.ndarray:
        sites, runs, rows, count = values.shape
        return np.swapaxes(values, 0, 1).reshape(runs, sites * rows, count)

    mine = np.swapaxes(by_run(own), 1, 2)
    left = by_run(residual[..., None])
    return -(mine @ left)[..., 0], mine @ by_run(own), mine @ by_run(dense)
