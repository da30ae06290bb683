"""Which translation of input to response to believe: the hold, and where runs start.

What the user does not say held-out runs decide. That runs start each from a state of its own is
believed only where it predicts unseen samples clearly better: a shared state is the simpler story.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from hiddenlaw.cells import cell_class
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.data.misfit import relative_error, squares_by_run
from hiddenlaw.errors import DataError
from hiddenlaw.holds import holds_for
from hiddenlaw.law import Law, Shown
from hiddenlaw.preparations import (
    AbstractPreparation,
    Own,
    RunConstants,
    Shared,
    between,
    hold_back,
    preparation_class,
)
from hiddenlaw.readouts import Linear
from hiddenlaw.settings import Settings
from hiddenlaw.training.new_runs import answer_to, found
from hiddenlaw.training.progress import Progress
from hiddenlaw.translator.fit import TranslatorFit
from hiddenlaw.translator.luck import chance_that_no_better, luck
from hiddenlaw.translator.run_constants import train_run_constants
from hiddenlaw.translator.search import hidden_size, train_translator
from hiddenlaw.translator.verdict import neighbours_tell

_SEEDS_OWN, _SEEDS_CONSTANTS = 4, 2
_POOR = 0.05  # of the variance: who leaves so much unexplained may have the wrong preparation
_NO_WORSE = 1.5  # times its error over the second half of runs: not much worse
_NOTHING = 0.9  # of the variance: who leaves so much of what comes after knows nothing of it
_CLEARLY = 0.8  # of the error with a shared state: what states of their own must reach
_GOOD = 1e-3  # of the variance: free initial states would only hide what the cell gets wrong


@dataclass(frozen=True)
class Translation:
    """The translator, its data, and what was decided on the way.

    - `kind`: how runs start; `reason`: why that was believed.
    - `hold_errors`: held-out error of every hold that was tried.
    """

    fit: TranslatorFit
    train: Dataset
    heldout: Heldout
    kind: type[AbstractPreparation]
    reason: str
    hold_errors: dict[str, float] = field(default_factory=dict)

    @property
    def initial_state(self) -> str:
        """How runs start, by name."""
        return self.kind.name

    @property
    def told(self) -> type[AbstractPreparation]:
        """Whose words say how runs start: with constants of theirs, who has these."""
        own = type(self.fit.law.preparation)
        return own if own.in_pieces else self.kind

    @property
    def of_heldout(self) -> Law:
        """The translator with the numbers of the held-out runs."""
        law, given = self.fit.law, self.heldout.given
        if given is None:
            return law
        return law.but(preparation=found(law, Shown.measured(given, law.scale)))


GivenUp = Callable[[Translation], bool]


def translate(
    data: Dataset, chosen: Settings, progress: Progress, given_up: GivenUp = lambda begun: False
) -> Translation:
    """Train the translator under every hold and preparation that is open, and keep the best.

    One with states of the runs' own takes long: before it is trained, `given_up` says of the one
    from a shared state whether that is enough.
    """
    if chosen.run_constants:
        return _with_constants(replace(data, hold=chosen.hold or data.hold), chosen, progress)
    if chosen.hold != "auto":
        held = replace(data, hold=chosen.hold or data.hold)
        return _prepared(held, chosen, progress, given_up)
    holds = holds_for(data.input.shape[2], data.sites)
    if not cell_class(chosen.cell).any_hold:
        holds = tuple(hold for hold in holds if not hold.varies)
    rivals = [replace(data, hold=hold.name) for hold in holds]
    translations = [_prepared(rival, chosen, progress) for rival in rivals]
    best = min(translations, key=lambda translation: translation.fit.heldout_error)
    errors = {t.train.hold: t.fit.heldout_error for t in translations}
    return replace(best, hold_errors=errors)


def _prepared(
    data: Dataset, chosen: Settings, progress: Progress, given_up: GivenUp = lambda begun: False
) -> Translation:
    """The translation with the initial states asked for, or those that held-out runs tell."""
    if chosen.initial_state != "auto":
        kind = preparation_class(chosen.initial_state)
        return _fit(data, chosen, kind, "asked for", progress)
    shared = _fit(data, chosen, Shared, "", progress, given_up)
    settled = _why_shared(shared)
    if settled is not None:
        return replace(shared, reason=settled)
    if given_up(shared):
        return replace(shared, reason="one for all runs; no other was tried")
    own = _fit(data, chosen, Own, "", progress)
    # What forgets its start shows it in the first samples alone; what runs away, in the last.
    among, ahead = between(own.heldout), own.heldout
    chance = chance_that_no_better(
        *(squares_by_run(each.fit.answer(among), among.judged) for each in (own, shared))
    )
    (ours, later), (theirs, theirs_later) = (
        (_left(each, among), _left(each, ahead)) for each in (own, shared)
    )
    figures = (
        f"one for all runs leaves {theirs:.1e} of unseen samples unexplained, one for each "
        f"{ours:.1e}; predicted {Own.predicted_from}, {theirs_later:.1e} and {later:.1e}"
    )
    better = ours < _CLEARLY * theirs and chance <= luck(among.runs)
    believed = better and later <= min(_NO_WORSE * theirs_later, _NOTHING)
    return replace(own if believed else shared, reason=figures)


def _left(translation: Translation, runs: Heldout) -> float:
    """The error of a translation over what is judged of these runs."""
    return relative_error(translation.fit.answer(runs), runs.judged)


def _why_shared(shared: Translation) -> str | None:
    """Why a shared start is believed without a try of others; None where one is worth while."""
    law, error = shared.fit.law, shared.fit.heldout_error
    if not law.cell.presumes_linear:
        return "a cell that is not linear in its state takes runs that start alike"
    if not isinstance(law.readout, Linear):
        return "a translator with squares takes runs that start alike"
    left = f"one for all runs leaves {error:.1e} of unseen samples unexplained"
    if error < _GOOD:
        return left
    freed = law.but(preparation=Own(np.zeros((1, law.dimension))))
    try:
        there = between(shared.heldout)
    except DataError:
        return "too few samples of a run to find where each starts"
    gained = relative_error(answer_to(freed, there), there.judged)
    if error < _POOR and gained > _CLEARLY * error:
        return f"{left}, one for each {gained:.1e}"
    if not neighbours_tell(shared.train, shared.heldout.judged):
        return "samples of a run say nothing of one another"
    return None


def _fit(
    data: Dataset,
    chosen: Settings,
    kind: type[AbstractPreparation],
    reason: str,
    progress: Progress,
    given_up: GivenUp = lambda begun: False,
) -> Translation:
    train, heldout = data.split(chosen.held_out, chosen.seed)
    runs = hold_back(heldout, kind, chosen.context)
    readout = Linear.name if kind.per_run else chosen.translator_class
    seeds = _SEEDS_OWN if kind.per_run else cell_class(chosen.cell).seeds
    fit = train_translator(
        train,
        runs,
        cell=chosen.cell,
        readout=readout,
        preparation=kind,
        hidden=chosen.hidden or hidden_size(chosen.cell, readout, chosen.widest),
        seeds=chosen.translator_seeds or seeds,
        seed=chosen.seed,
        steps=chosen.steps,
        given_up=lambda begun: given_up(Translation(begun, train, runs, kind, reason)),
        progress=progress,
    )
    return Translation(fit, train, runs, kind, reason)


def _with_constants(data: Dataset, chosen: Settings, progress: Progress) -> Translation:
    """The translation of runs that have constants of their own, and start where they like."""
    train, heldout = data.split(chosen.held_out, chosen.seed)
    runs = hold_back(heldout, RunConstants, chosen.context)
    fit = train_run_constants(
        train,
        runs,
        count=chosen.run_constants,
        widest=chosen.hidden or hidden_size(chosen.cell, Linear.name, chosen.widest),
        seeds=chosen.translator_seeds or _SEEDS_CONSTANTS,
        seed=chosen.seed,
        progress=progress,
    )
    reason = "runs with constants of their own start where they like"
    return Translation(fit, train, runs, Own, reason)
