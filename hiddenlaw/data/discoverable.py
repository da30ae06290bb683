"""What data need beyond being well formed before a law can be sought in them."""

from __future__ import annotations

import numpy as np

from hiddenlaw.data.checks import SITES_FOR_DISCOVERY
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.describe import counted
from hiddenlaw.data.parts import RUNS_FOR_DISCOVERY
from hiddenlaw.data.records import is_record
from hiddenlaw.data.thresholds import ROUNDING
from hiddenlaw.errors import DataError


def check_discoverable(dataset: Dataset) -> None:
    """Raise `DataError` unless a law can be sought in these data.

    Needed: 4 runs, so that some can be held out, or a record of 128 samples; 8 sites; and no
    channel that is constant.
    """
    if dataset.runs < RUNS_FOR_DISCOVERY and not is_record(dataset):
        raise DataError(
            f"the data hold {counted(dataset.runs, 'run')}; discovery needs at least "
            f"{RUNS_FOR_DISCOVERY}, so that some can be held out, or records of 128 samples: "
            "measure more"
        )
    if dataset.sites < SITES_FOR_DISCOVERY:
        raise DataError(
            f"the data have {dataset.sites} sites a run; discovery needs at least "
            f"{SITES_FOR_DISCOVERY}: measure longer runs"
        )
    for kind, names, values, remedy in (
        ("input", dataset.input_names, dataset.input, "vary it, or leave the channel out"),
        (
            "response",
            dataset.response_names,
            dataset.response,
            "it answers to nothing; leave it out",
        ),
    ):
        for channel, name in enumerate(names):
            column = values[:, :, channel]
            low, high = np.nanmin(column), np.nanmax(column)
            if high - low <= ROUNDING * max(abs(low), abs(high)):
                raise DataError(f"{kind} {name} is constant ({low:g}); {remedy}")
