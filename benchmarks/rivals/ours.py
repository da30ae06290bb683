"""hiddenlaw: its translator, told once it is trained."""

from __future__ import annotations

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.translator.search import train_translator
from rivals.task import SEED, Problem, Told


def translator(problem: Problem, limit: float) -> None:
    """Levenberg–Marquardt with the defaults of `train_translator`."""
    told, dx = Told(limit), 1.0
    train = Dataset.from_arrays(problem.input, problem.response, dx=dx)
    heldout = Dataset.from_arrays(problem.heldout_input, problem.heldout_response, dx=dx)
    fit = train_translator(train, Heldout(heldout), seed=SEED)
    answer = np.asarray(fit.answer(Heldout(heldout)))[..., 0]
    told.now(lambda: problem.error(answer), at_once=True)
