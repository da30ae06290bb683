"""The contract of a correction: a way in which an instrument may be imperfect, in few numbers."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.instrument import Instrument
from hiddenlaw.law import Law, Shown
from hiddenlaw.theory.fits.effective import independence

NORMAL = 1.96
"""Standard errors of a two-sided 95 % interval."""

HALF = 0.5  # of what is left: what each number has to come down to

CORRECTIONS: list[AbstractCorrection] = []
"""Those that are asked."""


class Left(NamedTuple):
    """What a law leaves of the response: the loss, how many of its samples are independent of one
    another, and how many of them count as one of these, which is 1 where none remembers another.
    """

    loss: float
    samples: float
    inflation: float

    @classmethod
    def by(cls, law: Law, loss: float, shown: Shown) -> Left:
        inflation = independence(law, shown).inflation
        return cls(loss, shown.samples / inflation, inflation)


class AbstractCorrection(abc.ABC):
    """A way in which an instrument may be imperfect.

    - `name`: by which answers call it.
    - `settled`: the share of the loss that is too little to go on for.
    """

    name: ClassVar[str]
    settled: ClassVar[float] = 1e-3

    @abc.abstractmethod
    def starts(self, law: Law, data: Dataset) -> Sequence[Float[np.ndarray, " number"]]:
        """Numbers to begin with, in sites and in the response's unit; none where the question is
        idle for this law.
        """

    @abc.abstractmethod
    def steps(self, data: Dataset) -> Float[np.ndarray, " number"]:
        """By how much to change each number to see what it does."""

    @abc.abstractmethod
    def joined(self, instrument: Instrument, numbers: Float[np.ndarray, " number"]) -> Instrument:
        """The instrument with this imperfection as well."""

    def worth(self, before: Left, after: Left, numbers: int) -> bool:
        """Whether it explains enough for its `numbers`, the law being at its best without it and
        with it. By default each has to halve what is left.
        """
        return after.loss <= HALF**numbers * before.loss

    def finer(self) -> AbstractCorrection | None:
        """The same with more numbers, to be tried once this one is believed; None without such."""
        return None

    @abc.abstractmethod
    def told(
        self, numbers: Float[np.ndarray, " number"], stderr: np.ndarray, data: Dataset
    ) -> list[dict[str, Any]]:
        """An entry for each channel, in the data's units."""


def estimate(value: float, stderr: float) -> dict[str, Any]:
    """A number with its standard error and interval, for discovery.json."""
    spread = NORMAL * stderr
    return {
        "value": float(value),
        "stderr": float(stderr),
        "ci95": [float(value - spread), float(value + spread)],
    }
