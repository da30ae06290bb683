"""Laws that the input drives and never multiplies: filters, circuits, motors, oscillators."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np

from hiddenlaw.cells import DrivenCell, GeneratorCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.late import acting_late
from hiddenlaw.data.middle import Middle, middle_of
from hiddenlaw.families.distilled import AbstractDistilledFamily
from hiddenlaw.preparations import Context
from hiddenlaw.readouts import Linear
from hiddenlaw.settings import Settings
from hiddenlaw.translator.dead_time import DeadTime, dead_times
from hiddenlaw.translator.linear_answer import linear_answer

_WIDEST = 6  # variables of a law that is found in windows
_WORTHLESS = 0.3  # of the variance: where a linear answer leaves so much it is not the law


class Driven(AbstractDistilledFamily):
    """dz/dx = A z + B u + c, read linearly."""

    name: ClassVar[str] = "driven"
    follows_records: ClassVar[bool] = True

    def serves(self, chosen: Settings) -> bool:
        plain = chosen.cell == GeneratorCell.name and chosen.translator_readout in (None, "linear")
        return plain and not chosen.run_constants and chosen.readout in (None, Linear.name)

    def settings(self, chosen: Settings) -> Settings:
        linear = {"cell": DrivenCell.name, "decoders": (Linear.name,)}
        linear["translator_readout"] = Linear.name
        # Windows of records are many and short, and a width more costs little.
        asked = "max_dimension" in chosen.model_fields_set
        if chosen.initial_state == Context.name and not asked:
            linear["max_dimension"] = _WIDEST
        return chosen.model_copy(update=linear)

    def middle(self, data: Dataset) -> Middle | None:
        """Its means, where they are far from zero: such a law is one of deviations as well."""
        return middle_of(data)

    def seen_late(self, data: Dataset, chosen: Settings) -> tuple[Dataset, tuple[DeadTime, ...]]:
        """Where the hold is to be found as well nothing is sought: half a site is either."""
        if chosen.hold == "auto":
            return data, ()
        held = replace(data, hold=chosen.hold or data.hold)
        found = dead_times(held.split(*chosen.parts)[0], seed=chosen.seed)
        if not any(each.value for each in found):
            return data, ()
        late = tuple(each.value for each in found)
        return acting_late(data, late), found

    def hopeless(self, train: Dataset, heldout: Dataset) -> tuple[str, float] | None:
        """By the best linear answer to all of the input's past, which holds every driven law.

        Where there are too few samples for such an answer nobody knows.
        """
        error = linear_answer(train, heldout)
        if error <= _WORTHLESS or not np.isfinite(error):
            return None
        return f"the best linear answer to the input leaves {error:.2g} of the variance", error
