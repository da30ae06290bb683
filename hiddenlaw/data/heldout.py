"""Held-out runs: what of them is judged, and from what their beginnings are found.

Where all runs start alike, all of a held-out run is judged. Where each has an initial state of its
own, nobody can know that of a new run without looking at it: part of its response is given, the
state is found from that, and only the other part is judged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.described import Described


@dataclass(frozen=True)
class Heldout(Described):
    """Runs with the samples that are judged, and the same runs with those that are given.

    What is not judged is missing in `judged`; `given` is None where all runs start alike.
    """

    judged: Dataset
    given: Dataset | None = None

    @property
    def runs(self) -> int:
        return self.judged.runs

    @property
    def input(self) -> Float[np.ndarray, "run site input_channel"]:
        return self.judged.input

    @property
    def context(self) -> Float[np.ndarray, "run site response_channel"] | None:
        """The given responses, NaN elsewhere."""
        return None if self.given is None else self.given.response

    @property
    def whole(self) -> Dataset:
        """The runs with all of their samples, judged or given."""
        if self.given is None:
            return self.judged
        response = np.where(self.given.observed, self.given.response, self.judged.response)
        return replace(self.judged, response=response)

    def each(self, change: Callable[[Dataset], Dataset]) -> Heldout:
        """The same, with both parts changed alike."""
        return Heldout(change(self.judged), None if self.given is None else change(self.given))

    def select_runs(self, indices: np.ndarray) -> Heldout:
        return self.each(lambda part: part.select_runs(indices))


def measured_at(data: Dataset, sites: Bool[np.ndarray, "run site"]) -> Dataset:
    """The data with the samples of these sites alone; the others are missing."""
    response = np.where(sites[..., None], data.response, np.nan)
    return replace(data, response=response, allow_missing=True)
