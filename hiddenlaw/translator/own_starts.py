"""A translator linear in its state whose runs start each from a state of its own.

Every run's start is eliminated, so the search is for the cell alone; the basis is fixed by the
readout, response = first hidden variables. Spare variables that are free in every run explain a few
sites of anything and lead the search astray, so the network grows: from few hidden variables on,
each width anew from random seeds, as long as unseen samples are predicted better. A driven network
has one more seed, where linear algebra says (`hiddenlaw.translator.realization`), and needs fewer
random ones.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hiddenlaw.cells import AbstractCell
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.data.misfit import relative_error
from hiddenlaw.law import Law, Shown
from hiddenlaw.parameters import filled, layout
from hiddenlaw.preparations import AbstractPreparation
from hiddenlaw.readouts import Linear
from hiddenlaw.training.curriculum import ROUNDING, gentle_lengths
from hiddenlaw.training.least_squares import LeastSquares
from hiddenlaw.training.levenberg_marquardt import Stop, levenberg_marquardt
from hiddenlaw.training.new_runs import answer_to
from hiddenlaw.training.progress import Progress
from hiddenlaw.translator.growth import grown
from hiddenlaw.translator.realization import realization
from hiddenlaw.translator.shared_starts import STEPS

_GENTLE = 0.5  # of a random cell: products of many matrices come before the first step
_SPARE = 2  # sites of the first stage beyond twice the width
_PATIENCE = 2  # widths in a row that are no better
_BETTER = 0.8  # of the error so far: noise that lasts is interpolated a little better by any width
_ON_THE_WAY = Stop(rounding=ROUNDING, settled=1e-3)
_AT_LAST = Stop(rounding=ROUNDING, settled=1e-7)
_ROUNDS = 2  # over all sites


def train_own_starts(
    new_cell: Callable[[int], AbstractCell],
    kind: type[AbstractPreparation],
    shown: Shown,
    scale: np.ndarray,
    heldout: Heldout,
    *,
    seeds: int,
    narrowest: int,
    widest: int,
    progress: Progress,
) -> list[Law]:
    """The seeds of the best width from `narrowest` to `widest`."""
    outputs = len(scale)
    first = max(outputs, narrowest)
    widths = range(first, max(widest, first) + 1)
    progress.start("translator", len(widths))

    def trained(width: int) -> tuple[list[Law], float]:
        laws = _from_realization(_begun(new_cell(width), kind, shown, scale), shown)
        for _ in range(max(seeds // 2, 1) if laws else seeds):
            laws.append(_trained(_begun(new_cell(width), kind, shown, scale), shown))
        error = min(_error(law, heldout) for law in laws)
        progress.advance("translator", f"{width} hidden variables: held-out error {error:.1e}")
        return laws, error

    return grown(trained, widths, patience=_PATIENCE, better=_BETTER)[0]


def _error(law: Law, heldout: Heldout) -> float:
    """Of unseen samples; a law that runs away explains none."""
    error = relative_error(answer_to(law, heldout), heldout.judged)
    return error if np.isfinite(error) else np.inf


def _begun(
    cell: AbstractCell, kind: type[AbstractPreparation], shown: Shown, scale: np.ndarray
) -> Law:
    """A law that reads its first variables, from a random cell made gentle."""
    gentle = cell.with_parameters(_GENTLE * cell.parameters)
    readout = Linear(np.eye(cell.dimension)[:, : len(scale)], np.zeros(0))
    blank = kind.random(cell.dimension, shown.runs, rng=np.random.default_rng(0))
    return Law(blank.with_numbers(np.zeros_like(blank.numbers)), gentle, readout, scale)


def _from_realization(law: Law, shown: Shown) -> list[Law]:
    """The law fitted from where linear algebra begins; none where that has no answer."""
    cell = realization(law.cell, shown)
    if cell is None:
        return []
    law, loss = _fitted(law.but(cell=cell), shown, _AT_LAST)
    return [law] if np.isfinite(loss) else []


def _trained(law: Law, shown: Shown) -> Law:
    first = min(2 * law.dimension + _SPARE, shown.sites)
    for length in gentle_lengths(shown.sites, first, first):
        law, loss = _fitted(law, shown.first(length), _ON_THE_WAY)
        if not np.isfinite(loss):
            return law
    for _ in range(_ROUNDS):
        law, loss = _fitted(law, shown, _AT_LAST)
        if not np.isfinite(loss):
            break
    return law


def _fitted(law: Law, part: Shown, stop: Stop) -> tuple[Law, float]:
    """The cell at its best, every run from the start that suits it."""
    problem = LeastSquares(law, part, layout(law).mask(cell=True), eliminate_starts=True)
    found = levenberg_marquardt(problem, problem.start(), max_steps=STEPS, stop=stop)
    return filled(law, found.numbers), found.loss
