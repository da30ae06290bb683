"""Which runs train and which are held out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

from hiddenlaw.errors import DataError, SettingsError

RUNS_FOR_DISCOVERY = 4
"""How many runs a discovery needs, so that some can be held out."""


def parts_of(
    runs: int, held_out_fraction: float, seed: int, kept_back: Sequence[int] = ()
) -> tuple[Int[np.ndarray, " train"], Int[np.ndarray, " heldout"]]:
    """Numbers of the runs of either part, drawn at random; each gets at least one run.

    Where some are to be `kept_back` these are the held-out part.

    Raises `SettingsError` for a fraction outside (0, 1) and `DataError` for a single run.
    """
    if len(kept_back) and len(kept_back) < runs:
        held = np.isin(np.arange(runs), kept_back)
        return np.flatnonzero(~held), np.flatnonzero(held)
    if not 0 < held_out_fraction < 1:
        raise SettingsError(
            f"held_out_fraction is {held_out_fraction:g}; it must lie between 0 and 1"
        )
    if runs < 2:
        raise DataError("the data hold 1 run, so none can be held out; bring at least 2")
    held_out = min(max(1, round(held_out_fraction * runs)), runs - 1)
    order = np.random.default_rng(seed).permutation(runs)
    return np.sort(order[held_out:]), np.sort(order[:held_out])
