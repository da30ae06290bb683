"""The contract of a family of laws: how it is searched, and when it is not worth a search."""

from __future__ import annotations

import abc
from typing import ClassVar

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.families.task import Search, Task
from hiddenlaw.settings import Settings


class AbstractFamily(abc.ABC):
    """One kind of law.

    - `name`: by which answers and settings call it.
    - `asks_instrument`: whether what it leaves may be the instrument's, and is looked at for that.
    - `overtakes`: families whose search takes longer, and which cannot hold its laws: it is tried
      before theirs is finished.
    """

    name: ClassVar[str]
    asks_instrument: ClassVar[bool] = True
    overtakes: ClassVar[tuple[str, ...]] = ()

    @abc.abstractmethod
    def serves(self, chosen: Settings) -> bool:
        """Whether laws of this family are what these settings ask for, where none is named."""

    @abc.abstractmethod
    def search(self, task: Task) -> Search:
        """The best laws of this family."""

    def hopeless(self, train: Dataset, heldout: Dataset) -> tuple[str, float] | None:
        """Why a search is idle, and what is left at least; None where it is worth a try."""
        del train, heldout
        return None

    def idle(self, poorer: Search) -> str | None:
        """Why nothing here would be worth its constants beside the poorer law; None if it might."""
        del poorer
        return None
