"""Held-out runs: what of them is judged, and from what their beginnings are found.

Where all runs start alike, all of a held-out run is judged. Where each has an initial state of its
own, nobody can know that of a new run without looking at it: part of its response is given, the
state is found from that, and only the other part is judged.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import DataError, SettingsError

_LEAST_CONTEXT = 8  # samples


@dataclass(frozen=True)
class Heldout:
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

    def select_runs(self, indices: np.ndarray) -> "Heldout":
        given = None if self.given is None else self.given.select_runs(indices)
        return Heldout(self.judged.select_runs(indices), given)


def hold_back(data: Dataset, initial_state: str, context: int | None = None) -> Heldout:
    """What is given and what is judged of runs whose initial states are of that kind.

    - "shared": nothing is given.
    - "per-run": every other sample of those that were measured.
    - "context": the first `context` samples; by default an eighth of them, and at least 8.

    Raises `SettingsError` for a context that leaves nothing to judge, and `DataError` for a run of
    which nothing was measured on one of the two sides.
    """
    given = given_sites(data, initial_state, context)
    if given.all():
        raise SettingsError(
            f"a context of {context or _LEAST_CONTEXT} samples leaves nothing to predict of runs "
            f"of {data.sites} sites; take fewer"
        )
    return parted(data, given) if given.any() else Heldout(data)


def given_sites(
    data: Dataset, initial_state: str, context: int | None = None
) -> Bool[np.ndarray, "run site"]:
    """Where samples of a new run are given to find its start, as in `hold_back`."""
    return _GIVEN[initial_state](data, context)


def nothing(data: Dataset, context: int | None = None) -> Bool[np.ndarray, "run site"]:
    """No site: runs start alike."""
    del context
    return np.zeros((data.runs, data.sites), bool)


def every_other(data: Dataset, context: int | None = None) -> Bool[np.ndarray, "run site"]:
    """The sites of every other sample of those that were measured, the first among them."""
    del context
    return np.cumsum(data.observed.any(axis=2), axis=1) % 2 == 1


def first_ones(data: Dataset, context: int | None = None) -> Bool[np.ndarray, "run site"]:
    """The first `context` sites; by default an eighth of them, and at least 8."""
    count = context or max(_LEAST_CONTEXT, data.sites // 8)
    return np.broadcast_to(np.arange(data.sites) < count, (data.runs, data.sites))


_GIVEN = {"shared": nothing, "per-run": every_other, "context": first_ones}


def parted(data: Dataset, given: Bool[np.ndarray, "run site"]) -> Heldout:
    """The runs with these sites given and the others judged.

    Raises `DataError` for a run of which nothing was measured on one of the two sides.
    """
    seen = data.observed.any(axis=2)
    for part, what in ((given, "to find where it starts"), (~given, "left to judge by")):
        empty = ~(seen & part).any(axis=1)
        if empty.any():
            raise DataError(f"run {int(np.argmax(empty))} has no sample {what}; drop it")
    return Heldout(measured_at(data, ~given), measured_at(data, given))


def measured_at(data: Dataset, sites: Bool[np.ndarray, "run site"]) -> Dataset:
    """The data with the samples of these sites alone; the others are missing."""
    response = np.where(sites[..., None], data.response, np.nan)
    return replace(data, response=response, allow_missing=True)
