"""Samples one below the other, as the runs that they are: stretches of equal group.

Groups a a a a b b b a a are three runs: samples 0 to 3, 4 to 6, and 7 and 8.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.checks import SITES_FOR_DISCOVERY
from hiddenlaw.data.columns import columns_of
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.discoverable import check_discoverable
from hiddenlaw.data.parts import RUNS_FOR_DISCOVERY
from hiddenlaw.data.records import in_windows, is_record
from hiddenlaw.errors import DataError, SettingsError
from hiddenlaw.settings import Settings

_GRIDS = ("x", "t", "sample", "sample_number")


def stretches_of(groups: Any, samples: int) -> list[slice]:
    """The runs: where the group stays the same. Without groups all samples are one record.

    Raises `DataError` unless there is one group for every sample.
    """
    if groups is None:
        return [slice(0, samples)]
    labels = np.asarray(groups)
    if labels.shape != (samples,):
        raise DataError(
            f"groups has shape {labels.shape} and there are {samples} samples; give each its group"
        )
    begins = [0, *(np.flatnonzero(labels[1:] != labels[:-1]) + 1).tolist(), samples]
    return [slice(begin, end) for begin, end in pairwise(begins)]


def cut(stretches: Sequence[slice], length: int | None) -> list[slice]:
    """The same in runs of `length` samples, if one is asked for, that end where stretches end.

    What is left over at the beginning of a stretch, less than a run, is left out. Raises
    `SettingsError` for a length below 2, `DataError` where no stretch is so long.
    """
    if length is None:
        return list(stretches)
    if length < 2:
        raise SettingsError(f"run_length is {length}; a run has at least 2 samples")
    found = [
        slice(at, at + length)
        for part in stretches
        for at in range(part.start + (part.stop - part.start) % length, part.stop, length)
    ]
    if not found:
        longest = max(part.stop - part.start for part in stretches)
        raise DataError(
            f"run_length is {length} and the longest stretch has {longest} samples; take a shorter "
            "run_length"
        )
    return found


def dataset_of(
    X: Float[np.ndarray, "sample feature"],
    y: Float[np.ndarray, "sample response"],
    runs: Sequence[slice],
    dx: float | str,
    names: tuple[Sequence[str] | None, Sequence[str] | None],
) -> Dataset:
    """Those runs of features and responses as a dataset.

    `names` are those of the features and of the responses; None where nothing names them. A header
    such as `speed (rpm)` is name and unit. Raises `DataError`.
    """
    heads = [
        *(names[0] or _counted("u", X.shape[1])),
        *(names[1] or _counted("y", y.shape[1])),
    ]
    columns = columns_of(heads)
    symbols = [column.symbol for column in columns]
    return Dataset.from_arrays(
        [X[run] for run in runs],
        [y[run] for run in runs],
        dx=dx,
        input_names=symbols[: X.shape[1]],
        response_names=symbols[X.shape[1] :],
        x_name=next(name for name in _GRIDS if name not in symbols),
        units={column.symbol: column.unit for column in columns if column.unit},
        source="samples",
    )


def shortage(data: Dataset, chosen: Settings) -> str | None:
    """What is lacking to look for a law in so few samples; None where nothing is.

    Raises `DataError` for data that no number of samples would mend, such as a constant channel.
    """
    record = is_record(data)
    few = (data.runs < RUNS_FOR_DISCOVERY and not record) or data.sites < SITES_FOR_DISCOVERY
    try:
        if record:
            in_windows(data, *chosen.of_records)
        elif few:
            check_discoverable(data)
    except DataError as lacking:
        return str(lacking)
    check_discoverable(data)
    return None


def _counted(letter: str, count: int) -> list[str]:
    return [letter] if count == 1 else [f"{letter}{k + 1}" for k in range(count)]
