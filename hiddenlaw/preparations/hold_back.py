"""What of held-out runs is judged, and what is given so that their own numbers can be found."""

import numpy as np
from jaxtyping import Bool

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.describe import run_name
from hiddenlaw.data.heldout import Heldout, measured_at
from hiddenlaw.errors import DataError, SettingsError
from hiddenlaw.preparations._base import AbstractPreparation, every_other
from hiddenlaw.preparations.context import LEAST_CONTEXT


def hold_back(
    data: Dataset, kind: type[AbstractPreparation], context: int | None = None
) -> Heldout:
    """The samples of `data` that are judged and those that are given, for that preparation.

    Raises `SettingsError` for a context that leaves nothing to judge, and `DataError` for a run of
    which nothing was measured on one of the two sides.
    """
    if not kind.per_run:
        return Heldout(data)
    shown = kind.given(data, context)
    if shown.all():
        raise SettingsError(
            f"a context of {context or LEAST_CONTEXT} samples leaves nothing to predict of runs "
            f"of {data.sites} sites; take fewer"
        )
    return _parted(data, shown)


def between(runs: Heldout) -> Heldout:
    """The same runs, every other sample given and those between judged.

    Raises `DataError` for a run of one sample.
    """
    return _parted(runs.whole, every_other(runs.whole))


def _parted(data: Dataset, shown: Bool[np.ndarray, "run site"]) -> Heldout:
    """What is `shown` of these runs is given, and the rest judged."""
    seen = data.observed.any(axis=2)
    for part, what in ((shown, "to find where it starts"), (~shown, "left to judge by")):
        empty = ~(seen & part).any(axis=1)
        if empty.any():
            raise DataError(
                f"{run_name(data, int(np.argmax(empty)))} has no sample {what}; drop it"
            )
    return Heldout(measured_at(data, ~shown), measured_at(data, shown))
