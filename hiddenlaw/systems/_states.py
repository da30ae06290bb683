"""What systems have in common whose states move from a start: linear in these or not."""

from __future__ import annotations

import abc

import numpy as np
from jaxtyping import Float64, Num

from hiddenlaw.holds import HOLDS
from hiddenlaw.systems._base import Array, System


class StateSystem(System):
    """A system with a state s of n numbers: it knows every hold and both preparations."""

    holds = HOLDS
    preparations = ("shared", "random")

    @abc.abstractmethod
    def initial_state(self) -> Num[Array, " n"]:
        """The state from which all runs of a shared preparation start."""

    @abc.abstractmethod
    def random_states(self, rng: np.random.Generator, runs: int) -> Num[Array, "run n"]:
        """Initial states of a random preparation, of the order of the shared one."""

    @abc.abstractmethod
    def read(
        self, states: Num[Array, "run site n"]
    ) -> tuple[Float64[Array, "run site response_channel"], dict[str, Array]]:
        """The response of these states, and the states by name, each of shape (runs, sites)."""

    def begun(self, runs: int, rng: np.random.Generator | None) -> Num[Array, "run n"]:
        """The state of every run before its first cell: random with `rng`, else the shared one."""
        if rng is None:
            return np.tile(self.initial_state(), (runs, 1))
        return self.random_states(rng, runs)
