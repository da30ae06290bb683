"""What weak products of input and state would explain of what a driven law leaves.

To first order they change its answer by what the law itself makes of pushes u z: sums over all of
the past, however long it is remembered. With the changes that other numbers of the law would make
beside them, and those of the starts, they are a linear fit of what is left, without a search.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import DrivenCell, chained
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.law import Law, Shown
from hiddenlaw.theory.theory import Theory
from hiddenlaw.translator.translation import Translation

_RUNS = 200  # more would say no more


def explained_by_products(theory: Theory, translation: Translation) -> float | None:
    """The share of what is left of unseen runs; None for a law that no input drives, and where
    there are too few samples to ask.
    """
    if not isinstance(theory.law.cell, DrivenCell):
        return None
    train, few = translation.train, np.arange(min(translation.train.runs, _RUNS))
    train = train.select_runs(few)
    known, unseen = (
        _rows(*theory.for_runs(runs), runs.judged)
        for runs in (Heldout(train, train), translation.heldout)
    )
    if len(known[1]) < 3 * known[0].shape[1]:
        return None
    if not all(np.isfinite(rows).all() for rows in (*known, *unseen)):
        return None
    weights = np.linalg.lstsq(*known, rcond=1e-10)[0]
    after = np.sum((unseen[1] - unseen[0] @ weights) ** 2)
    return float(1 - after / max(np.sum(unseen[1] ** 2), 1e-300))


def _rows(
    law: Law, shown: Shown, data: Dataset
) -> tuple[Float[np.ndarray, "sample change"], Float[np.ndarray, " sample"]]:
    """How the answer would change, and what is left, at all samples that were measured.

    What other starts would do is taken off both.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        changed, moved = _changes(law, shown)
        left = np.swapaxes(data.response / law.scale, 0, 1) - law.outputs(shown)
    seen, rows = np.swapaxes(data.observed, 0, 1), []
    for run in range(shown.runs):
        here = seen[:, run]
        both = np.column_stack([changed[:, run][here], left[:, run][here]])
        turn = np.linalg.qr(moved[here])[0]
        rows.append(both - turn @ (turn.T @ both))
    stacked = np.concatenate(rows)
    return stacked[:, :-1], stacked[:, -1]


def _changes(
    law: Law, shown: Shown
) -> tuple[Float[np.ndarray, "site run output change"], Float[np.ndarray, "site output d"]]:
    """By every product of a push and a state, or a push alone, in every row; by the start."""
    cell = law.cell
    assert isinstance(cell, DrivenCell)
    d, states = cell.dimension, law.states(shown)
    before = np.concatenate([law.preparation.starts(shown.runs)[None], states[:-1]])
    ones = np.ones((*states.shape[:2], 1))
    factors = np.concatenate([(before + states) / 2, ones], axis=-1)
    pushes = cell.prepared(shown.input).pushes[..., : cell.channels + 1]
    products = pushes[..., :, None] * factors[..., None, :]
    each = products.reshape(*states.shape[:2], -1, 1, 1) * np.eye(d)  # in every row
    matrix, read = cell.update()[:, :d], law.readout.weights
    sites, changes = len(states), each.shape[2] * d
    flat = each.reshape(sites, -1, d)
    along = chained(matrix, flat, np.zeros((flat.shape[1], d))) @ read
    moved = chained(matrix, np.zeros((sites, d, d)), np.eye(d)) @ read
    along = along.reshape(sites, shown.runs, changes, -1)
    return np.swapaxes(along, 2, 3), np.swapaxes(moved, 1, 2)
