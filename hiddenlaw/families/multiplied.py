"""Laws whose input multiplies the state, such as quantum mechanics: what the other settings say."""

from __future__ import annotations

from typing import ClassVar

from hiddenlaw.families._base import AbstractFamily
from hiddenlaw.settings import Settings


class Multiplied(AbstractFamily):
    """dz/dx = (A + B V + …) z; where a variable is constant, driving terms too."""

    name: ClassVar[str] = "multiplied"

    def serves(self, chosen: Settings) -> bool:
        return True

    def settings(self, chosen: Settings) -> Settings:
        return chosen
