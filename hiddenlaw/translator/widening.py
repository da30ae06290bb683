"""A translator that is too narrow, or of the wrong kind, gives itself away: then a wider one.

Where the input still explains some of what it leaves of held-out runs, or what it leaves remembers
itself, a wider one is trained, and one that reads squares; the best is kept if it leaves at most
half, and is asked again. Noise that lasts costs these two trainings, too: it looks no different.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hiddenlaw.cells import cell_class
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.misfit import squares_by_run
from hiddenlaw.readouts import Linear
from hiddenlaw.settings import Settings
from hiddenlaw.training.curriculum import ROUNDING
from hiddenlaw.training.progress import Progress
from hiddenlaw.translator.fit import answer_to_own
from hiddenlaw.translator.left_over import left_over
from hiddenlaw.translator.luck import chance_that_no_better, luck
from hiddenlaw.translator.translation import Translation, translate

_MORE, _WIDEST = 4, 14  # hidden variables
_MUCH = 1e-3  # of the variance: a memory of less is not worth other networks
_HALF = 0.5  # of what is left: what a wider one has to come down to


def widened(
    translation: Translation, data: Dataset, chosen: Settings, progress: Progress
) -> Translation:
    """The translation, or that of a wider network where this one leaves what can be predicted.

    What was asked for, width or readout, stays as it is.
    """
    whole = not translation.fit.law.preparation.in_pieces
    if not (whole and cell_class(chosen.cell).presumes_linear and chosen.hidden is None):
        return translation
    while leaves_something(translation):
        said = {"reason": translation.reason, "hold_errors": translation.hold_errors}
        rivals = [
            replace(translate(data, other, progress), **said)
            for other in _wider(translation, chosen)
        ]
        better = [rival for rival in rivals if _clearly_better(rival, translation)]
        if not better:
            break
        translation = min(better, key=lambda rival: rival.fit.heldout_error)
    return translation


def leaves_something(translation: Translation) -> bool:
    """Whether something predictable is left of held-out runs."""
    fit, train, heldout = translation.fit, translation.train, translation.heldout
    if fit.heldout_error < ROUNDING:
        return False
    left = left_over(train, heldout.judged, answer_to_own(fit.law, train), fit.answer(heldout))
    return left.told or (left.remembers and fit.heldout_error > _MUCH)


def _wider(translation: Translation, chosen: Settings) -> Iterator[Settings]:
    """What is tried next: more hidden variables, and squares of few."""
    law = translation.fit.law
    asked = {
        "hold": translation.train.hold,
        "initial_state": translation.initial_state,
        "translator_seeds": chosen.translator_seeds or 1,
    }
    if isinstance(law.readout, Linear) and law.dimension + _MORE <= _WIDEST:
        wider = {"hidden": law.dimension + _MORE, "translator_readout": Linear.name}
        yield chosen.model_copy(update=asked | wider)
    shared = not law.preparation.per_run
    if shared and isinstance(law.readout, Linear) and chosen.translator_readout is None:
        yield chosen.model_copy(update=asked | {"translator_readout": "quadratic"})


def _clearly_better(rival: Translation, translation: Translation) -> bool:
    ours, theirs = rival.fit, translation.fit
    if not ours.heldout_error <= _HALF * theirs.heldout_error:
        return False
    judged = translation.heldout.judged
    chance = chance_that_no_better(
        squares_by_run(ours.answer(rival.heldout), rival.heldout.judged),
        squares_by_run(theirs.answer(translation.heldout), judged),
    )
    return chance <= luck(judged.runs)
