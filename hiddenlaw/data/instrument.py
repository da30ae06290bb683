"""What an instrument does to data beside its noise: inputs out of step, a background.

An ideal record has neither. Laws are found in ideal records; what is predicted for a record as it
was measured goes the other way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.dataset import Dataset


@dataclass(frozen=True)
class Instrument:
    """An instrument that is known; with nothing in it a perfect one.

    - `alignment`: how many sites each input channel acts later than it was recorded; negative where
      it acts earlier. Empty where all are in step.
    - `background`: what stands under each response, at the first site and its rise from site to
      site, in the response's unit. Empty where nothing does.
    """

    alignment: tuple[float, ...] = ()
    background: tuple[tuple[float, float], ...] = ()

    @property
    def perfect(self) -> bool:
        return not (self.alignment or self.background)

    def input(self, recorded: Float[np.ndarray, "run site channel"]) -> np.ndarray:
        """The input in step with the response."""
        return shifted(recorded, self.alignment) if self.alignment else recorded

    def under(self, sites: int) -> Float[np.ndarray, "site response"] | float:
        """The background at the first so many sites."""
        if not self.background:
            return 0.0
        start, rise = np.array(self.background).T
        return start + rise * np.arange(sites)[:, None]

    def ideal(self, data: Dataset) -> Dataset:
        """The data as a perfect instrument would have recorded them."""
        if self.perfect:
            return data
        response = data.response - self.under(data.sites)
        return replace(data, input=self.input(data.input), response=response)

    def to_json(self) -> dict[str, Any]:
        return {
            "alignment": list(self.alignment),
            "background": [list(each) for each in self.background],
        }

    @classmethod
    def from_json(cls, entry: Any) -> Instrument:
        """Raises `TypeError`, `ValueError` or `KeyError` for anything else."""
        background = [tuple(map(float, each)) for each in entry["background"]]
        if any(len(each) != 2 for each in background):
            raise ValueError("a background has two numbers a response")
        return cls(tuple(map(float, entry["alignment"])), tuple(background))  # type: ignore[arg-type]


def shifted(
    input: Float[np.ndarray, "run site channel"], late: tuple[float, ...]
) -> Float[np.ndarray, "run site channel"]:
    """The input, each channel so many sites late; beyond its ends it stays as it is there.

    Between whole sites it is the mean over a cell.
    """
    moved, sites = np.empty_like(input), np.arange(input.shape[1])
    for channel, by in enumerate(late):
        whole = int(np.floor(by))
        part = by - whole
        values = input[..., channel]
        first, second = (np.clip(sites - whole - k, 0, len(sites) - 1) for k in (0, 1))
        moved[..., channel] = (1 - part) * values[:, first] + part * values[:, second]
    return moved
