"""Runs with numbers of their own that take part in the law all along: energies, stiffnesses.

A constant is shown to the cell as one more channel behind the input; or, where it is known to be an
offset of an input (the energy in V − E), it is taken off that one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Bool, Float, Int

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells import AbstractCell, AbstractGeneratorCell, PolynomialCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.visible import cut_to_visible, visible_runs
from hiddenlaw.errors import DataError
from hiddenlaw.holds import Span
from hiddenlaw.preparations._base import AbstractPreparation, Owner, every_other, held_of

_MARGIN = 0.5  # of the spread of the constants, beyond them: what cells are made for, and tried
_GRID = 801  # in all: valleys are narrow where solutions grow


@dataclass(frozen=True, eq=False)
class RunConstants(AbstractPreparation):
    """Starts of their own (sequence, q), and beside them constants (run of the data, c).

    A sequence is a run or, in training, a window of one.
    """

    name: ClassVar[str] = "run-constants"
    per_run: ClassVar[bool] = True
    said: ClassVar[str] = (
        "Every run starts from a state of its own, and has constants of its own, fitted beside the "
        "law; for a held-out run both are found from every other sample, and errors are those of "
        "the samples between."
    )
    predicted_from: ClassVar[str] = "from the input and every other sample"
    horizon: ClassVar[int] = 8
    in_pieces: ClassVar[bool] = True

    numbers: Float[AnyArray, "sequence q"]
    values: Float[AnyArray, "run c"]
    offset_of: tuple[int | None, ...] = field()
    held: tuple[float | None, ...] = ()

    @classmethod
    def random(cls, dimension: int, runs: int, *, rng: np.random.Generator) -> RunConstants:
        return cls.beside(rng.normal(size=(runs, dimension)), rng.normal(size=(runs, 1)))

    @classmethod
    def beside(
        cls, numbers: Float[AnyArray, "sequence q"], values: Float[AnyArray, "run c"]
    ) -> RunConstants:
        """Constants that are channels of their own."""
        return cls(numbers, values, (None,) * values.shape[1])

    @property
    def constants(self) -> Float[np.ndarray, "run c"]:
        return np.asarray(self.values)

    def with_constants(self, constants: Float[np.ndarray, "run c"]) -> RunConstants:
        return replace(self, values=constants)

    def trials(self) -> Float[np.ndarray, "*grid c"]:
        low, high = self.constants.min(axis=0), self.constants.max(axis=0)
        margin, each = _MARGIN * (high - low), round(_GRID ** (1 / len(low)))
        axes = [np.linspace(a, b, each) for a, b in zip(low - margin, high + margin, strict=True)]
        return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)

    @property
    def middle(self) -> RunConstants:
        return self.with_constants(self.constants.mean(axis=0, keepdims=True))

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        return {**super().arrays, "constants": self.constants}

    @classmethod
    def read(cls, arrays: Mapping[str, np.ndarray], kept: Mapping[str, Any]) -> RunConstants:
        values, offset_of = arrays["constants"], tuple(kept["offset_of"])
        return cls(arrays["initial"].T, values, offset_of, held_of(kept))

    @property
    def channels(self) -> list[int]:
        """Which constants are channels of their own."""
        return [k for k, channel in enumerate(self.offset_of) if channel is None]

    @property
    def behind(self) -> int:
        return len(self.channels) if len(self.channels) == len(self.offset_of) else 0

    def show(
        self, cell: AbstractCell, input: Float[np.ndarray, "run site channel"], owner: Owner
    ) -> Float[np.ndarray, "run site shown"]:
        values = self.constants if owner is None else self.constants[owner]
        behind = np.broadcast_to(
            values[:, None, self.channels], (*input.shape[:2], len(self.channels))
        )
        shown = np.concatenate([input, behind], axis=2)
        for k, channel in enumerate(self.offset_of):
            if channel is not None:
                shown = shown - values[:, None, k, None] * _level(cell)[:, channel]
        return shown

    def toward(
        self, cell: AbstractCell, shown: Float[np.ndarray, "site run shown"]
    ) -> Float[np.ndarray, "site run shown c"]:
        rates = np.zeros((shown.shape[2], len(self.offset_of)))
        first = shown.shape[2] - len(self.channels)
        for k, channel in enumerate(self.offset_of):
            if channel is None:
                rates[first + self.channels.index(k), k] = 1.0
            else:
                rates[:, k] = -_level(cell)[:, channel]
        return np.broadcast_to(rates, (*shown.shape, len(self.offset_of)))

    def span(self, span: Span) -> Span:
        """With a margin on either side, so that new runs find room."""
        low, high = list(span.low), list(span.high)
        for k, channel in enumerate(self.offset_of):
            lowest, highest = float(self.constants[:, k].min()), float(self.constants[:, k].max())
            margin = _MARGIN * (highest - lowest)
            if channel is None:
                low.append(lowest - margin)
                high.append(highest + margin)
            else:
                low[channel] -= highest + margin
                high[channel] -= lowest - margin
        return Span(tuple(low), tuple(high), span.step)

    @classmethod
    def seen(cls, data: Dataset, fewest: int = 4) -> tuple[Dataset, Int[np.ndarray, " run"]]:
        """Runs cut to where they stand above their noise."""
        if len(data.input_names) > 1:
            raise DataError(
                f"run_constants takes one input channel and these data have {len(data.input_names)}"
            )
        return cut_to_visible(data, fewest)[0], visible_runs(data)

    @classmethod
    def given(cls, data: Dataset, context: int | None = None) -> Bool[np.ndarray, "run site"]:
        # One half of a cloud hardly says where, in the other, the density falls by decades.
        del context
        return every_other(data)


def _level(cell: AbstractCell) -> Float[np.ndarray, "shown channel"]:
    assert isinstance(cell, AbstractGeneratorCell | PolynomialCell), "no offsets of other cells"
    return cell.level
