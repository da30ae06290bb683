"""Cells by their names, and which class integrates which hold.

A cell of somebody else's joins with `CELLS[MyCell.name] = MyCell`, or is passed itself.
"""

from __future__ import annotations

from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells._base import AbstractCell
from hiddenlaw.cells.generator import AbstractGeneratorCell, GeneratorCell
from hiddenlaw.cells.gru import GRUCell
from hiddenlaw.cells.magnus import MagnusCell
from hiddenlaw.cells.monomials import Monomials
from hiddenlaw.cells.taylor import TaylorCell
from hiddenlaw.errors import SettingsError
from hiddenlaw.holds import Span

CELLS: dict[str, type[AbstractCell]] = {
    kind.name: kind for kind in (GeneratorCell, TaylorCell, GRUCell)
}


def cell_class(kind: str | type[AbstractCell]) -> type[AbstractCell]:
    """The class of that name, or the class itself; `SettingsError` naming those known otherwise."""
    if isinstance(kind, type) and issubclass(kind, AbstractCell):
        return kind
    if kind in CELLS:
        return CELLS[kind]
    raise SettingsError(f"no cell called {kind!r}; choose from {', '.join(CELLS)}")


def generator_over(
    matrices: Float[AnyArray, "term d d"], monomials: Monomials, span: Span
) -> AbstractGeneratorCell:
    """The cell that integrates this generator for inputs of `span`, with a few nodes."""
    if span.step is None:
        return GeneratorCell.over(matrices, monomials, span.low, span.high)
    return MagnusCell.over(matrices, monomials, span.low, span.high, span.step)
