"""The contract of a hold, the holds there are by name, and what cells are shown of a dataset.

A new hold is a subclass of `AbstractHold` (of `SmoothHold` where the input varies inside a cell)
and one call of `register`; a dataset, `discover` and the command line then take its name.
"""

from __future__ import annotations

import abc
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from hiddenlaw.errors import DataError
from hiddenlaw.holds._late import smooth_late

_WHOLE = 1e-6  # sites: a dead time that close to whole ones is whole


class Span(NamedTuple):
    """The inputs that cells are made for: lowest and highest of every channel.

    `step` is the largest change between the Gauss points of a cell, None where the input is held
    constant over it.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    step: float | None = None

    def joined(self, other: Span) -> Span:
        """The least span that holds both."""
        steps = [s for s in (self.step, other.step) if s is not None]
        return Span(
            tuple(map(min, self.low, other.low)),
            tuple(map(max, self.high, other.high)),
            max(steps) if steps else None,
        )


@dataclass(frozen=True)
class Applied:
    """The input as cells take it: (run, site, channel), or (run, site, 3) where it varies in cells.

    `mean`: the input of every cell, where the values reach farther than that.
    """

    values: Float[np.ndarray, "run site shown"]
    smooth: bool
    mean: Float[np.ndarray, "run site channel"] | None = None

    @property
    def span(self) -> Span:
        low, high = self.values.min(axis=(0, 1)), self.values.max(axis=(0, 1))
        if not self.smooth:
            return Span(tuple(map(float, low)), tuple(map(float, high)))
        step = float(np.abs(self.values[..., 1] - self.values[..., 0]).max())
        if self.mean is None:
            low, high = low[:2].min(keepdims=True), high[:2].max(keepdims=True)
        else:
            low, high = self.mean.min(axis=(0, 1)), self.mean.max(axis=(0, 1))
        return Span(tuple(map(float, low)), tuple(map(float, high)), step)


class AbstractHold(abc.ABC):
    """How the input runs between samples.

    - `name`: by which datasets, settings and files call it.
    - `varies`: whether the input changes inside a cell.
    - `differentiable`: whether it has a derivative everywhere, at the samples too.
    - `cells_before`: 1 where the cell of a site ends there, so that the initial state sits one site
      before the first; 0 where the initial state sits at the first site itself.
    """

    name: ClassVar[str]
    varies: ClassVar[bool]
    differentiable: ClassVar[bool] = False
    cells_before: ClassVar[int]

    @abc.abstractmethod
    def check(self, channels: int, sites: int) -> None:
        """Raise `DataError`, with the remedy, where so many channels or sites are not for it."""

    @abc.abstractmethod
    def within(
        self, values: Float[np.ndarray, "run site"], fractions: Sequence[float]
    ) -> Float[np.ndarray, "run cell fraction"]:
        """The input inside every cell, at these fractions of it: 0 its beginning, 1 its end."""

    @abc.abstractmethod
    def shown(
        self, input: Float[np.ndarray, "run site channel"]
    ) -> Float[np.ndarray, "run site shown"]:
        """What the cell of every site is shown of `input`. Raises `DataError` as `check` does."""

    @abc.abstractmethod
    def constant(
        self, values: Float[np.ndarray, "sample channel"]
    ) -> Float[np.ndarray, "sample shown"]:
        """What a cell is shown of an input that stays at `values`."""

    @abc.abstractmethod
    def halved(
        self, input: Float[np.ndarray, "run site channel"]
    ) -> Float[np.ndarray, "run two_sites shown"]:
        """The same input over cells half as wide, two for each site."""

    @abc.abstractmethod
    def windowed(
        self, shown: Float[np.ndarray, "window site shown"]
    ) -> Float[np.ndarray, "window site shown"]:
        """What is shown along windows cut from runs, each of which has a start of its own."""


HOLDS: dict[str, AbstractHold] = {}


def register(hold: AbstractHold) -> None:
    """Let `hold` go by its name from now on, in place of any other of this name."""
    HOLDS[hold.name] = hold


def hold_called(name: str) -> AbstractHold:
    """The hold of that name. Raises `DataError`, with the names there are."""
    if name not in HOLDS:
        raise DataError(f"hold is {name!r}; it must be one of {', '.join(HOLDS)}")
    return HOLDS[name]


def holds_for(channels: int, sites: int) -> tuple[AbstractHold, ...]:
    """All holds that suit an input of so many channels and sites a run."""
    return tuple(hold for hold in HOLDS.values() if _suits(hold, channels, sites))


def _suits(hold: AbstractHold, channels: int, sites: int) -> bool:
    try:
        hold.check(channels, sites)
    except DataError:
        return False
    return True


@runtime_checkable
class HasInput(Protocol):
    """What of a dataset says how its runs are driven."""

    @property
    def input(self) -> Float[np.ndarray, "run site channel"]: ...
    @property
    def hold(self) -> str: ...
    @property
    def late(self) -> tuple[float, ...]: ...


def applied_to(data: HasInput) -> Applied:
    """What every cell is shown of the input of a dataset; see `applied`."""
    return applied(data.input, data.hold, data.late)


def delayed(
    input: Float[np.ndarray, "run site channel"], late: tuple[float, ...]
) -> Float[np.ndarray, "run site channel"]:
    """The input, each channel so many sites late; zero where it was given before a run began.

    What that was nobody knows. If it was the same for all runs a start that all share makes up for
    it, whatever it was; starts of their own do so anyway, once the first sites are over. Between
    whole sites the input is the mean over a cell: what a cell is pushed by in all is right, and so
    is the middle of the time when it is.
    """
    if not any(late):
        return input
    moved = np.empty_like(input)
    for channel, sites in enumerate(late):
        whole, part = int(np.floor(sites)), sites - np.floor(sites)
        sooner, later = (_late(input[..., channel], whole + k) for k in (0, 1))
        moved[..., channel] = (1 - part) * sooner + part * later
    return moved


def _late(values: Float[np.ndarray, "run site"], sites: int) -> Float[np.ndarray, "run site"]:
    """So many whole sites late, and zero before."""
    there = np.zeros(values.shape)
    there[:, sites:] = values[:, : max(values.shape[1] - sites, 0)]
    return there


def applied(
    input: Float[np.ndarray, "run site channel"], hold: str, late: tuple[float, ...] = ()
) -> Applied:
    """What every cell is shown of `input`: itself, or (V₁, V₂, moves) where it varies in a cell.

    `late` are the dead times of the channels in sites, none by default; see `delayed` and
    `jumps_within`.

    Raises `DataError` where a smooth hold meets several channels, or too few sites for a spline.
    """
    kind = hold_called(hold)
    if kind.varies and any(late):
        return Applied(smooth_late(kind.within, kind.shown(input), input[..., 0], late[0]), True)
    mean = delayed(input, late)
    if not jumps_within(hold, late):
        return Applied(kind.shown(mean), kind.varies)
    part = late[0] - np.floor(late[0])
    whole = int(np.floor(late[0]))
    jump = _late(input[..., 0], whole) - _late(input[..., 0], whole + 1)
    # A jump after `part` of a cell and the straight line 6 s (1 - s) jump have one first moment.
    half = np.sqrt(3) * part * (1 - part) * jump
    ends = mean[..., 0] - half, mean[..., 0] + half
    return Applied(np.stack([*ends, np.ones_like(half)], axis=-1), True, mean)


def varies_in_cells(hold: str, late: tuple[float, ...]) -> bool:
    """Whether the input varies inside cells: by its hold, or because it is late by part of one."""
    return hold_called(hold).varies or jumps_within(hold, late)


def jumps_within(hold: str, late: tuple[float, ...]) -> bool:
    """Whether an input that is held constant is so late that it jumps inside the cells.

    Cells are shown the straight line of the same mean and first moment in its place. What a law
    linear in its state makes of the two differs by the third power of its rate times the step. With
    several channels it is the mean alone.
    """
    between = any(abs(sites - round(sites)) > _WHOLE for sites in late)
    return bool(between and len(late) == 1 and not hold_called(hold).varies)


def halved(
    input: Float[np.ndarray, "run site channel"], hold: str
) -> Float[np.ndarray, "run two_sites shown"]:
    """The same input over cells half as wide; for hold cubic by a spline of fifth degree.

    What changes with it is the error of the cells and of the spline.
    """
    return hold_called(hold).halved(input)


def constant(
    values: Float[np.ndarray, "sample channel"], hold: str, late: tuple[float, ...] = ()
) -> Float[np.ndarray, "sample shown"]:
    """What a cell is shown of an input that stays at `values`: (sample, channel or 3)."""
    if jumps_within(hold, late):
        return np.concatenate([values, values, np.ones_like(values)], axis=1)
    return hold_called(hold).constant(values)
