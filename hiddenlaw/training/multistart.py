"""Many random starts over the first sites, of which only the best are worth taking further.

What a start will come to is seen long before the end of the runs, and a start costs little there.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Float

from hiddenlaw.training.curriculum import fit_seeds, where
from hiddenlaw.training.recurrent import Recurrent, Sequences


def best_of_many(
    batches: Iterable[Recurrent],
    sequences: Sequences,
    schedule: Sequence[int],
    *,
    max_steps: int,
    enough: float = -1.0,
) -> tuple[Recurrent, Float[np.ndarray, " seed"]]:
    """Of batches of equally many models, the best of each place in the batch, and its loss.

    Every batch is fitted to the lengths of `schedule` in turn. No further batch is drawn once a
    loss is down to `enough`. A model that diverged has an infinite loss.
    """
    best, best_loss = None, np.zeros(0)
    for models in batches:
        loss = np.zeros(0)
        for length in schedule:
            models, loss = fit_seeds(models, sequences, length, max_steps=max_steps)
        loss = np.where(np.isfinite(loss), loss, np.inf)
        best = models if best is None else where(loss < best_loss, models, best)
        best_loss = np.fmin(loss, best_loss) if best_loss.size else loss
        if best_loss.min() <= enough:
            break
    assert best is not None, "at least one batch is needed"
    return best, best_loss
