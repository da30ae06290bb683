"""The contract of a family of laws: what it asks of the search, and when it is not worth one."""

from __future__ import annotations

import abc
from typing import ClassVar

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.middle import Middle
from hiddenlaw.settings import Settings
from hiddenlaw.translator.dead_time import DeadTime


class AbstractFamily(abc.ABC):
    """One kind of law.

    - `name`: by which answers and settings call it.
    - `follows_records`: whether its laws can be followed along records, however long: theories are
      then refitted to these in place of windows.
    """

    name: ClassVar[str]
    follows_records: ClassVar[bool] = False

    @abc.abstractmethod
    def serves(self, chosen: Settings) -> bool:
        """Whether laws of this family are what these settings ask for, where none is named."""

    @abc.abstractmethod
    def settings(self, chosen: Settings) -> Settings:
        """The settings of a search in this family."""

    def middle(self, data: Dataset) -> Middle | None:
        """From where inputs and responses are counted in the search; None for zero."""
        del data
        return None

    def seen_late(self, data: Dataset, chosen: Settings) -> tuple[Dataset, tuple[DeadTime, ...]]:
        """The data with the dead time of every input, where this family has such, and what is known
        of these.
        """
        del chosen
        return data, ()

    def hopeless(self, train: Dataset, heldout: Dataset) -> tuple[str, float] | None:
        """Why a search is idle, and what is left at least; None where it is worth a try."""
        del train, heldout
        return None
