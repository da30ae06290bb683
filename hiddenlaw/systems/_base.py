"""The contract of a system: an experiment whose law is known, to try a discovery on."""

from __future__ import annotations

import abc
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from hiddenlaw.data.dataset import Dataset, Truth
from hiddenlaw.errors import SettingsError
from hiddenlaw.systems._experiment import Experiment
from hiddenlaw.systems.drive import Drive, draw

Array = np.ndarray


@dataclass(frozen=True)
class System(Experiment):
    """An experiment in which one random input drives a response site by site, by a known law.

    A concrete system is a frozen dataclass: its fields are the constants of its law, with defaults.
    It names itself, its input and its response, says which inputs it bears (`input_range`), and
    answers them (`respond`); `simulate` does the rest. One that knows more than the zero hold and
    the shared preparation overrides `answer` too.
    """

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

    def answer(
        self, drive: Drive, rng: np.random.Generator | None
    ) -> tuple[Float64[Array, "run site response_channel"], dict[str, Array]]:
        """The response to a drive of any hold that it knows, and the hidden states.

        With `rng` every run starts from a random state of its own, else all from the shared one.
        """
        return self.respond(drive.input, drive.dx)

    def simulate(
        self,
        *,
        runs: int,
        sites: int,
        dx: float | None = None,
        seed: int,
        potentials: str | None = None,
        hold: str | None = None,
        preparation: str | None = None,
        with_truth: bool = False,
    ) -> Dataset:
        """Random inputs of a family (see `systems.potentials`) and the responses they make.

        - `dx`, `potentials`, `hold`, `preparation`: the system's own default where None.
        - `hold`: "zero", "first" or "cubic", see `Dataset`. The grid is x[i] = (i + 1) dx. With
          the zero hold the initial state sits at x = 0, with the others at x[0].
        - `preparation`: "shared" (all runs start alike) or "random" (each from its own state).

        Equal seeds give equal data; the same inputs are drawn for either preparation. Raises
        `SettingsError` for a number that makes no experiment and for names that are not known.
        """
        dx = self.default_dx if dx is None else dx
        potentials = potentials or self.default_potentials
        hold, preparation = hold or self.default_hold, preparation or self.preparations[0]
        self.check_experiment(runs, sites, dx, seed, hold, preparation)
        x = dx * np.arange(1, sites + 1)
        low, high = self.input_range()
        rng = np.random.default_rng(seed)
        drive = draw(potentials, hold, rng, runs=runs, x=x, low=low, high=high)
        # A stream of its own, so that preparations do not change the inputs.
        preparing = np.random.default_rng([seed, 1]) if preparation == "random" else None
        with np.errstate(over="ignore", invalid="ignore"):
            response, states = self.answer(drive, preparing)
        if not np.isfinite(response).all():
            raise SettingsError(
                f"the response of {self.name} grows beyond any number over {sites} sites of "
                f"{dx:g}; take fewer sites or a smaller dx"
            )
        what = [f"{name} {choice}" for name, choice in self.choices.items()]
        what += [f"{potentials} potentials"]
        what += [f"{hold}-order hold"] if hold != self.default_hold else []
        what += [f"{preparation} preparation"] if preparation != self.preparations[0] else []
        return Dataset.from_arrays(
            drive.input,
            response,
            x=x,
            input_names=self.input_name,
            response_names=self.channels,
            x_name=self.x_name,
            hold=hold,
            source=f"simulation of {self.name}, {', '.join(what)}, seed {seed}",
            truth=Truth(self.name, states, self.parameters) if with_truth else None,
        )
