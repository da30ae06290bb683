"""A translator for laws nonlinear in their state: all terms of every row at once, in no gauge.

From random numbers such a network is not trained: its states run away. It begins as the law linear
in its state that explains the shortest pieces best. All terms are then freed at zero, with a decay
that falls with what is left, and pieces grow by a quarter at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from hiddenlaw.cells import PolynomialCell
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import filled, flat, layout
from hiddenlaw.preparations import AbstractPreparation
from hiddenlaw.readouts import Linear
from hiddenlaw.theory.selection.beginning import nothing_moves
from hiddenlaw.theory.selection.forms import Form
from hiddenlaw.theory.selection.forward import reaching
from hiddenlaw.theory.selection.pieces import AbstractPieces, pieces_of
from hiddenlaw.theory.selection.placing import span_of
from hiddenlaw.theory.selection.search import from_nothing
from hiddenlaw.theory.selection.validation import enough_of, free_run
from hiddenlaw.training.curriculum import ROUNDING
from hiddenlaw.training.least_squares import LeastSquares
from hiddenlaw.training.levenberg_marquardt import Stop, levenberg_marquardt
from hiddenlaw.training.progress import Progress, Silent
from hiddenlaw.translator.search import joint_span, scale_of

_BEGUN = Form(1, 1)  # linear in the state, every input in every row, with products
_SIZES = (2, 3), (3, 2), (3, 3)  # variables and degree, in the order in which they are tried
_GROWS = 1.25  # times as long
_NEARLY, _LONGEST = 0.9, 128  # of the longest, and sites
_ON_THE_WAY = 10, Stop(rounding=ROUNDING, settled=1e-2)  # steps, and where they may end
_AT_LAST = 30, Stop(rounding=ROUNDING, settled=1e-3)
_DECAY, _LARGEST = 0.1, 1e-4  # of what is left, and of all: what terms cost
_LOST = 30.0  # times what was left of shorter pieces
_CLEARLY = 0.95  # of what is left: what a larger one has to come to
_EXACT = 1e-6  # of the variance: nothing larger is tried


class Translator(NamedTuple):
    """A law in a free basis, and what its free run leaves of unseen runs, over the variance.

    `tried` are the errors of all that were trained, by their variables and degree; where all were
    lost there is no law, and the error is infinite.
    """

    law: Law | None
    error: float
    tried: dict[tuple[int, int], float]

    @property
    def size(self) -> tuple[int, int]:
        """Variables and degree of the one that was taken."""
        return next((size for size, error in self.tried.items() if error == self.error), (0, 0))


def free_translator(
    train: Dataset,
    heldout: Heldout,
    kind: type[AbstractPreparation],
    *,
    widest: int | None = None,
    enough: float = _EXACT,
    progress: Progress | None = None,
) -> Translator:
    """The best of a few, the smallest first, until one leaves `enough` of unseen runs or less.

    `train` are runs of one response, or training stretches of records; `widest` is how many hidden
    variables it has at most, 3 unless more or fewer are asked for. Nothing is drawn by chance.
    """
    progress = progress or Silent()
    few = enough_of(train, kind)
    pieces = pieces_of(few, scale_of(train), kind)
    sizes = _sizes(widest)
    best, least, tried = None, np.inf, {}
    progress.start("translator", len(sizes))
    for width, degree in sizes:
        law = _trained(pieces, few, heldout, kind, width, degree)
        error = np.inf if law is None else free_run(law, heldout)
        tried[width, degree] = error
        progress.advance("translator", f"{width} variables: held-out error {error:.1e}")
        if error < _CLEARLY * least:
            best, least = law, error
        if least <= max(enough, _EXACT):
            break
    progress.finish("translator")
    return Translator(best, least, tried)


def _sizes(widest: int | None) -> Sequence[tuple[int, int]]:
    if widest is None:
        return _SIZES
    if widest > _SIZES[-1][0]:
        return (*_SIZES, (widest, 2))
    return tuple(size for size in _SIZES if size[0] <= widest) or ((widest, 3),)


def _trained(
    pieces: AbstractPieces,
    train: Dataset,
    heldout: Heldout,
    kind: type[AbstractPreparation],
    width: int,
    degree: int,
) -> Law | None:
    """Begun linear in its state, over longer and longer pieces; None where it is lost."""
    span = joint_span(train, heldout.judged)
    nothing = nothing_moves(width, span, _BEGUN, Linear.name, pieces.scale, kind, train.runs)
    begun = from_nothing(pieces, nothing, lambda said: None)
    if not np.isfinite(begun.loss):
        return None
    law, shown, loss = reaching(begun.law, begun.shown), begun.shown, begun.loss
    law, before = _with_every_term(law, degree), begun.length
    longest = min(pieces.longest, _LONGEST)
    for length in _lengths(before, longest):
        if length > before:
            law, shown = pieces.longer(law, before, length)
        how = _AT_LAST if length in (begun.length, longest) else _ON_THE_WAY
        law, left = _fitted(law, shown, min(_DECAY * loss, _LARGEST), *how)
        if not left < _LOST * max(loss, ROUNDING):
            return None
        law, loss, before = reaching(law, shown), left, length
    return law


def _lengths(first: int, longest: int) -> list[int]:
    found = [first]
    while (longer := max(round(_GROWS * found[-1]), found[-1] + 1)) < _NEARLY * longest:
        found.append(longer)
    return found if found[-1] >= longest else [*found, longest]


def _with_every_term(law: Law, degree: int) -> Law:
    """The same law with all terms up to that degree in the state, in every row, at zero."""
    cell = law.cell
    assert isinstance(cell, PolynomialCell)
    every = PolynomialCell.over(
        law.dimension, span_of(cell), degree=degree + 1, state_degree=degree, input_degree=1
    )
    return law.but(cell=replace(cell, substeps=1).offering(every.row, every.powers))


def _fitted(law: Law, shown: Shown, decay: float, steps: int, stop: Stop) -> tuple[Law, float]:
    free = layout(law).mask(cell=True, starts=True)
    problem = LeastSquares(law, shown, free, decay=decay)
    found = levenberg_marquardt(problem, flat(law), max_steps=steps, scaled=True, stop=stop)
    if not np.isfinite(found.loss):
        return law, np.inf
    law = filled(law, found.numbers)
    return law, law.loss(shown)
