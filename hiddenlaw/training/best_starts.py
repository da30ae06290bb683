"""The start from which each run explains its samples best, where cell and readout are linear.

The response is then linear in the start z of a run, y = Φ z with Φ = ∂y/∂z products of update
matrices: for given matrices the best z of every run is a small least-squares problem of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hiddenlaw.cells import AbstractSteps
from hiddenlaw.law import Law, Shown
from hiddenlaw.training.normal_equations import pseudo_inverses


def best_starts(
    law: Law,
    shown: Shown,
    chunks: Sequence[slice] | None = None,
    steps: Sequence[AbstractSteps] | None = None,
) -> Law:
    """The law with every run's own numbers of the start at their best; of equals the smallest.

    Numbers that a preparation does not leave to a run (a variable that is constant) stay.
    """
    chunks = [slice(0, shown.runs)] if chunks is None else chunks
    steps = [law.steps(shown)] if steps is None else steps
    preparation = law.preparation
    slopes, found = preparation.slopes, np.array(preparation.numbers, float)
    nothing = np.zeros(0, int)
    with np.errstate(over="ignore", invalid="ignore"):
        for chunk, along in zip(chunks, steps, strict=True):
            count = chunk.stop - chunk.start
            numbers = np.zeros((count, found.shape[1]))
            zero = preparation.with_numbers(numbers).starts(count)
            initial = np.broadcast_to(slopes, (count, *slopes.shape))
            unmoved = along.states(zero)
            moved = along.sensitivities(zero, unmoved, initial, nothing)
            root = np.sqrt(shown.weight[:, chunk])
            seen = (law.readout.state_slopes(zero[None]) @ moved) * root[..., None]
            seen = seen.transpose(1, 0, 2, 3).reshape(count, -1, found.shape[1])
            left = (
                ((shown.target[:, chunk] - law.readout(unmoved)) * root)
                .transpose(1, 0, 2)
                .reshape(count, -1)
            )
            turned = np.swapaxes(seen, 1, 2)
            inverse = pseudo_inverses(turned @ seen)
            for _ in range(2):  # the normal equations alone lose half the digits
                rest = left - (seen @ numbers[..., None])[..., 0]
                numbers = numbers + (inverse @ (turned @ rest[..., None]))[..., 0]
            found[chunk] = numbers
    return law.but(preparation=preparation.with_numbers(found))
