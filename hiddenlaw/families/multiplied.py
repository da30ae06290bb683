"""Laws whose input multiplies the state, such as quantum mechanics: what the other settings say."""

from __future__ import annotations

from typing import ClassVar

from hiddenlaw.families.distilled import AbstractDistilledFamily
from hiddenlaw.families.task import Search
from hiddenlaw.families.weak_products import explained_by_products
from hiddenlaw.settings import Settings
from hiddenlaw.theory.ranking import error_of

_LITTLE = 0.02  # of the variance: so little that products add to it, as small changes do
_FAR_FROM_HALF = 0.35  # of what is left


class Multiplied(AbstractDistilledFamily):
    """dz/dx = (A + B V + …) z; where a variable is constant, driving terms too."""

    name: ClassVar[str] = "multiplied"

    def serves(self, chosen: Settings) -> bool:
        return True

    def settings(self, chosen: Settings) -> Settings:
        return chosen

    def idle(self, poorer: Search) -> str | None:
        """By what products of input and state would explain of the little that is left."""
        theory = poorer.theories[0]
        left = error_of(theory)
        share = explained_by_products(theory, poorer.translation) if left <= _LITTLE else None
        if share is None or share > _FAR_FROM_HALF:
            return None
        return (
            f"of the {100 * left:.2g} % that the poorer family leaves, products of input and state "
            f"explain {100 * max(share, 0.0):.2g} %; a richer one has to explain half"
        )
