"""A trained translator, and how every seed of it did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.data.misfit import relative_error
from hiddenlaw.errors import TrainingError, option
from hiddenlaw.law import Law, Shown
from hiddenlaw.training.new_runs import answer_to


@dataclass(frozen=True)
class TranslatorFit:
    """The chosen translator, a law of many hidden variables, and how every seed did.

    Errors are mean squares relative to the pooled variance of the response; a diverged seed has
    an error that is not finite and is never chosen. `asked` is how many seeds were asked for: those
    that could not win are not run.
    """

    law: Law
    train_error: float
    heldout_error: float
    seed_errors: tuple[tuple[float, float], ...]  # (train, held-out) of each seed
    asked: int

    def answer(self, runs: Heldout) -> Float[np.ndarray, "run site response"]:
        return answer_to(self.law, runs)

    def junk(self, train: Dataset) -> float:
        """What noise leaves in the hidden states, over their variance: its share times p / N.

        A fit of p constants to N samples takes p / N of the noise's variance for the response.
        """
        law = self.law
        constants = law.cell.parameters.size + law.readout.weights.size
        if not law.preparation.per_run:
            constants += np.size(law.preparation.numbers)
        return self.heldout_error * constants / float(train.observed.sum())


def answer_to_own(law: Law, train: Dataset) -> Float[np.ndarray, "run site response"]:
    """The answer to the training runs, whose numbers the law has."""
    if law.preparation.numbers.ndim == 2 and len(law.preparation.numbers) != train.runs:
        return answer_to(law, Heldout(train, train))  # it was trained over windows
    return np.swapaxes(law.outputs(Shown.measured(train, law.scale)), 0, 1) * law.scale


def best_fit(candidates: list[Law], train: Dataset, heldout: Heldout, asked: int) -> TranslatorFit:
    """The candidate with the lowest held-out error. Raises `TrainingError` where all diverged."""
    errors = [
        (
            relative_error(answer_to_own(law, train), train),
            relative_error(answer_to(law, heldout), heldout.judged),
        )
        for law in candidates
    ]
    finite = [i for i, (_, error) in enumerate(errors) if np.isfinite(error)]
    if not finite:
        raise TrainingError(
            f"all {asked} seeds of the {candidates[0].cell.name} translator diverged; "
            f"try another seed, more runs, or {option('cell', 'gru')}"
        )
    best = min(finite, key=lambda i: errors[i][1])
    return TranslatorFit(candidates[best], *errors[best], tuple(errors), asked)
