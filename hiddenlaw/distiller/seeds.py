"""The seeds of one width: how they are begun, which are taken on, and when others add nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from hiddenlaw.distiller.distillation import Distillation, Distiller, Width
from hiddenlaw.law import Law
from hiddenlaw.training.curriculum import agree


class Seed(NamedTuple):
    """What one seed came to: its losses in training and on held-out runs, and the distiller."""

    train_loss: float
    heldout_loss: float
    heldout_by_run: Float[np.ndarray, " run"]
    distiller: Distiller


def of_seeds(
    width: Width,
    seeds: int,
    begun: Callable[[int, np.random.Generator], tuple[Law, float]],
    taken_on: Callable[[int, Law, float, np.random.Generator], Seed],
    entropy: Callable[[int], tuple[int, ...]],
) -> Distillation:
    """Begin every seed, and take on those that come to a law of their own, until three agree.

    A seed whose beginning is the very law of one before it was stuck where that was, in another
    basis (`hiddenlaw.training.curriculum.Stuck`): it is not taken further, and shares its figures.
    """
    found: list[Seed] = []
    laws: list[Law] = []
    same_as: list[int] = []
    for number in range(seeds):
        rng = np.random.default_rng(entropy(number))
        law, loss = begun(number, rng)
        laws.append(law)
        same_as.append(next(k for k, other in enumerate(laws) if other is law))
        if same_as[-1] < number:
            found.append(found[same_as[-1]])
            continue
        found.append(taken_on(number, law, loss, rng))
        if agree([seed.train_loss for seed in found]):
            break
    losses, heldout_losses, by_run, distillers = zip(*found, strict=True)
    return Distillation(
        width.dimension,
        width.decoder,
        np.array(losses),
        np.array(heldout_losses),
        np.stack(by_run),
        distillers,
        seeds,
        tuple(same_as),
    )
