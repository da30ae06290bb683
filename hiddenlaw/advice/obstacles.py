"""All that keeps a law from being sought in some data, where one line gives the first alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hiddenlaw.data.checks import SITES_FOR_DISCOVERY
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.discoverable import RUNS_FOR_DISCOVERY, check_discoverable
from hiddenlaw.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator


def obstacles(dataset: Dataset) -> list[DataError]:
    """What `check_discoverable` says of the data, of as many runs, and of each channel alone."""
    found: dict[str, DataError] = {}
    for part in _parts(dataset):
        try:
            check_discoverable(part)
        except DataError as problem:
            found.setdefault(str(problem), problem)
    return list(found.values())


def _parts(dataset: Dataset) -> Iterator[Dataset]:
    """The data as they are, then repeated until runs, and sites, are enough, channel by channel.

    What is repeated is neither more nor less constant than before.
    """
    runs, sites = (-(-RUNS_FOR_DISCOVERY // dataset.runs), -(-SITES_FOR_DISCOVERY // dataset.sites))
    yield dataset
    yield _repeated(dataset.input, dataset.response, (runs, 1, 1))
    varied = np.zeros((dataset.runs, dataset.sites, 1))
    varied[:, 1::2] = 1
    often = (runs, sites, 1)
    for channel, name in enumerate(dataset.input_names):
        yield _repeated(dataset.input[:, :, [channel]], varied, often, (name, f"{name}_"))
    for channel, name in enumerate(dataset.response_names):
        yield _repeated(varied, dataset.response[:, :, [channel]], often, (f"{name}_", name))


def _repeated(
    input: np.ndarray,
    response: np.ndarray,
    often: tuple[int, int, int],
    names: tuple[str | None, str | None] = (None, None),
) -> Dataset:
    return Dataset.from_arrays(
        np.tile(input, often),
        np.tile(response, often),
        input_names=names[0],
        response_names=names[1],
        allow_missing=True,
    )
