"""A translator beside the laws that were fitted to the response itself, and what its answers say.

It knows nothing of which form a law has. Where it leaves no more than they do, they miss nothing;
and laws of its answers, which have no noise, show the number of variables once more.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hiddenlaw.families.seen import Seen
from hiddenlaw.families.task import Task
from hiddenlaw.settings import Settings
from hiddenlaw.theory.ranking import error_of
from hiddenlaw.theory.selection import (
    DirectFit,
    OfAnswers,
    free_translator,
    laws_of_answers,
    narrowest,
)

_HALF = 0.5  # of what a poorer family leaves: laws that leave more will not be believed
_NO_MORE = 1.05  # times what the best law leaves: as little as a translator need leave


def of_answers(
    task: Task, chosen: Settings, seen: Seen, fits: Sequence[DirectFit]
) -> OfAnswers | None:
    """A translator, and laws of its answers with the readout of the best of the `fits`; None where
    these will not be believed anyway, and where runs have constants.
    """
    best = min(fits, key=lambda fit: fit.heldout_error)
    mine = [fit for fit in fits if fit.readout == best.readout]
    needed = narrowest(mine)
    if seen.kind.in_pieces or needed is None or best.heldout_error > _HALF * _poorer(task):
        return None
    translator = free_translator(
        seen.fitted_to,
        seen.judged,
        seen.kind,
        widest=chosen.hidden,
        enough=_NO_MORE * best.heldout_error,
        progress=task.progress,
    )
    fits = [fit for fit in mine if fit.dimension <= needed.dimension]
    return laws_of_answers(
        translator, seen.fitted_to, seen.judged, seen.kind, fits, progress=task.progress
    )


def _poorer(task: Task) -> float:
    """What the poorer family leaves; infinite without one."""
    if task.poorer is None:
        return np.inf
    if task.poorer.theories:
        return error_of(task.poorer.theories[0])
    return task.poorer.translation.fit.heldout_error
