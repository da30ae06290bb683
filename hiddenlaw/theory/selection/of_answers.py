"""Laws of every width distilled from what a translator answers, beside those of the response.

Where a law bends, the states that tell the future form a curved set, and distilling states shows no
jump. Answers have no noise: a law of enough variables leaves next to nothing of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.preparations import AbstractPreparation
from hiddenlaw.theory.selection.free_basis import Translator
from hiddenlaw.theory.selection.result import DirectFit, narrowest
from hiddenlaw.theory.selection.sweep import Sweep
from hiddenlaw.theory.selection.validation import enough_of
from hiddenlaw.training.new_runs import answer_to
from hiddenlaw.training.progress import Progress, Silent

_TWICE = 2.0  # times what the best law leaves of unseen runs: a translator that leaves more failed
_LITTLE = 1e-5  # of the variance: none that leaves less has
_ANSWERS = 3000  # samples: as many as it takes where they have no noise
_OWN = 0.1  # times what a translator leaves: what its answers may be off by


@dataclass(frozen=True, eq=False)
class OfAnswers:
    """A translator, and the laws that were distilled from its answers; none where it failed.

    - `leaves`: what the best law that was fitted to the response itself leaves of unseen runs.
    """

    translator: Translator
    leaves: float
    fits: tuple[DirectFit, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the translator knows far less than a law that is there already."""
        return self.translator.error > max(_TWICE * self.leaves, _LITTLE)

    def chosen(self, readout: str) -> DirectFit | None:
        """The law of the variables that its answers need."""
        return narrowest(fit for fit in self.fits if fit.readout == readout)


def laws_of_answers(
    translator: Translator,
    train: Dataset,
    heldout: Heldout,
    kind: type[AbstractPreparation],
    fits: Sequence[DirectFit],
    *,
    progress: Progress | None = None,
) -> OfAnswers:
    """For each of the `fits` to the response a law of that width, readout and form, fitted to what
    the translator answers; none where the translator failed.
    """
    progress = progress or Silent()
    least = min((fit.heldout_error for fit in fits), default=np.inf)
    begun = OfAnswers(translator, least)
    if begun.failed or translator.law is None:
        return begun
    few = enough_of(train, kind, _ANSWERS)
    own = Heldout(few, few) if kind.per_run else Heldout(few)
    answers = _answering(few, answer_to(translator.law, own))
    unseen = answer_to(translator.law, heldout)
    given = None if heldout.given is None else _answering(heldout.given, unseen)
    judged = Heldout(_answering(heldout.judged, unseen), given)
    sweeps: dict[str, Sweep] = {}
    found = []
    progress.start("answers", len(fits))
    for fit in sorted(fits, key=lambda each: each.dimension):
        if fit.readout not in sweeps:
            sweeps[fit.readout] = Sweep(
                answers, judged, kind, fit.readout, fit.form.degree, _OWN * translator.error
            )
        found.append(sweeps[fit.readout].one(fit.dimension, only=fit.form))
        said = f"{fit.readout} {fit.dimension}: {found[-1].heldout_error:.1e} of the answers"
        progress.advance("answers", said)
    progress.finish("answers")
    return replace(begun, fits=tuple(found))


def _answering(data: Dataset, answer: np.ndarray) -> Dataset:
    """The same runs with these answers in place of the response, where that was seen."""
    response = np.where(data.observed, answer, np.nan)
    return replace(data, response=response, response_error=None, allow_missing=True)
