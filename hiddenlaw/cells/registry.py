"""Cells by their names.

A cell of somebody else's joins with `CELLS[MyCell.name] = MyCell`, or is passed itself.
"""

from __future__ import annotations

from hiddenlaw.cells._base import AbstractCell
from hiddenlaw.cells.discrete_polynomial import DiscretePolynomialCell
from hiddenlaw.cells.driven import DrivenCell
from hiddenlaw.cells.generator import GeneratorCell
from hiddenlaw.cells.gru import GRUCell
from hiddenlaw.cells.polynomial import PolynomialCell
from hiddenlaw.cells.taylor import TaylorCell
from hiddenlaw.errors import SettingsError

CELLS: dict[str, type[AbstractCell]] = {
    kind.name: kind
    for kind in (
        GeneratorCell,
        DrivenCell,
        TaylorCell,
        GRUCell,
        PolynomialCell,
        DiscretePolynomialCell,
    )
}


def cell_class(kind: str | type[AbstractCell]) -> type[AbstractCell]:
    """The class of that name, or the class itself; `SettingsError` naming those known otherwise."""
    if isinstance(kind, type) and issubclass(kind, AbstractCell):
        return kind
    if kind in CELLS:
        return CELLS[kind]
    raise SettingsError(f"no cell called {kind!r}; choose from {', '.join(CELLS)}")
