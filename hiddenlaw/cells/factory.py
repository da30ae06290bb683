"""Cells for a given span of inputs: which class integrates which hold."""

import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.cells._base import AbstractCell
from hiddenlaw.cells.generator import AbstractGeneratorCell, GeneratorCell, random_matrices
from hiddenlaw.cells.gru import GRUCell
from hiddenlaw.cells.magnus import MagnusCell
from hiddenlaw.cells.monomials import Monomials
from hiddenlaw.cells.taylor import TaylorCell
from hiddenlaw.errors import SettingsError
from hiddenlaw.holds._base import Span

CELLS = ("generator", "taylor", "gru")
_TAYLOR_DEGREE = 3


def generator_over(
    matrices: Float[AnyArray, "term d d"], monomials: Monomials, span: Span
) -> AbstractGeneratorCell:
    """The cell that integrates this generator for inputs of `span`, with enough nodes."""
    if span.step is None:
        cell = GeneratorCell.over(matrices, monomials, span.low, span.high)
    else:
        cell = MagnusCell.over(matrices, monomials, span.low, span.high, span.step)
    return cell


def with_span(cell: AbstractGeneratorCell, span: Span) -> AbstractGeneratorCell:
    """The same law, exact to rounding for inputs of `span`."""
    return generator_over(cell.matrices, cell.monomials, span).with_range(span.low, span.high)


def random_cell(
    name: str, dimension: int, span: Span, *, degree: int = 1, rng: np.random.Generator
) -> AbstractCell:
    """A cell of a named kind with random weights, for inputs of `span`.

    `degree` is that of a generator in the input. Raises `SettingsError`.
    """
    if name == "generator":
        monomials = Monomials.spanning(span.low, span.high, degree)
        return generator_over(random_matrices(monomials, dimension, rng), monomials, span)
    if name == "taylor":
        if span.step is not None:
            raise SettingsError("the taylor cell needs hold zero; take the generator cell")
        monomials = Monomials.spanning(span.low, span.high, _TAYLOR_DEGREE)
        return TaylorCell.random(monomials, dimension, rng=rng)
    if name == "gru":
        scaling = Monomials.spanning(span.low, span.high, 1)
        offset, scale = scaling.offset, scaling.scale
        if span.step is not None:
            offset, scale = np.append(np.tile(offset, 2), 0.0), np.append(np.tile(scale, 2), 1.0)
        return GRUCell.random(tuple(offset.tolist()), tuple(scale.tolist()), dimension, rng=rng)
    raise SettingsError(f"no cell called {name!r}; choose from {', '.join(CELLS)}")
