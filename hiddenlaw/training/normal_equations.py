"""What a Gauss–Newton step needs of a law: gradient and JᵀJ, and how to solve with them.

A few numbers are common to all runs (*dense*); each run may have numbers of its own, its start and
its constants, which concern no other run. So the system is an arrow: a dense corner, small blocks
along the diagonal, and what couples the two. Windows of one run share its constants.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int

_LEAST = 1e-3  # of the mean curvature: added to every number's own where that sets the scale
_DEPENDENT = 1e-13  # of the largest eigenvalue: directions that a run's response does not see


@dataclass(frozen=True)
class OwnBlocks:
    """The blocks of every sequence: its start (k numbers) and, behind it, constants (c).

    - `gradient` (run, k + c), `matrix` (run, k + c, k + c), `cross` (run, k + c, p).
    - `starts`: where in the vector of all numbers the starts of each sequence stand (run, k), and
      `constants` (owner, c) those of each run; `owner` says whose constants a sequence has.
    - `eliminated`: starts are at their best already, and no step is taken in them.
    """

    gradient: Float[np.ndarray, "run own"]
    matrix: Float[np.ndarray, "run own own"]
    cross: Float[np.ndarray, "run own p"]
    starts: Int[np.ndarray, "run k"]
    constants: Int[np.ndarray, "owner c"]
    owner: Int[np.ndarray, " run"]
    eliminated: bool = False

    def summed(self, values: Float[np.ndarray, "run ..."]) -> Float[np.ndarray, "owner ..."]:
        """What the windows of a run say of its constants adds up."""
        total = np.zeros((len(self.constants), *values.shape[1:]))
        np.add.at(total, self.owner, values)
        return total


@dataclass(frozen=True)
class NormalEquations:
    """Half the gradient of the loss, and the Gauss–Newton matrix JᵀJ of the free numbers.

    - `size`: of the vector of all numbers, free or not; `dense`: where the dense ones stand in it.
    - `undamped`: dense numbers that are at their best for the others, and are never damped.
    """

    size: int
    dense: Int[np.ndarray, " p"]
    gradient: Float[np.ndarray, " p"]
    matrix: Float[np.ndarray, "p p"]
    own: OwnBlocks | None = None
    undamped: Bool[np.ndarray, " p"] | None = None

    def step(
        self, damping: float, *, scaled: bool
    ) -> tuple[Float[np.ndarray, " size"], float] | None:
        """The damped step in all numbers, and the fall of half the loss that it foretells.

        `scaled` damps each number in units of its own curvature (Marquardt, SIAM J. Appl. Math. 11,
        431 (1963)), that which is left to it once eliminated numbers follow. None where the matrix
        is not positive.
        """
        outer = self._without_starts(damping, scaled)
        if outer is None:
            return None
        weights = self._weights(outer, scaled)
        reduced = outer.without_constants(damping, weights[2])
        if reduced is None:
            return None
        damped_matrix = reduced.matrix + damping * np.diag(weights[0])
        try:
            np.linalg.cholesky(damped_matrix)
            dense = -np.linalg.solve(damped_matrix, reduced.gradient)
        except np.linalg.LinAlgError:  # not positive
            return None
        step, slope, damped = np.zeros(self.size), self.gradient @ dense, weights[0] @ dense**2
        step[self.dense] = dense
        if self.own is not None:
            starts, constants = reduced.back(dense)
            own, k = self.own, self.own.starts.shape[1]
            if own.constants.size:
                step[own.constants] = constants
                slope += np.sum(own.summed(own.gradient[:, k:]) * constants)
                damped += np.sum(weights[2] * constants**2)
            if not own.eliminated:
                step[own.starts] = starts
                slope += np.sum(own.gradient[:, :k] * starts)
                damped += np.sum(weights[1] * starts**2)
        if not np.isfinite(slope):
            return None
        return step, float(-slope + damping * damped) / 2

    def step_of_each(self, damping: Float[np.ndarray, " run"]) -> Float[np.ndarray, " size"]:
        """A step of every run in its own numbers alone, damped in units of their own curvature."""
        own = self.own
        assert own is not None
        curvature = np.diagonal(own.matrix, axis1=1, axis2=2)
        least = _LEAST * curvature.mean(axis=1, keepdims=True) + 1e-300
        damped = own.matrix + (damping[:, None] * (curvature + least))[:, :, None] * np.eye(
            curvature.shape[1]
        )
        step = np.zeros(self.size)
        if np.isfinite(damped).all():
            # Of a run that says nothing the matrix is zero, and so is the step.
            moved = -(pseudo_inverses(damped) @ own.gradient[..., None])[..., 0]
            k = own.starts.shape[1]
            step[own.starts] = moved[:, :k]
            if own.constants.size:
                step[own.constants] = moved[:, k:]
        return step

    def reduced(self) -> Reduced | None:
        """The dense system after the runs' own numbers were eliminated, and the way back."""
        outer = self._without_starts(0.0, False)
        return None if outer is None else outer.without_constants(0.0, np.zeros(()))

    def _without_starts(self, damping: float, scaled: bool) -> Reduced | None:
        """The system after the starts were eliminated, damped unless they are at their best."""
        own = self.own
        if own is None:
            return Reduced(self.gradient, self.matrix)
        k = own.starts.shape[1]
        of_starts, coupling = own.matrix[:, :k, :k], own.matrix[:, :k, k:]
        right = np.concatenate([own.cross[:, :k], coupling, own.gradient[:, :k, None]], axis=2)
        if own.eliminated or not damping:
            solved = pseudo_inverses(of_starts) @ right
        else:
            weights = self._weights(None, scaled)[1]
            solved = _solved(of_starts + damping * weights[:, :, None] * np.eye(k), right)
        if solved is None:
            return None
        p, turned = len(self.dense), np.swapaxes(coupling, 1, 2)
        return Reduced(
            self.gradient - np.einsum("rkp,rk->p", own.cross[:, :k], solved[:, :, -1]),
            self.matrix - np.tensordot(own.cross[:, :k], solved[:, :, :p], axes=([0, 1], [0, 1])),
            own,
            solved,
            own.summed(own.matrix[:, k:, k:] - turned @ solved[:, :, p:-1]),
            own.summed(own.cross[:, k:] - turned @ solved[:, :, :p]),
            own.summed(own.gradient[:, k:] - (turned @ solved[:, :, -1:])[..., 0]),
        )

    def _weights(
        self, outer: Reduced | None, scaled: bool
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What the damping is multiplied by: for dense numbers, starts, and constants."""
        dense, own = np.diag(self.matrix).copy(), self.own
        starts = constants = np.zeros((0, 0))
        if own is not None:
            curvature = np.diagonal(own.matrix, axis1=1, axis2=2)
            k = own.starts.shape[1]
            starts, constants = curvature[:, :k], own.summed(curvature[:, k:])
            if own.eliminated and outer is not None and outer.of_constants is not None:
                dense = np.maximum(np.diag(outer.matrix), 0.0)
                constants = np.maximum(np.diagonal(outer.of_constants, axis1=1, axis2=2), 0.0)
        if not scaled:
            dense, starts, constants = (np.ones_like(part) for part in (dense, starts, constants))
        else:
            every = [dense, constants.ravel()]
            if own is not None and not own.eliminated:
                every.append(starts.ravel())
            least = _LEAST * float(np.mean(np.concatenate(every))) + 1e-300
            dense, starts, constants = dense + least, starts + least, constants + least
        if self.undamped is not None:
            dense[self.undamped] = 0.0
        return dense, starts, constants


@dataclass(frozen=True)
class Reduced:
    """The dense system alone. `solved` and `again` lead back to starts and constants.

    `of_constants` (owner, c, c), `cross` and `slope` are the constants' blocks once starts follow.
    """

    gradient: Float[np.ndarray, " p"]
    matrix: Float[np.ndarray, "p p"]
    own: OwnBlocks | None = None
    solved: Float[np.ndarray, "run k columns"] | None = None
    of_constants: Float[np.ndarray, "owner c c"] | None = None
    cross: Float[np.ndarray, "owner c p"] | None = None
    slope: Float[np.ndarray, "owner c"] | None = None
    again: Float[np.ndarray, "owner c solved"] | None = None

    def without_constants(
        self, damping: float, weights: Float[np.ndarray, "*any"]
    ) -> Reduced | None:
        """The system after the runs' constants were eliminated, damped by these weights."""
        if self.of_constants is None or self.cross is None or self.slope is None:
            return self
        p, c = self.cross.shape[2], self.cross.shape[1]
        if not c:
            return replace(self, again=np.zeros((len(self.cross), 0, p + 1)))
        left = self.of_constants
        if damping:
            left = left + damping * weights[:, :, None] * np.eye(c)
        again = _solved(left, np.concatenate([self.cross, self.slope[..., None]], axis=2))
        if again is None:
            return None
        matrix = self.matrix - np.tensordot(self.cross, again[:, :, :p], axes=([0, 1], [0, 1]))
        gradient = self.gradient - np.einsum("rcp,rc->p", self.cross, again[:, :, -1])
        return replace(self, gradient=gradient, matrix=matrix, again=again)

    def back(self, dense: Float[np.ndarray, " p"]) -> tuple[np.ndarray, np.ndarray]:
        """The step of starts (run, k) and constants (owner, c) that belongs to a dense step."""
        assert self.own is not None and self.solved is not None and self.again is not None  # noqa: PT018
        p = len(dense)
        constants = -(self.again[:, :, -1] + self.again[:, :, :p] @ dense)
        starts = -(self.solved[:, :, -1] + self.solved[:, :, :p] @ dense)
        if constants.size:
            mine = constants[self.own.owner][:, :, None]
            starts = starts - (self.solved[:, :, p:-1] @ mine)[..., 0]
        return starts, constants


def _solved(matrices: np.ndarray, right: np.ndarray) -> np.ndarray | None:
    try:
        return np.linalg.solve(matrices, right)
    except np.linalg.LinAlgError:
        return None


def pseudo_inverses(grams: Float[np.ndarray, "run k k"]) -> Float[np.ndarray, "run k k"]:
    """Of symmetric matrices, one a run; directions that are not seen are left alone."""
    if not np.isfinite(grams).all():
        return np.full_like(grams, np.nan)
    values, vectors = np.linalg.eigh(grams)
    good = values > np.maximum(_DEPENDENT * values[:, -1:], 0.0)
    inverse = np.where(good, 1 / np.where(good, values, 1.0), 0.0)
    return (vectors * inverse[:, None]) @ np.swapaxes(vectors, 1, 2)
