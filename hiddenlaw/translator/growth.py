"""A translator that grows: wider as long as unseen samples are predicted better."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from hiddenlaw.training.curriculum import ROUNDING

T = TypeVar("T")

BETTER = 0.9
"""Of the best held-out error so far: what a wider network has to reach."""


def grown(
    trained: Callable[[int], tuple[T, float]],
    widths: Iterable[int],
    *,
    patience: int = 1,
    floor: float = ROUNDING,
    better: float = BETTER,
) -> tuple[T, float]:
    """What was trained at the best width, and its held-out error.

    No wider one is tried once the error is down to `floor`, nor after `patience` widths in a row
    that are no better than one that explains something: a wider one has to reach `better` of the
    least error so far.
    """
    best, least, worse = None, float("inf"), 0
    for width in widths:
        found, error = trained(width)
        is_better = error < better * least
        worse = 0 if is_better else worse + 1
        if best is None or is_better:
            best, least = found, min(error, least)
        if least < floor or (worse >= patience and least < BETTER):
            break
    assert best is not None, "at least one width is needed"
    return best, least
