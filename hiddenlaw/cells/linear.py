"""Cells that are linear in their state: matrices that depend on the input.

Most laws of physics that hide behind sequences are linear in their state once the right state is
known. Such a cell is h_i = M(V_i) h_{i-1}, and every smooth matrix function of the input is a short
sum

    M(V) = Σ_n c_n(V) K_n,

with fixed basis functions c_n of the input and matrices K_n of the parameters. A linear cell states
these two and their derivatives; trajectories and sensitivities

    S ← M(V) S + (∂M/∂θ)(V) h

follow by products of small matrices over runs, in NumPy: compilation would cost more than it saves.
"""

from __future__ import annotations

import abc
from typing import ClassVar, NamedTuple

import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells._base import AbstractCell
from hiddenlaw.cells._steps import AbstractSteps


class AbstractLinearCell(AbstractCell):
    """h_i = M(V_i) h_{i-1} with M(V) = Σ_n c_n(V) K_n; `matrices` (term, d, d) are trained."""

    presumes_linear: ClassVar[bool] = True
    matrices: Float[AnyArray, "term d d"]

    @property
    def dimension(self) -> int:
        return self.matrices.shape[-1]

    @abc.abstractmethod
    def basis(self, input: Float[AnyArray, "*batch channel"]) -> Float[np.ndarray, "*batch n"]:
        """The functions c_n at what is shown. Depends on no trained parameter."""

    @abc.abstractmethod
    def basis_slope(
        self, input: Float[AnyArray, "*batch channel"], toward: Float[AnyArray, "*batch channel"]
    ) -> Float[np.ndarray, "*batch n"]:
        """The derivative of c_n where what is shown moves at the rate `toward`."""

    @abc.abstractmethod
    def coefficients(self) -> Float[np.ndarray, "n d d"]:
        """The matrices K_n, functions of the trained `matrices`."""

    @abc.abstractmethod
    def coefficient_slopes(self) -> tuple[Float[np.ndarray, "n d d"], Float[np.ndarray, "n d d p"]]:
        """K_n, and ∂K_n/∂θ for every number of `matrices`."""

    def transition(
        self, input: Float[AnyArray, "*batch channel"]
    ) -> Float[np.ndarray, "*batch d d"]:
        """The update matrix M(V)."""
        return np.einsum("...n,nab->...ab", self.basis(input), self.coefficients())

    def advance(
        self, state: Float[AnyArray, "run d"], shown: Float[AnyArray, "run channel"]
    ) -> Float[np.ndarray, "run d"]:
        return (self.transition(shown) @ state[..., None])[..., 0]

    def parts(
        self, shown: Float[np.ndarray, "site run channel"], constants: int
    ) -> tuple[Float[np.ndarray, "site run inner"], Float[np.ndarray, "run outer"] | None]:
        """The basis as a product: what changes along a run, and what its last `constants` make.

        None where the cell does not take them apart.
        """
        del constants
        return self.basis(shown), None

    def of_each_run(
        self, values: Float[np.ndarray, "n ..."], outer: Float[np.ndarray, "run outer"]
    ) -> Float[np.ndarray, "run inner ..."]:
        """Σ over the outer basis of what belongs to the n functions of both."""
        raise NotImplementedError("only cells that take constants apart put them together")

    def outer_slope(
        self, outer: Float[np.ndarray, "run outer"], constant: int
    ) -> Float[np.ndarray, "run outer"]:
        """The derivative of the outer basis by one of the constants."""
        raise NotImplementedError("only cells that take constants apart differentiate by them")

    def prepared(
        self,
        input: Float[np.ndarray, "run site channel"],
        constants: int = 0,
        like: LinearInputs | None = None,
    ) -> LinearInputs:
        shown = super().prepared(input)
        if constants and like is not None and like.outer is not None:
            return LinearInputs(shown, like.inner, self.parts(shown[:1], constants)[1])
        return LinearInputs(shown, *self.parts(shown, constants))

    def steps(self, prepared: LinearInputs) -> LinearSteps:
        return LinearSteps(self, prepared)


class LinearInputs(NamedTuple):
    """What linear cells are shown, sites first, and the basis functions there.

    Where runs have constants the basis is the product of `inner`, which changes along a run, and
    `outer`, which does not; otherwise `outer` is None.
    """

    shown: Float[np.ndarray, "site run channel"]
    inner: Float[np.ndarray, "site run inner"]
    outer: Float[np.ndarray, "run outer"] | None


class LinearSteps(AbstractSteps):
    """A linear cell along given inputs."""

    def __init__(self, cell: AbstractLinearCell, inputs: LinearInputs) -> None:
        self.cell, self.inputs, self.shown = cell, inputs, inputs.shown
        self.updates = self._updates(cell.coefficients(), inputs.outer)

    def states(self, start: Float[np.ndarray, "run d"]) -> Float[np.ndarray, "site run d"]:
        found = np.empty((*self.updates.shape[:2], start.shape[1]))
        h = start
        with np.errstate(over="ignore", invalid="ignore"):
            for site, update in enumerate(self.updates):
                h = np.matmul(update, h[..., None], out=found[site][..., None])[..., 0]
        return found

    def sensitivities(self, start, states, initial, columns, toward=None):
        """See `AbstractSteps.sensitivities`."""
        runs, d, k = initial.shape
        before = np.concatenate([start[None], states[:-1]])
        count, c = len(columns), 0 if toward is None else toward.shape[-1]
        with np.errstate(over="ignore", invalid="ignore"):
            found = self._pushed(before, columns, k + c)
            if toward is not None:
                found[..., count + k :] = self._moved_by_input(before, toward)
            s = np.zeros((runs, d, count + k + c))
            s[:, :, count : count + k] = initial
            for site, update in enumerate(self.updates):
                found[site] += update @ s
                s = found[site]
        return found

    def _updates(self, coefficients, outer):
        """Σ_n c_n K_n at every site of every run."""
        if outer is None:
            return _combined(self.inputs.inner, coefficients)
        return _combined_by_run(self.inputs.inner, self.cell.of_each_run(coefficients, outer))

    def _pushed(self, before, columns, others):
        """(∂M/∂θ) h for these numbers of the cell, and room for others: zeros."""
        inner, outer = self.inputs.inner, self.inputs.outer
        sites, runs, n = inner.shape
        d = before.shape[2]
        if not len(columns):
            return np.zeros((sites, runs, d, others))
        # Zeros among the factors cost less than a second array as large as the product.
        by_number = self.cell.coefficient_slopes()[1]
        slopes = np.zeros((*by_number.shape[:3], len(columns) + others))
        slopes[..., : len(columns)] = by_number[..., columns]
        pushed = inner[..., None] * before[:, :, None]
        if outer is None:
            change = slopes.transpose(0, 2, 1, 3).reshape(n * d, -1)
            return (pushed.reshape(-1, n * d) @ change).reshape(sites, runs, d, -1)
        change = self.cell.of_each_run(slopes.transpose(0, 2, 1, 3), outer)
        by_run = pushed.swapaxes(0, 1).reshape(runs, sites, n * d)
        moved = by_run @ change.reshape(runs, n * d, -1)
        return moved.swapaxes(0, 1).reshape(sites, runs, d, -1)

    def _moved_by_input(self, before, toward):
        """(∂M/∂V · rate) h for every number that moves what is shown."""
        coefficients, moved, outer = self.cell.coefficients(), [], self.inputs.outer
        for constant, rate in enumerate(np.moveaxis(toward, -1, 0)):
            if outer is None:
                slope = _combined(self.cell.basis_slope(self.shown, rate), coefficients)
            else:
                slope = self._updates(coefficients, self.cell.outer_slope(outer, constant))
            moved.append((slope @ before[..., None])[..., 0])
        return np.stack(moved, axis=-1)


def _combined_by_run(
    inner: Float[np.ndarray, "site run n"], coefficients: Float[np.ndarray, "run n d d"]
) -> Float[np.ndarray, "site run d d"]:
    runs, n, d, _ = coefficients.shape
    found = inner.swapaxes(0, 1) @ coefficients.reshape(runs, n, d * d)
    return found.swapaxes(0, 1).reshape(*inner.shape[:2], d, d)


def _combined(
    basis: Float[np.ndarray, "site run n"], coefficients: Float[np.ndarray, "n d d"]
) -> Float[np.ndarray, "site run d d"]:
    """Σ_n c_n K_n at every site of every run."""
    n, d, _ = coefficients.shape
    with np.errstate(over="ignore", invalid="ignore"):
        flat = basis.reshape(-1, n) @ coefficients.reshape(n, d * d)
    return flat.reshape(*basis.shape[:-1], d, d)
