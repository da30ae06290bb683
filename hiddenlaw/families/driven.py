"""Laws that the input drives and never multiplies: filters, circuits, motors, oscillators."""

from __future__ import annotations

from typing import ClassVar

from hiddenlaw.cells import DrivenCell, GeneratorCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.families._base import AbstractFamily
from hiddenlaw.readouts import Linear
from hiddenlaw.settings import Settings
from hiddenlaw.translator.linear_answer import linear_answer

_WORTHLESS = 0.3  # of the variance: where a linear answer leaves so much it is not the law


class Driven(AbstractFamily):
    """dz/dx = A z + B u + c, read linearly."""

    name: ClassVar[str] = "driven"

    def serves(self, chosen: Settings) -> bool:
        plain = chosen.cell == GeneratorCell.name and chosen.translator_readout in (None, "linear")
        return plain and not chosen.run_constants and chosen.readout in (None, Linear.name)

    def settings(self, chosen: Settings) -> Settings:
        linear = {"cell": DrivenCell.name, "decoders": (Linear.name,)}
        return chosen.model_copy(update=linear | {"translator_readout": Linear.name})

    def hopeless(self, train: Dataset, heldout: Heldout) -> tuple[str, float] | None:
        """By the best linear answer to all of the input's past, which holds every driven law."""
        error = linear_answer(train, heldout.judged)
        if error <= _WORTHLESS:
            return None
        return f"the best linear answer to the input leaves {error:.2g} of the variance", error
