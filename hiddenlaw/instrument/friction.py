"""Coulomb friction: a drive that loses a constant part of its push against what it moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import DrivenCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.instrument import Friction as Known
from hiddenlaw.data.instrument import Instrument
from hiddenlaw.holds import hold_called
from hiddenlaw.instrument._base import HALF, AbstractCorrection, Left, estimate
from hiddenlaw.law import Law, Shown

_STEP = 1e-3  # of the input's standard deviation
_BEGIN, _LOG_STEP = 0.05, 0.1  # of the motion's deviation; of the logarithm of a width
_FAR = 50.0  # of the same: beyond any width
_ONE_WAY = 0.02  # of all samples: so few the other way are none
_DECISIVE = 2.0  # log10 of the Bayes factor


@dataclass(frozen=True)
class Friction(AbstractCorrection):
    """One number: what the push loses. `derivative`: what moves, the response (0) or its rate (1).

    Where it is `smooth` a second one, the logarithm of the width over which it sets in.

    A law linear in its state makes up for most of it, by another gain and another damping. What it
    leaves is often less than noise; so it is the evidence that decides, and the memory of what is
    left, not how much of all that goes with it.
    """

    name: ClassVar[str] = "friction"
    settled: ClassVar[float] = 1e-4  # less than one standard error is worth of many samples
    derivative: int = 0
    smooth: bool = False

    def starts(self, law: Law, data: Dataset) -> Sequence[Float[np.ndarray, " number"]]:
        """Idle but for driven laws of one response and one input that is held; where the rate would
        move, and is no variable of its own; and where all moves one way, which is a constant push.
        """
        one = data.input.shape[2] == data.response.shape[2] == 1
        driven = isinstance(law.cell, DrivenCell) and not hold_called(data.hold).varies
        if not (one and driven and self.derivative < law.dimension):
            return []
        motion = _motion(law, data, self.derivative)
        if not _ONE_WAY < float(np.mean(motion > 0)) < 1 - _ONE_WAY:
            return []
        return [np.array([0.0, np.log(_BEGIN * motion.std())])[: 1 + self.smooth]]

    def steps(self, data: Dataset) -> Float[np.ndarray, " number"]:
        return np.array([_STEP * float(np.std(data.input)), _LOG_STEP])[: 1 + self.smooth]

    def joined(self, instrument: Instrument, numbers: Float[np.ndarray, " number"]) -> Instrument:
        width = float(np.exp(np.clip(numbers[1], -_FAR, _FAR))) if self.smooth else 0.0
        known = Known(max(float(numbers[0]), 0.0), self.derivative, width)
        return replace(instrument, friction=known)

    def finer(self) -> Friction | None:
        return None if self.smooth else replace(self, smooth=True)

    def worth(self, before: Left, after: Left, numbers: int) -> bool:
        """Where the criteria of both laws say so decisively, and with it half of what is left, or
        of its memory, is gone: so it is no small part of what a law could explain.
        """
        ratio, samples = after.loss / before.loss, after.samples
        criterion = -samples * np.log(max(ratio, 1e-300)) - numbers * np.log(samples)
        halved = ratio <= HALF or after.inflation - 1 <= HALF * (before.inflation - 1)
        return bool(halved and criterion / (2 * np.log(10)) > _DECISIVE)

    def told(
        self, numbers: Float[np.ndarray, " number"], stderr: np.ndarray, data: Dataset
    ) -> list[dict[str, Any]]:
        """What the push loses, in the unit of the input."""
        moves = data.response_names[0] + "'" * self.derivative
        names = {"input": data.input_names[0], "against": moves}
        entry: dict[str, Any] = names | estimate(numbers[0], stderr[0])
        if self.smooth:
            width = np.exp(numbers[1]) / data.dx**self.derivative
            entry["width"] = estimate(width, width * stderr[1])
        return [entry]


def _motion(law: Law, data: Dataset, derivative: int) -> Float[np.ndarray, "site run"]:
    """What moves, without friction, in the unit of a width."""
    answer = law.outputs(Shown.measured(data, law.scale))[..., 0] * float(law.scale[0])
    return np.diff(answer, axis=0) if derivative else answer
