"""Every run starts from a state of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Bool, Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.preparations._base import AbstractPreparation


@dataclass(frozen=True, eq=False)
class Own(AbstractPreparation):
    """An initial state (run, d) for each run; of a new one it is found from its first half.

    Between samples that are given noise that lasts is interpolated, and so is anything, by a law
    without its input: a start is judged by what comes after the samples that told it.
    """

    name: ClassVar[str] = "per-run"
    per_run: ClassVar[bool] = True
    said: ClassVar[str] = (
        "Every run starts from a state of its own, fitted beside the law; for a held-out run it is "
        "found from the first half of its samples, and errors are those of the second."
    )

    predicted_from: ClassVar[str] = "from the input and the first half of the samples"

    numbers: Float[AnyArray, "run d"]
    held: tuple[float | None, ...] = ()

    @classmethod
    def random(cls, dimension: int, runs: int, *, rng: np.random.Generator) -> Own:
        return cls(rng.normal(size=(runs, dimension)))

    @classmethod
    def given(cls, data: Dataset, context: int | None = None) -> Bool[np.ndarray, "run site"]:
        del context
        seen = data.observed.any(axis=2)
        half = np.maximum(seen.sum(axis=1, keepdims=True) // 2, 1)
        return np.cumsum(seen, axis=1) <= half
