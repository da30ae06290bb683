"""The contract of a cell: how a state moves over one site under that site's input.

One abstraction serves the translator (its hidden state) and the distiller (its latent state). Runs
come first, variables last: a state is (run, d), and its sensitivities ∂h/∂θ are (run, d, θ).

A new cell says `dimension`, `random`, `advance`, and which arrays are trained (`trained`). With
that it is trained and differentiated automatically, by JAX; a cell that knows its own derivatives
writes `advance_with_sensitivities` or, where much can be computed for all sites at once, `steps`.
"""

from __future__ import annotations

import abc
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells._automatic import SiteBySite, differentiated
from hiddenlaw.cells._steps import AbstractSteps
from hiddenlaw.cells.terms import Coefficient
from hiddenlaw.data.described import Described
from hiddenlaw.holds import Span


class AbstractCell(Described, abc.ABC):
    """h_i = F(h_{i-1}, V_i): state in, state out, nothing hidden. Subclasses: frozen dataclasses.

    - `trained`: the fields that training moves, in this order.
    - `hidden`, `seeds`: how wide a translator of this cell is by default, and from how many seeds;
      `narrowest`: from how wide on, where it grows.
    - `runs`: how many runs are simulated for it where none are given.
    - `presumes_linear`: whether the state moves linearly for given inputs.
    - `any_hold`: whether it takes inputs that vary inside cells.
    - `by_adam`: whether it is a black box that may have too many weights for Levenberg–Marquardt.
    """

    name: ClassVar[str] = ""
    trained: ClassVar[tuple[str, ...]] = ("matrices",)
    hidden: ClassVar[int] = 6
    narrowest: ClassVar[int] = 2
    seeds: ClassVar[int] = 3
    runs: ClassVar[int] = 200
    presumes_linear: ClassVar[bool] = False
    by_adam: ClassVar[bool] = False
    any_hold: ClassVar[bool] = True

    @property
    @abc.abstractmethod
    def dimension(self) -> int:
        """Number of real state variables."""

    @classmethod
    @abc.abstractmethod
    def random(cls, dimension: int, span: Span, *, rng: np.random.Generator) -> AbstractCell:
        """A cell with random weights, for inputs of `span`."""

    @classmethod
    def latent(cls) -> type[AbstractCell]:
        """The class of the distiller's cell below a translator of this one."""
        return cls

    @abc.abstractmethod
    def advance(
        self, state: Float[AnyArray, "run d"], shown: Float[AnyArray, "run channel"]
    ) -> Float[AnyArray, "run d"]:
        """The states after one site whose inputs, as the hold shows them, are `shown`."""

    @property
    def parameters(self) -> Float[AnyArray, " p"]:
        """What is trained, in one vector."""
        return np.concatenate([np.ravel(getattr(self, field)) for field in self.trained])

    def with_parameters(self, flat: Float[AnyArray, " p"]) -> Self:
        """The same cell with other trained numbers."""
        parts: dict[str, Any] = {}
        at = 0
        for field in self.trained:
            old = getattr(self, field)
            parts[field] = flat[at : at + np.size(old)].reshape(np.shape(old))
            at += np.size(old)
        return replace(self, **parts)  # type: ignore[type-var]  # subclasses are dataclasses

    def advance_with_sensitivities(
        self,
        state: Float[np.ndarray, "run d"],
        sensitivities: Float[np.ndarray, "run d q"],
        shown: Float[np.ndarray, "run channel"],
        toward: Float[np.ndarray, "run channel c"],
    ) -> tuple[Float[np.ndarray, "run d"], Float[np.ndarray, "run d q"]]:
        """The next states and their sensitivities, whose first columns are the cell's parameters.

        The last c columns belong to numbers that move what is shown, at the rates `toward`.
        """
        return differentiated(self, state, sensitivities, shown, toward)

    def prepared(
        self,
        input: Float[np.ndarray, "run site channel"],
        constants: int = 0,
        like: AnyArray = None,
    ) -> AnyArray:
        """What of the inputs does not depend on trained numbers, sites first.

        The last `constants` channels stay the same along a run; `like` is what was prepared of
        other inputs that differ in these alone.
        """
        del constants, like
        return np.ascontiguousarray(np.swapaxes(input, 0, 1))

    def steps(self, prepared: AnyArray) -> AbstractSteps:
        """The cell along these inputs."""
        return SiteBySite(self, prepared)


class AbstractLawCell(AbstractCell):
    """A cell that is a law: its numbers are coefficients of differential equations.

    - `exact`: whether it solves them to rounding where the input is constant over cells.
    """

    exact: ClassVar[bool] = True

    @abc.abstractmethod
    def terms(self, dx: float) -> list[Coefficient]:
        """The law over x in the data's unit, for the state as it is: one coefficient for each
        trained number that is not zero, in the same order.
        """

    @abc.abstractmethod
    def in_basis(self, transform: Float[np.ndarray, "d d"]) -> Self:
        """The same law for the state z = `transform` h."""

    @abc.abstractmethod
    def finer(self) -> Self:
        """The same law over cells half as wide: what changes is the integrator's own error."""

    @abc.abstractmethod
    def with_span(self, span: Span) -> Self:
        """The same law, exact to rounding for inputs of `span`."""
