"""The contract of a system: an experiment whose law is known, to try a discovery on."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np
from jaxtyping import Float64

from hiddenlaw.dataset import Dataset, Truth
from hiddenlaw.errors import SettingsError
from hiddenlaw.systems.potentials import get_potential

Array = np.ndarray


@dataclass(frozen=True)
class System(abc.ABC):
    """An experiment with one input and a known law.

    A concrete system is a frozen dataclass: its fields are the constants of its law, with defaults.
    It names itself, its input and its response, says which inputs it bears (`input_range`), and
    answers them (`respond`); `simulate` does the rest.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    input_name: ClassVar[str] = "u"
    response_names: ClassVar[tuple[str, ...]] = ("y",)

    @abc.abstractmethod
    def input_range(self) -> tuple[float, float]:
        """Lowest and highest input that an experiment applies."""

    @abc.abstractmethod
    def respond(
        self, input: Float64[Array, "run site"], dx: float
    ) -> tuple[Float64[Array, "run site response_channel"], dict[str, Array]]:
        """The response to inputs held constant over cells of width dx, and the hidden states.

        States are given by name, each of shape (runs, sites), at the sites of the response.
        """

    @property
    def parameters(self) -> Mapping[str, float]:
        """The constants of the law by name."""
        return {item.name: float(getattr(self, item.name)) for item in fields(self)}

    def simulate(
        self,
        *,
        runs: int,
        sites: int,
        dx: float,
        seed: int,
        potentials: str = "fourier",
        with_truth: bool = False,
    ) -> Dataset:
        """Random inputs of a family (see `systems.potentials`) and the responses they make.

        The grid is x[i] = (i + 1) dx: the initial state sits at x = 0. Equal seeds give equal data.
        Raises `SettingsError` for a number that makes no experiment or an unknown family.
        """
        family = get_potential(potentials)
        for what, count, least in (("runs", runs, 1), ("sites", sites, 2), ("seed", seed, 0)):
            if count < least:
                raise SettingsError(f"{what} is {count}; it must be at least {least}")
        if not (np.isfinite(dx) and dx > 0):
            raise SettingsError(f"dx is {dx:g}; it must be a positive number")
        x = dx * np.arange(1, sites + 1)
        low, high = self.input_range()
        input = family(np.random.default_rng(seed), runs, x, low, high)
        with np.errstate(over="ignore", invalid="ignore"):
            response, states = self.respond(input, dx)
        if not np.isfinite(response).all():
            raise SettingsError(
                f"the response of {self.name} grows beyond any number over {sites} sites of "
                f"{dx:g}; take fewer sites or a smaller dx"
            )
        return Dataset.from_arrays(
            input,
            response,
            x=x,
            input_names=self.input_name,
            response_names=self.response_names,
            source=f"simulation of {self.name}, {potentials} potentials, seed {seed}",
            truth=Truth(self.name, states, self.parameters) if with_truth else None,
        )
