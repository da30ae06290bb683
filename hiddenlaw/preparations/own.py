"""Every run starts from a state of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Bool, Float

from hiddenlaw._typing import AnyArray
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.preparations._base import AbstractPreparation, every_other

_FADED = 0.25  # of the variance of whole runs: what varies less has died away


@dataclass(frozen=True, eq=False)
class Own(AbstractPreparation):
    """An initial state (run, d) for each run; of a new one it is found from its first half.

    Between samples that are given noise that lasts is interpolated, and so is anything, by a law
    without its input: a start is judged by what comes after the samples that told it. But where
    runs die away nothing is left to foretell by then, and where half of a response is missing
    nothing to judge by; of such data every other sample is given.
    """

    name: ClassVar[str] = "per-run"
    per_run: ClassVar[bool] = True
    said: ClassVar[str] = (
        "Every run starts from a state of its own, fitted beside the law; for a held-out run it is "
        "found from the first half of its samples, or every other one where runs die away, and "
        "errors are those of the rest."
    )

    predicted_from: ClassVar[str] = "from the input and half of the samples"

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
        first, other = np.cumsum(seen, axis=1) <= half, every_other(data)
        if not _varies_later(data, first):
            return other
        every = [(data.observed & part[..., None]).any(axis=1) for part in (first, ~first)]
        whole = np.logical_and(*every).all(axis=1, keepdims=True)  # of runs, on both sides
        return np.where(whole, first, other)


def _varies_later(data: Dataset, first: Bool[np.ndarray, "run site"]) -> bool:
    """Whether every response varies, in the second part, as if it had not died away."""
    later = np.where(data.observed & ~first[..., None], data.response, np.nan)
    seen = np.isfinite(later).any(axis=(0, 1))
    return bool(seen.all() and (np.nanvar(later, axis=(0, 1)) > _FADED * data.variance).all())
