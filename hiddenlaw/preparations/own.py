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
    """An initial state (run, d) for each run; of a new one it is found from every other sample."""

    name: ClassVar[str] = "per-run"
    per_run: ClassVar[bool] = True
    said: ClassVar[str] = (
        "Every run starts from a state of its own, fitted beside the law; for a held-out run it is "
        "found from every other sample, and errors are those of the samples between."
    )

    predicted_from: ClassVar[str] = "from the input and every other sample"

    numbers: Float[AnyArray, "run d"]
    held: tuple[float | None, ...] = ()

    @classmethod
    def random(cls, dimension: int, runs: int, *, rng: np.random.Generator) -> Own:
        return cls(rng.normal(size=(runs, dimension)))

    @classmethod
    def given(cls, data: Dataset, context: int | None = None) -> Bool[np.ndarray, "run site"]:
        del context
        return np.cumsum(data.observed.any(axis=2), axis=1) % 2 == 1
