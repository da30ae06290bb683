"""All runs start from one state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.preparations._base import AbstractPreparation


@dataclass(frozen=True, eq=False)
class Shared(AbstractPreparation):
    """One initial state (d,) for all runs."""

    name: ClassVar[str] = "shared"
    said: ClassVar[str] = "All runs are taken to share one preparation (the initial state)."

    numbers: Float[AnyArray, " d"]
    held: tuple[float | None, ...] = ()

    @classmethod
    def random(cls, dimension: int, runs: int, *, rng: np.random.Generator) -> Shared:
        del runs
        return cls(rng.normal(size=dimension))
