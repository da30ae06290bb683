"""A cell along given inputs: what it is asked for by least squares."""

from __future__ import annotations

import abc

import numpy as np
from jaxtyping import Float


class AbstractSteps(abc.ABC):
    """A cell with its numbers along given inputs: all states at once, and their sensitivities.

    `shown` is what the cell is shown, sites first.
    """

    shown: Float[np.ndarray, "site run channel"]

    @abc.abstractmethod
    def states(self, start: Float[np.ndarray, "run d"]) -> Float[np.ndarray, "site run d"]:
        """The state after every site."""

    @abc.abstractmethod
    def sensitivities(
        self,
        start: Float[np.ndarray, "run d"],
        states: Float[np.ndarray, "site run d"],
        initial: Float[np.ndarray, "run d k"],
        columns: np.ndarray,
        toward: Float[np.ndarray, "site run channel c"] | None = None,
    ) -> Float[np.ndarray, "site run d q"]:
        """∂h/∂θ after every site: `columns` of the parameters, numbers of the start, of the input.

        `initial` is the derivative of the start by its k numbers; `toward` is that of what cells
        are shown by c numbers of the run. So q is their sum, in this order.
        """

    def seen(
        self,
        start: Float[np.ndarray, "run d"],
        states: Float[np.ndarray, "site run d"],
        initial: Float[np.ndarray, "run d k"],
        columns: np.ndarray,
        slopes: Float[np.ndarray, "one_or_site one_or_run row d"],
        toward: Float[np.ndarray, "site run channel c"] | None = None,
    ) -> Float[np.ndarray, "site run row q"]:
        """What is read of these sensitivities, `slopes` being ∂R/∂h at every site.

        A cell of many numbers that is read in few rows does better than to carry all along.
        """
        return slopes @ self.sensitivities(start, states, initial, columns, toward)
