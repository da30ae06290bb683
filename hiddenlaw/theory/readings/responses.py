"""What responses of a driven theory have in common: its matrices, its dead times, its time scales.

What is told is the law's own: how a response answers a change of one input, the others at rest, and
no matter what constant stands in the law. The instrument through which it was seen is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from hiddenlaw.cells import DrivenCell
from hiddenlaw.data.described import Described
from hiddenlaw.errors import DataError, LawError
from hiddenlaw.theory.readings.state_space import StateSpace
from hiddenlaw.theory.theory import Theory


def state_space_of(theory: Theory) -> StateSpace:
    """Its matrices. Raises `LawError` for a law that is not driven."""
    if not isinstance(theory.law.cell, DrivenCell):
        raise LawError(
            "step and frequency responses are those of a law that its input drives, "
            f"dz/dx = A z + B u; this one is {theory.equation}"
        )
    return StateSpace.of(theory.law, theory.dx, theory.covariance)


def late_of(theory: Theory) -> tuple[np.ndarray, np.ndarray]:
    """The dead times of the inputs in samples, and their standard errors, 0 where not known."""
    inputs = len(theory.low)
    late = np.zeros(inputs) if not theory.late else np.array(theory.late)
    errors = np.zeros(inputs)
    if theory.dead_time_stderr:
        errors[:] = np.array(theory.dead_time_stderr) / theory.dx
    return late, np.where(np.isfinite(errors), errors, 0.0)


@dataclass(frozen=True)
class Labels(Described):
    """What channels and the grid are called, and their units by name."""

    x: str = "x"
    inputs: tuple[str, ...] = ()
    responses: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, theory: Theory) -> Labels:
        """As the discovery that holds the theory says; nothing where none does."""
        told = theory.home[0]["dataset"] if theory.home else {}
        names = tuple(told.get("input", ())), tuple(told.get("response", ()))
        return cls(told.get("x", "x"), *names, told.get("units", {}))

    @property
    def unit_of_x(self) -> str:
        return self.units.get(self.x, "")

    def pair(self, response: int, channel: int) -> str:
        """`speed over u`, or by number."""
        over = self.responses[response] if self.responses else f"response {response}"
        return f"{over} over {self.inputs[channel] if self.inputs else f'input {channel}'}"

    def unit(self, response: int, channel: int) -> str:
        """Of a response over an input."""
        over = self.units.get(self.responses[response], "") if self.responses else ""
        under = self.units.get(self.inputs[channel], "") if self.inputs else ""
        return f"{over or '1'}/{under}" if under else over


def increasing(values: ArrayLike, name: str) -> Float[np.ndarray, " sample"]:
    """As a vector. Raises `DataError` unless they are finite numbers in increasing order."""
    found = np.asarray(values, float)
    if found.ndim != 1 or not found.size or not np.isfinite(found).all():
        raise DataError(f"{name} has the shape {found.shape}; give one axis of finite numbers")
    if (np.diff(found) < 0).any():
        raise DataError(f"{name} goes down somewhere; sort it")
    return found
