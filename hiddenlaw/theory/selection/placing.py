"""Constants of runs in a law in observability coordinates: each run's own coefficient of a term.

A constant e of the runs has its place beside one term m of the last row, (b + s e) m. Only the sum
is seen, so b and s are not free: by convention e has mean 0 and deviation 1 over the runs that are
fitted to. Other terms may have e as a factor, too, in the last row alone: e would else be known
only up to a change of the state that depends on it. Where e has that one place, and an input V as
well acts through a V m alone, the law has a (V − E) m, and E is in the unit of V.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int

from hiddenlaw.cells import PolynomialCell
from hiddenlaw.holds import Span
from hiddenlaw.law import Law
from hiddenlaw.preparations import RunConstants
from hiddenlaw.theory.selection.forms import Form, is_chain

_GENTLE = 0.02  # of a site: how strongly a constant acts at first
_RANGE = 4.0  # of e, in deviations: what cells are made for at first
_LEAST = 1e-12  # deviation of a constant that differs at all


class Place(NamedTuple):
    """Where a constant stands among the terms: the pair e m, and the pair m itself."""

    with_constant: int
    alone: int


def places(form: Form, dimension: int, inputs: int) -> Int[np.ndarray, "place variable"]:
    """The terms whose coefficient may be each run's own: of the last row, linear in the state."""
    row, powers = form.linear.offered(dimension, inputs)
    return powers[row == dimension - 1]


def placed(law: Law, place: Int[np.ndarray, " variable"], runs: int) -> Law:
    """The law of `runs` that have each its own coefficient of that term, all of them still zero."""
    cell, d = law.cell, law.dimension
    assert isinstance(cell, PolynomialCell)
    span = span_of(cell)
    span = Span((*span.low, -_RANGE), (*span.high, _RANGE), span.step)
    beside = np.column_stack([cell.powers, np.zeros(len(cell.row), int)])
    wide = replace(PolynomialCell.empty(d, span), clip=cell.clip, substeps=cell.substeps)
    own = np.array([[*place, 0], [*place, 1]])
    kept = ~((cell.powers == place).all(axis=1) & (cell.row == d - 1))
    wide = wide.offering(np.append(cell.row[kept], [d - 1] * 2), np.vstack([beside[kept], own]))
    values = np.concatenate([np.asarray(cell.coefficients)[kept], [0.0, _GENTLE * _RANGE]])
    numbers = np.zeros((runs, d))
    preparation = RunConstants.beside(numbers, np.zeros((runs, 1)))
    return law.but(cell=replace(wide, coefficients=values), preparation=preparation)


def place_of(law: Law) -> Place | None:
    """Where the constant of the runs has its place; None without one that is a channel."""
    cell = law.cell
    if not law.preparation.behind:
        return None
    assert isinstance(cell, PolynomialCell)
    first = int(np.flatnonzero(cell.powers[:, -1])[0])
    return Place(first, _alone(cell, first))


def fixed(law: Law) -> Bool[np.ndarray, " pair"]:
    """Which terms are not free: z_i′ = z_{i+1}, and where a constant has its place."""
    cell = law.cell
    assert isinstance(cell, PolynomialCell)
    found = is_chain(cell.row, cell.powers, cell.dimension)
    if (place := place_of(law)) is not None:
        found[list(place)] = True
    return found


def on_offer(
    form: Form, law: Law
) -> tuple[Int[np.ndarray, " term"], Int[np.ndarray, "term variable"]]:
    """Row and powers of every term of the `form` for this law; constants in the last row alone."""
    cell = law.cell
    assert isinstance(cell, PolynomialCell)
    row, powers = form.offered(cell.dimension, cell.channels)
    if not law.preparation.behind:
        return row, powers
    kept = (row == cell.dimension - 1) | (powers[:, -1] == 0)
    return row[kept], powers[kept]


def normalised(law: Law) -> Law:
    """The same law with a constant of mean 0 and deviation 1."""
    place = place_of(law)
    if place is None:
        return law
    cell, e = law.cell, law.preparation.constants[:, 0]
    assert isinstance(cell, PolynomialCell)
    mean, deviation = float(e.mean()), float(e.std())
    if not (np.isfinite(mean) and deviation > _LEAST):
        return law
    carrying = np.flatnonzero(cell.powers[:, -1])
    cell = cell.offering(cell.row[carrying], _without_constant(cell.powers[carrying]))
    values = np.array(cell.coefficients, float)
    for pair in carrying:
        values[_alone(cell, int(pair))] += values[pair] * mean / float(cell.scale[-1])
    values[carrying] *= deviation
    preparation = law.preparation.with_constants(((e - mean) / deviation)[:, None])
    span = preparation.span(span_of(cell, without=1))
    return law.but(cell=replace(cell, coefficients=values).with_span(span), preparation=preparation)


def span_of(cell: PolynomialCell, without: int = 0) -> Span:
    """What a cell is made for, less so many of the last channels."""
    d, last = cell.dimension, len(cell.low) - without
    step = 0.0 if cell.varies else None
    return Span(tuple(cell.low[d:last]), tuple(cell.high[d:last]), step)


def as_offset(law: Law) -> Law:
    """The same law with V − E in place of V and a constant, where that is all there is of both."""
    place, cell, d = place_of(law), law.cell, law.dimension
    assert isinstance(cell, PolynomialCell)
    if place is None or cell.channels != 2 or not isinstance(law.preparation, RunConstants):
        return law
    by_input = np.flatnonzero(cell.powers[:, d])
    if cell.powers[:, -1].sum() > 1 or len(by_input) != 1:
        return law
    pair, wanted = int(by_input[0]), cell.powers[place.alone].copy()
    wanted[d] = 1
    rate = float(cell.coefficients[pair] / cell.scale[0])
    if cell.row[pair] != cell.row[place.alone] or (cell.powers[pair] != wanted).any() or not rate:
        return law
    mean, slope = cell.coefficients[place.alone], cell.coefficients[place.with_constant]
    offsets = -(mean + slope * law.preparation.constants / cell.scale[-1]) / rate
    kept = np.ones(len(cell.row), bool)
    kept[list(place)] = False
    fewer = cell.keeping(kept)
    span = span_of(cell, without=1)
    fewer = replace(
        fewer, powers=fewer.powers[:, :-1], scale=cell.scale[:-1],
        low=cell.low[:-1], high=cell.high[:-1],
    )  # fmt: skip
    preparation = RunConstants(law.preparation.numbers, offsets, (0,))
    return law.but(cell=fewer.with_span(preparation.span(span)), preparation=preparation)


def _without_constant(powers: Int[np.ndarray, "*k variable"]) -> Int[np.ndarray, "*k variable"]:
    alone = powers.copy()
    alone[..., -1] = 0
    return alone


def _alone(cell: PolynomialCell, pair: int) -> int:
    """The term that this one is without its constant."""
    same = (cell.powers == _without_constant(cell.powers[pair])).all(axis=1)
    return int(np.flatnonzero(same & (cell.row == cell.row[pair]))[0])
