"""The contract of a preparation: where runs start, and which numbers stay the same along a run.

The start of a run follows from a few `numbers`: (q,) that all runs share, or (run, q), each run's
own. The rate at which a start moves with its numbers is the same everywhere (`slopes`). Beside
these a run may have `constants`, which take part in the law all along it.

"Run" here is whatever a fit is shown as one sequence: a whole run, or a window of one. `owner` says
to which run of the data each sequence belongs; windows of a run share its constants.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
from jaxtyping import Bool, Float, Int

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells import AbstractCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.described import Described
from hiddenlaw.holds import Span

Owner = Int[np.ndarray, " run"] | None


class AbstractPreparation(Described, abc.ABC):
    """Starts and constants of runs. Subclasses are frozen dataclasses.

    - `per_run`: whether every run has numbers of its own, so that a new run must be looked at.
    - `said`: what a reader of the result is told of it; `predicted_from`: from what of a new run
      its response is predicted.
    - `horizon`: how many sites ahead a hidden state is measured by its responses; `in_pieces`:
      whether responses are seen over short stretches only, so that runs are distilled in pieces.
    - `held`: where a state variable starts from in every run, if that is known (a variable that is
      constant); None where `numbers` say it. Empty where they say it of all.
    - `offset_of`: for every constant the input that it is taken off; None where it is a channel of
      its own.
    """

    name: ClassVar[str] = ""
    per_run: ClassVar[bool] = False
    said: ClassVar[str] = ""
    predicted_from: ClassVar[str] = "from the input alone"
    horizon: ClassVar[int] = 24
    in_pieces: ClassVar[bool] = False

    numbers: Float[AnyArray, " q"] | Float[AnyArray, "run q"]
    held: tuple[float | None, ...] = ()
    offset_of: tuple[int | None, ...] = ()

    @classmethod
    @abc.abstractmethod
    def random(cls, dimension: int, runs: int, *, rng: np.random.Generator) -> Self:
        """Where a search begins, for states of `dimension` variables."""

    @property
    def slopes(self) -> Float[np.ndarray, "d q"]:
        """∂start/∂numbers; by default the numbers are the start, but for what is held."""
        free = [k for k, value in enumerate(self.held) if value is None]
        return np.eye(len(self.held))[:, free] if self.held else np.eye(self.numbers.shape[-1])

    def starts(self, runs: int) -> Float[np.ndarray, "run d"]:
        """The state of every run before its first site."""
        starts = np.asarray(self.numbers) @ self.slopes.T
        if self.held:
            starts = starts + np.array([value or 0.0 for value in self.held])
        return np.broadcast_to(starts, (runs, starts.shape[-1]))

    @property
    def still(self) -> list[int]:
        """Which variables are held: they move nowhere."""
        return [k for k, value in enumerate(self.held) if value is not None]

    @property
    def whole(self) -> Self:
        """The same starts, of all variables by numbers."""
        if not self.held:
            return self
        starts = self.starts(self.count)
        return self.but_held(()).with_numbers(starts if np.ndim(self.numbers) == 2 else starts[0])

    def holding(self, held: tuple[float | None, ...]) -> Self:
        """The same starts, some of the variables held."""
        free = [k for k, value in enumerate(held) if value is None]
        numbers = np.asarray(self.numbers)[..., free]
        return replace(self, numbers=numbers, held=held)  # type: ignore[type-var]  # a dataclass

    def but_held(self, held: tuple[float | None, ...]) -> Self:
        """The same numbers, as those of the variables that are not held."""
        return replace(self, held=held)  # type: ignore[type-var]  # a dataclass

    @property
    def count(self) -> int:
        """Of how many runs it holds numbers; 1 where all share them."""
        return len(np.atleast_2d(self.numbers))

    def started(self, states: Float[AnyArray, "*run d"]) -> Self:
        """The same preparation with nothing held, runs starting as near to these `states` as it
        can: one that all share, or each run's own.
        """
        return self.but_held(()).with_numbers(np.asarray(states))

    def with_numbers(self, numbers: Float[AnyArray, "*any"]) -> Self:
        return replace(self, numbers=numbers)  # type: ignore[type-var]  # a dataclass

    def in_basis(self, transform: Float[np.ndarray, "d d"]) -> Self:
        """The same starts for the state z = `transform` h, none of its variables held."""
        whole = self.whole
        return whole.with_numbers(np.asarray(whole.numbers) @ np.asarray(transform).T)

    # In a run directory.

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """Everything of it that is fitted, by the names of models.npz; runs come last."""
        return {"initial": np.asarray(self.numbers).T}

    @property
    def kept(self) -> dict[str, Any]:
        """What else it is made of, as plain data."""
        return {"held": list(self.held), "offset_of": list(self.offset_of)}

    @classmethod
    def read(cls, arrays: Mapping[str, np.ndarray], kept: Mapping[str, Any]) -> Self:
        """The inverse of `arrays` and `kept`. Raises `KeyError`, `TypeError` or `ValueError`."""
        return cls(numbers=arrays["initial"].T, held=held_of(kept))  # type: ignore[call-arg]

    # Numbers that stay the same along a run: none, but for `RunConstants`.

    @property
    def constants(self) -> Float[np.ndarray, "run c"]:
        return np.zeros((0, 0))

    @property
    def behind(self) -> int:
        """How many constants are shown behind the input; 0 where some are offsets of it."""
        return 0

    def with_constants(self, constants: Float[np.ndarray, "run c"]) -> Self:
        del constants
        return self

    def trials(self) -> Float[np.ndarray, "*grid c"]:
        """The constants that are tried for a new run, on a grid."""
        return np.zeros(0)

    @property
    def middle(self) -> Self:
        """The preparation of a single run that is like the mean of those there are."""
        return self

    def show(
        self, cell: AbstractCell, input: Float[np.ndarray, "run site channel"], owner: Owner
    ) -> Float[np.ndarray, "run site shown"]:
        """What cells are shown of the input, constants included."""
        del cell, owner
        return input

    def toward(
        self, cell: AbstractCell, shown: Float[np.ndarray, "site run shown"]
    ) -> Float[np.ndarray, "site run shown c"] | None:
        """How what is shown moves with each constant; None without any."""
        del cell, shown
        return None

    def span(self, span: Span) -> Span:
        """What cells are made for, where inputs are of `span`: with the constants."""
        return span

    # What of the data is used, and what of a run that no training saw is given, so that its own
    # numbers can be found.

    @classmethod
    def seen(cls, data: Dataset, fewest: int = 0) -> tuple[Dataset, Int[np.ndarray, " run"]]:
        """The data as they are looked at, and which runs these are: by default all of them.

        Raises `DataError` for data that this preparation does not go with, and where fewer than
        `fewest` runs are left.
        """
        del fewest
        return data, np.arange(data.runs)

    @classmethod
    def given(cls, data: Dataset, context: int | None = None) -> Bool[np.ndarray, "run site"]:
        """Where samples are looked at to find the numbers of a new run: nowhere by default."""
        del context
        return np.zeros((data.runs, data.sites), bool)


def every_other(data: Dataset) -> Bool[np.ndarray, "run site"]:
    """Every other measured sample of each run, from the first on."""
    return np.cumsum(data.observed.any(axis=2), axis=1) % 2 == 1


def held_of(kept: Mapping[str, Any]) -> tuple[float | None, ...]:
    """What is held, of what was kept of a preparation."""
    return tuple(None if value is None else float(value) for value in kept.get("held", ()))
