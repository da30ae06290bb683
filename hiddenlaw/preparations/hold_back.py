"""What of held-out runs is judged, and what is given so that their own numbers can be found."""

from dataclasses import replace

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.describe import run_name
from hiddenlaw.data.heldout import Heldout, measured_at
from hiddenlaw.errors import DataError, SettingsError
from hiddenlaw.preparations._base import AbstractPreparation
from hiddenlaw.preparations.context import LEAST_CONTEXT, Context


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
    seen = data.observed.any(axis=2)
    for part, what in ((shown, "to find where it starts"), (~shown, "left to judge by")):
        empty = ~(seen & part).any(axis=1)
        if empty.any():
            raise DataError(
                f"{run_name(data, int(np.argmax(empty)))} has no sample {what}; drop it"
            )
    return Heldout(measured_at(data, ~shown), measured_at(data, shown))


def ahead(runs: Heldout) -> Heldout | None:
    """The same runs, the first half of each given and the second judged.

    Between samples that are given noise that lasts is interpolated, and so is anything, by a law
    without its input. None where all that is judged comes after what is given anyway, or a half has
    no sample.
    """
    whole = runs.judged
    if runs.given is not None:
        given, judged = (part.observed.any(axis=(0, 2)) for part in (runs.given, runs.judged))
        if np.flatnonzero(given).max(initial=-1) < np.argmax(judged):
            return None
        response = np.where(runs.given.observed, runs.given.response, whole.response)
        whole = replace(whole, response=response)
    try:
        return hold_back(whole, Context, whole.sites // 2)
    except DataError:
        return None
