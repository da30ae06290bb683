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
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells._base import AbstractCell, AbstractSteps


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

    def prepared(self, input: Float[np.ndarray, "run site channel"]) -> LinearInputs:
        return LinearInputs(self, super().prepared(input))

    def steps(self, prepared: LinearInputs) -> LinearSteps:
        return LinearSteps(self, prepared)


class LinearInputs:
    """What linear cells are shown, and the basis functions there, sites first."""

    def __init__(
        self,
        cell: AbstractLinearCell,
        shown: Float[np.ndarray, "site run channel"],
        basis: Float[np.ndarray, "site run n"] | None = None,
    ) -> None:
        self.cell, self.shown = cell, shown
        self.basis = cell.basis(shown) if basis is None else basis

    def __len__(self) -> int:
        return len(self.shown)

    def __getitem__(self, part) -> LinearInputs:
        """Some of the sites, or of sites and runs."""
        return LinearInputs(self.cell, self.shown[part], self.basis[part])


class LinearSteps(AbstractSteps):
    """A linear cell along given inputs."""

    def __init__(self, cell: AbstractLinearCell, inputs: LinearInputs) -> None:
        self.cell, self.inputs, self.shown = cell, inputs, inputs.shown
        self.updates = _combined(inputs.basis, cell.coefficients())

    def states(self, start: Float[np.ndarray, "run d"]) -> Float[np.ndarray, "site run d"]:
        found = np.empty((*self.updates.shape[:2], start.shape[1]))
        h = start
        with np.errstate(over="ignore", invalid="ignore"):
            for site, update in enumerate(self.updates):
                h = np.matmul(update, h[..., None], out=found[site][..., None])[..., 0]
        return found

    def sensitivities(self, start, states, initial, columns, toward=None):
        """See `AbstractSteps.sensitivities`."""
        basis = self.inputs.basis
        sites, runs, n = basis.shape
        d, k = initial.shape[1:]
        before = np.concatenate([start[None], states[:-1]])
        count, c = len(columns), 0 if toward is None else toward.shape[-1]
        found = np.zeros((sites, runs, d, count + k + c))
        with np.errstate(over="ignore", invalid="ignore"):
            if count:
                slopes = self.cell.coefficient_slopes()[1][..., columns]
                pushed = (basis[..., None] * before[:, :, None]).reshape(-1, n * d)
                change = slopes.transpose(0, 2, 1, 3).reshape(n * d, d * count)
                found[..., :count] = (pushed @ change).reshape(sites, runs, d, count)
            if toward is not None:
                found[..., count + k :] = self._moved_by_input(before, toward)
            s = np.zeros((runs, d, count + k + c))
            s[:, :, count : count + k] = initial
            for site, update in enumerate(self.updates):
                found[site] += update @ s
                s = found[site]
        return found

    def _moved_by_input(self, before, toward):
        """(∂M/∂V · rate) h for every number that moves what is shown."""
        coefficients, moved = self.cell.coefficients(), []
        for rate in np.moveaxis(toward, -1, 0):
            slope = _combined(self.cell.basis_slope(self.inputs.shown, rate), coefficients)
            moved.append((slope @ before[..., None])[..., 0])
        return np.stack(moved, axis=-1)


def _combined(
    basis: Float[np.ndarray, "site run n"], coefficients: Float[np.ndarray, "n d d"]
) -> Float[np.ndarray, "site run d d"]:
    """Σ_n c_n K_n at every site of every run."""
    n, d, _ = coefficients.shape
    with np.errstate(over="ignore", invalid="ignore"):
        flat = basis.reshape(-1, n) @ coefficients.reshape(n, d * d)
    return flat.reshape(*basis.shape[:-1], d, d)
