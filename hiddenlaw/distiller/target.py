"""What laws are distilled from, a black box's states or its answers: held-out answers decide.

Of polynomial laws the response itself is the target that decides, and answers stand beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

STATES, ANSWERS, RESPONSE = "states", "answers", "response"
_HALF = 0.5  # of the error: what more variables must leave at most


@dataclass(frozen=True)
class Target:
    """What one class of decoder makes of one target.

    - `dimension`: that of the class there, None where no width explains anything.
    - `error`: what the law of that dimension leaves of held-out answers, of their variance.
    - `decided`: whether theories come from here.
    """

    decoder: str
    name: str
    dimension: int | None
    error: float
    decided: bool = False


def decided(rivals: Sequence[Target]) -> list[Target]:
    """The rivals of one class, and which of them decides.

    Fewer variables do, unless more of them at least halve what is left of held-out answers; of
    equally many the lower error.
    """
    known = [rival for rival in rivals if rival.dimension is not None]
    best = known[0] if known else rivals[0]
    for rival in known[1:]:
        best = _better(best, rival)
    return [replace(rival, decided=rival is best) for rival in rivals]


def _better(one: Target, other: Target) -> Target:
    few, many = sorted((one, other), key=lambda target: target.dimension or 0)
    if few.dimension == many.dimension:
        return min(one, other, key=lambda target: target.error)
    return many if many.error < _HALF * few.error else few


def told(targets: Sequence[Target]) -> list[str]:
    """A sentence for each class of decoder: which target decided, and what the other came to."""
    lines = []
    for one in (target for target in targets if target.decided):
        others = [t for t in targets if t.decoder == one.decoder and t is not one]
        lines.append(
            f"With a {one.decoder} readout the law was distilled from the translator's {one.name}: "
            f"{_came_to(one)}; from its "
            + ", ".join(f"{other.name}: {_came_to(other)}" for other in others)
            + "."
        )
    return lines


def _came_to(target: Target) -> str:
    if target.dimension is None:
        return "no width explains them"
    variables = (
        "1 variable leaves" if target.dimension == 1 else f"{target.dimension} variables leave"
    )
    return f"{variables} {target.error:.1e} of held-out answers"
