"""hiddenlaw: its translator, told after every stage of its curriculum as the others tell theirs."""

from __future__ import annotations

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.law import Law
from hiddenlaw.training.new_runs import answer_to
from hiddenlaw.translator import shared_starts
from hiddenlaw.translator.search import train_translator
from rivals.task import SEED, Problem, Told


def translator(problem: Problem, limit: float) -> None:
    """Levenberg–Marquardt with the defaults of `train_translator`."""
    told, dx = Told(limit), 1.0
    train = Dataset.from_arrays(problem.input, problem.response, dx=dx)
    heldout = Heldout(Dataset.from_arrays(problem.heldout_input, problem.heldout_response, dx=dx))

    def tell(law: Law) -> None:
        told.now(lambda: problem.error(answer_to(law, heldout)[..., 0]), at_once=True)

    fit = shared_starts.fit

    def watched_fit(*given, **asked) -> tuple[Law, float]:
        law, loss = fit(*given, **asked)
        tell(law)
        return law, loss

    shared_starts.fit = watched_fit
    tell(train_translator(train, heldout, seed=SEED).law)
