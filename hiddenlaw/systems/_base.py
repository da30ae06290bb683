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
from hiddenlaw.systems.drive import Drive, draw

Array = np.ndarray


@dataclass(frozen=True)
class System(abc.ABC):
    """An experiment with one input and a known law.

    A concrete system is a frozen dataclass: its fields are the constants of its law, with defaults,
    and as texts what else can be chosen, such as what is observed. It names itself, its input and
    its response, says which inputs it bears (`input_range`), and answers them (`respond`);
    `simulate` does the rest. What it knows of holds and preparations stands in `holds` and
    `preparations`, the default first; one that knows more than the zero hold and one preparation
    overrides `answer`.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    x_name: ClassVar[str] = "x"
    input_name: ClassVar[str] = "u"
    response_names: ClassVar[tuple[str, ...]] = ("y",)
    holds: ClassVar[tuple[str, ...]] = ("zero",)
    preparations: ClassVar[tuple[str, ...]] = ("shared",)
    default_potentials: ClassVar[str] = "fourier"
    default_dx: ClassVar[float] = 0.2

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

    @property
    def parameters(self) -> Mapping[str, float]:
        """The constants of the law by name."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: float(value) for name, value in values.items() if not isinstance(value, str)}

    @property
    def choices(self) -> Mapping[str, str]:
        """What was chosen and is no number, by name: what is observed, and the like."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, str)}

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the response's channels, as this system was made."""
        return self.response_names

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
        hold, preparation = hold or self.holds[0], preparation or self.preparations[0]
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
        what += [f"{hold}-order hold"] if hold != self.holds[0] else []
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

    def check_experiment(
        self, runs: int, sites: int, dx: float, seed: int, hold: str, preparation: str
    ) -> None:
        """Raise `SettingsError` for a number that makes no experiment, or an unknown name."""
        for what, count, least in (("runs", runs, 1), ("sites", sites, 2), ("seed", seed, 0)):
            if count < least:
                raise SettingsError(f"{what} is {count}; it must be at least {least}")
        if not (np.isfinite(dx) and dx > 0):
            raise SettingsError(f"dx is {dx:g}; it must be a positive number")
        for what, name, known in (
            ("hold", hold, self.holds),
            ("preparation", preparation, self.preparations),
        ):
            if name not in known:
                raise SettingsError(
                    f"{self.name} knows no {what} {name!r}; only {', '.join(known)}"
                )

    def _check(self, *, positive: tuple[str, ...] = (), finite: tuple[str, ...] = ()) -> None:
        """Raise `SettingsError` for constants that are not positive, or not finite, numbers."""
        for name in (*positive, *finite):
            value = getattr(self, name)
            if not np.isfinite(value) or (name in positive and value <= 0):
                kind = "positive" if name in positive else "finite"
                raise SettingsError(f"{name} is {value:g}; it must be a {kind} number")
