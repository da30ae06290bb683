"""Laws whose input multiplies the state, such as quantum mechanics: what the other settings say."""

from __future__ import annotations

from typing import ClassVar

from hiddenlaw.cells.generator import MOST_INPUTS
from hiddenlaw.errors import option
from hiddenlaw.families.distilled import AbstractDistilledFamily
from hiddenlaw.families.task import Search
from hiddenlaw.families.weak_terms import explained_by_products, too_little
from hiddenlaw.settings import Settings


class Multiplied(AbstractDistilledFamily):
    """dz/dx = (A + B V + …) z; where a variable is constant, driving terms too."""

    name: ClassVar[str] = "multiplied"

    def serves(self, chosen: Settings) -> bool:
        return True

    def settings(self, chosen: Settings) -> Settings:
        return chosen

    def idle(self, poorer: Search) -> str | None:
        """By what products of input and state would explain of the little that is left; and with
        more inputs than the cell takes.
        """
        inputs = len(poorer.translation.train.input_names)
        if inputs > MOST_INPUTS:
            more = f"{option('cell', 'taylor')} takes more"
            return f"it takes up to {MOST_INPUTS} inputs, and there are {inputs}; {more}"
        return too_little(poorer, explained_by_products, "products of input and state")
