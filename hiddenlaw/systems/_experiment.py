"""What every simulated experiment says of itself, whichever way its data come about."""

from __future__ import annotations

import abc
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import SettingsError


@dataclass(frozen=True)
class Experiment(abc.ABC):
    """An experiment with a known law that can be simulated.

    A concrete one is a frozen dataclass: its fields are the constants of its law, with defaults,
    and as texts what else can be chosen, such as what is observed. `holds` and `preparations` name
    what it knows of them, the default first.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    x_name: ClassVar[str] = "x"
    input_name: ClassVar[str] = "u"
    response_names: ClassVar[tuple[str, ...]] = ("y",)
    holds: ClassVar[Collection[str]] = ("zero",)
    preparations: ClassVar[tuple[str, ...]] = ("shared",)
    default_potentials: ClassVar[str] = "fourier"
    default_dx: ClassVar[float] = 0.2

    @abc.abstractmethod
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
        """Random runs; what is None takes the experiment's own default. Equal seeds, equal data."""

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
    def default_hold(self) -> str:
        """The hold of the data where none is asked for."""
        return next(iter(self.holds))

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the response's channels, as this system was made."""
        return self.response_names

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
