"""What weak terms beyond a driven law would explain of what it leaves: products, powers.

To first order they change its answer by what the law itself makes of pushes u z, or z²: sums over
all of the past, however long it is remembered. With the changes that other numbers of the law would
make beside them, and those of the starts, they are a linear fit of what is left, without a search.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from hiddenlaw.cells import DrivenCell, chained
from hiddenlaw.cells.monomials import exponents_up_to
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.families.task import Search
from hiddenlaw.law import Law, Shown
from hiddenlaw.theory.ranking import error_of
from hiddenlaw.theory.theory import Theory
from hiddenlaw.translator.translation import Translation

_RUNS = 200  # more would say no more
_LITTLE = 0.02  # of the variance: so little that terms add to it, as small changes do
_FAR_FROM_HALF = 0.35  # of what is left


def explained_by_products(theory: Theory, translation: Translation) -> float | None:
    """The share of what is left of unseen runs that products of input and state would explain.

    None for a law that no input drives, and where there are too few samples to ask.
    """
    return _explained(theory, translation, degree=1)


def explained_by_powers(theory: Theory, translation: Translation) -> float | None:
    """The same of these and of powers of the state, to third order."""
    return _explained(theory, translation, degree=3)


def too_little(
    poorer: Search, explained: Callable[[Theory, Translation], float | None], terms: str
) -> str | None:
    """Why what these `terms` would explain asks for no richer law; None where it might.

    None, too, where there is no law or it leaves so much that changes do not add up.
    """
    if not poorer.theories or error_of(poorer.theories[0]) > _LITTLE:
        return None
    theory = poorer.theories[0]
    share = explained(theory, poorer.translation)
    if share is None or share > _FAR_FROM_HALF:
        return None
    return (
        f"of the {100 * error_of(theory):.2g} % that the poorer family leaves, {terms} "
        f"explain {100 * max(share, 0.0):.2g} %; a richer one has to explain half"
    )


def _explained(theory: Theory, translation: Translation, degree: int) -> float | None:
    if not isinstance(theory.law.cell, DrivenCell):
        return None
    train, few = translation.train, np.arange(min(translation.train.runs, _RUNS))
    train = train.select_runs(few)
    known, unseen = (
        _rows(*theory.for_runs(runs), runs.judged, degree)
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
    law: Law, shown: Shown, data: Dataset, degree: int
) -> tuple[Float[np.ndarray, "sample change"], Float[np.ndarray, " sample"]]:
    """How the answer would change, and what is left, at all samples that were measured.

    What other starts would do is taken off both.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        changed, moved = _changes(law, shown, degree)
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
    law: Law, shown: Shown, degree: int
) -> tuple[Float[np.ndarray, "site run output change"], Float[np.ndarray, "site output d"]]:
    """By every product of a push and a state, a push alone, or a power of states up to that degree,
    in every row; by the start.
    """
    cell = law.cell
    assert isinstance(cell, DrivenCell)
    d, states = cell.dimension, law.states(shown)
    before = np.concatenate([law.preparation.starts(shown.runs)[None], states[:-1]])
    middle = (before + states) / 2
    factors = np.concatenate([middle, np.ones((*states.shape[:2], 1))], axis=-1)
    pushes = cell.prepared(shown.input).pushes[..., : cell.channels + 1]
    products = (pushes[..., :, None] * factors[..., None, :]).reshape(*states.shape[:2], -1)
    every = np.concatenate([products, _powers(middle, degree)], axis=-1)
    each = every[..., None, None] * np.eye(d)  # in every row
    matrix, read = cell.update()[:, :d], law.readout.weights
    sites, changes = len(states), each.shape[2] * d
    flat = each.reshape(sites, -1, d)
    along = chained(matrix, flat, np.zeros((flat.shape[1], d))) @ read
    moved = chained(matrix, np.zeros((sites, d, d)), np.eye(d)) @ read
    along = along.reshape(sites, shown.runs, changes, -1)
    return np.swapaxes(along, 2, 3), np.swapaxes(moved, 1, 2)


def _powers(
    states: Float[np.ndarray, "site run d"], degree: int
) -> Float[np.ndarray, "site run power"]:
    """Products of two states and more, up to `degree`, of deviations from the mean."""
    middle, spread = states.mean(axis=(0, 1)), states.std(axis=(0, 1))
    scaled = (states - middle) / np.where(spread > 0, spread, 1.0)
    exponents = [e for e in exponents_up_to(degree, states.shape[2]) if sum(e) > 1]
    if not exponents:
        return np.zeros((*states.shape[:2], 0))
    return np.stack([np.prod(scaled ** np.array(e), axis=-1) for e in exponents], axis=-1)
