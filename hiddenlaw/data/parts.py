"""Which runs train and which are held out."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int

from hiddenlaw.errors import DataError, SettingsError


def parts_of(
    runs: int, held_out_fraction: float, seed: int
) -> tuple[Int[np.ndarray, " train"], Int[np.ndarray, " heldout"]]:
    """Numbers of the runs of either part, drawn at random; each gets at least one run.

    Raises `SettingsError` for a fraction outside (0, 1) and `DataError` for a single run.
    """
    if not 0 < held_out_fraction < 1:
        raise SettingsError(
            f"held_out_fraction is {held_out_fraction:g}; it must lie between 0 and 1"
        )
    if runs < 2:
        raise DataError("the data hold 1 run, so none can be held out; bring at least 2")
    held_out = min(max(1, round(held_out_fraction * runs)), runs - 1)
    order = np.random.default_rng(seed).permutation(runs)
    return np.sort(order[held_out:]), np.sort(order[:held_out])
