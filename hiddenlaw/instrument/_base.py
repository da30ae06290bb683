"""The contract of a correction: a way in which an instrument may be imperfect, in few numbers."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.instrument import Instrument
from hiddenlaw.law import Law

NORMAL = 1.96
"""Standard errors of a two-sided 95 % interval."""

_HALF = 0.5  # of what is left: what each number has to come down to

CORRECTIONS: list[AbstractCorrection] = []
"""Those that are asked."""


class AbstractCorrection(abc.ABC):
    """A way in which an instrument may be imperfect. `name`: by which answers call it."""

    name: ClassVar[str]

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

    def worth(self, before: float, after: float, numbers: int, samples: float) -> bool:
        """Whether it explains enough for its `numbers`: the losses without it and with it, the law
        at its best for each, over so many independent samples. By default each halves what is left.
        """
        del samples
        return after <= _HALF**numbers * before

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
