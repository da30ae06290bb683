"""Which translation of input to response to believe: the hold, and where runs start.

What the user does not say held-out runs decide. That runs start each from a state of its own is
believed only where it predicts unseen samples clearly better: a shared state is the simpler story.
"""

from dataclasses import dataclass, replace

from hiddenlaw.cells import AbstractLinearCell
from hiddenlaw.data.dataset import HOLDS, Dataset
from hiddenlaw.data.heldout import Heldout, hold_back
from hiddenlaw.data.misfit import relative_error, squares_by_run
from hiddenlaw.errors import DataError
from hiddenlaw.readouts import Linear
from hiddenlaw.settings import Settings
from hiddenlaw.training.progress import Progress
from hiddenlaw.translator import (
    TranslatorFit,
    answer_to,
    hidden_size,
    train_run_constants,
    train_translator,
)
from hiddenlaw.translator.verdict import chance_that_no_better, luck, neighbours_tell

_SEEDS = {"generator": 3, "taylor": 3, "gru": 2}
_SEEDS_OWN, _SEEDS_CONSTANTS = 4, 2
_POOR = 0.05  # of the variance: who leaves so much unexplained may have the wrong preparation
_CLEARLY = 0.8  # of the error with a shared state: what states of their own must reach
_GOOD = 1e-3  # of the variance: free initial states would only hide what the cell gets wrong


@dataclass(frozen=True)
class Translation:
    """The translator, its data, and what was decided on the way.

    - `initial_state`: "shared", "per-run" or "context"; `reason`: why.
    - `hold_errors`: held-out error of every hold that was tried.
    """

    fit: TranslatorFit
    train: Dataset
    heldout: Heldout
    initial_state: str
    reason: str
    hold_errors: dict[str, float]


def translate(data: Dataset, chosen: Settings, progress: Progress) -> Translation:
    """Train the translator under every hold and preparation that is open, and keep the best."""
    if chosen.run_constants:
        data = replace(data, hold=chosen.hold or data.hold)
        reason = "runs with constants of their own start where they like"
        return _fit(data, chosen, "per-run", reason, progress)
    if chosen.hold != "auto":
        return _prepared(replace(data, hold=chosen.hold or data.hold), chosen, progress)
    several = len(data.input_names) > 1 or chosen.cell == "taylor"
    rivals = [replace(data, hold=hold) for hold in HOLDS[: 1 if several else 3]]
    found = [_prepared(rival, chosen, progress) for rival in rivals]
    best = min(found, key=lambda translation: translation.fit.heldout_error)
    errors = {t.train.hold: t.fit.heldout_error for t in found}
    return replace(best, hold_errors=errors)


def _prepared(data: Dataset, chosen: Settings, progress: Progress) -> Translation:
    """The translation with the initial states asked for, or those that held-out runs tell."""
    if chosen.initial_state != "auto":
        return _fit(data, chosen, chosen.initial_state, "asked for", progress)
    shared = _fit(data, chosen, "shared", "", progress)
    error = shared.fit.heldout_error
    if not isinstance(shared.fit.translator.cell, AbstractLinearCell):
        return replace(shared, reason="a black box takes runs that start alike")
    if not isinstance(shared.fit.translator.readout, Linear):
        return replace(shared, reason="a translator with squares takes runs that start alike")
    if error < _GOOD:
        return replace(
            shared, reason=f"one for all runs leaves {error:.1e} of unseen samples unexplained"
        )
    freed = replace(shared.fit.translator, initial=None)
    try:
        there = hold_back(shared.heldout.judged, "per-run")
    except DataError:
        return replace(shared, reason="too few samples of a run to find where each starts")
    gained = relative_error(answer_to(freed, there), there.judged)
    if error < _POOR and gained > _CLEARLY * error:
        return replace(
            shared,
            reason=f"one for all runs leaves {error:.1e} of unseen samples unexplained, "
            f"one for each {gained:.1e}",
        )
    if not neighbours_tell(shared.train, shared.heldout.judged):
        return replace(shared, reason="samples of a run say nothing of one another")
    own = _fit(data, chosen, "per-run", "", progress)
    figures = (
        f"one for all runs leaves {error:.1e} of unseen samples unexplained, one for each "
        f"{own.fit.heldout_error:.1e}"
    )
    alone = answer_to(shared.fit.translator, shared.heldout)
    judged = own.heldout.judged
    chance = chance_that_no_better(
        squares_by_run(answer_to(own.fit.translator, own.heldout), judged),
        squares_by_run(alone, judged),
    )
    better = own.fit.heldout_error < _CLEARLY * error and chance <= luck(judged.runs)
    return replace(own if better else shared, reason=figures)


def _fit(
    data: Dataset, chosen: Settings, initial_state: str, reason: str, progress: Progress
) -> Translation:
    train, heldout = data.split(chosen.held_out, chosen.seed)
    own = initial_state != "shared"
    runs = hold_back(heldout, initial_state, chosen.context)
    readout = chosen.translator_class if not own else "linear"
    widest = chosen.hidden or hidden_size(chosen.cell, readout, chosen.widest)
    if chosen.run_constants:
        seeds = chosen.translator_seeds or _SEEDS_CONSTANTS
        fit, train, runs = train_run_constants(
            train, runs, widest=widest, seeds=seeds, seed=chosen.seed, progress=progress
        )
        return Translation(fit, train, runs, initial_state, reason, {})
    fit = train_translator(
        train,
        runs,
        cell=chosen.cell,
        readout=readout,
        hidden=widest,
        seeds=chosen.translator_seeds or (_SEEDS_OWN if own else _SEEDS[chosen.cell]),
        seed=chosen.seed,
        steps=chosen.steps,
        own_starts=own,
        progress=progress,
    )
    return Translation(fit, train, runs, initial_state, reason, {})
