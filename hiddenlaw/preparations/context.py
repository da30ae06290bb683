"""Every run starts from a state of its own, which its first samples tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Bool, Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.preparations.own import Own

LEAST_CONTEXT = 8  # samples


@dataclass(frozen=True, eq=False)
class Context(Own):
    """As `Own`; of a new run the first samples are given: an eighth of them, and at least 8."""

    name: ClassVar[str] = "context"
    said: ClassVar[str] = (
        "Every run starts from a state of its own, fitted beside the law; for a held-out run it is "
        "read off its first samples, and errors are those of the samples after them."
    )

    predicted_from: ClassVar[str] = "from the input and the first samples"

    numbers: Float[AnyArray, "run d"]
    held: tuple[float | None, ...] = ()

    @classmethod
    def given(cls, data: Dataset, context: int | None = None) -> Bool[np.ndarray, "run site"]:
        count = context or max(LEAST_CONTEXT, data.sites // 8)
        # Where an input acts late, no run is seen at the first sites.
        blind = int(np.argmax(data.observed.any(axis=(0, 2))))
        return np.broadcast_to(np.arange(data.sites) < blind + count, (data.runs, data.sites))
