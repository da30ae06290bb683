"""Parts of a dataset in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float64


def with_unit(name: str, units: Mapping[str, str]) -> str:
    """A name with its unit, if it has one: `V [nK]`."""
    return f"{name} [{units[name]}]" if name in units else name


def counted(number: int, what: str) -> str:
    """`1 run`, `3 runs`."""
    return f"1 {what}" if number == 1 else f"{number} {what}s"


def in_ranges(
    names: Sequence[str], ranges: Float64[np.ndarray, "channel 2"], units: Mapping[str, str]
) -> str:
    """`V [nK] from -1 to 3, u from 0 to 1`: the channels with their lowest and highest values."""
    return ", ".join(
        f"{with_unit(name, units)} from {low:.4g} to {high:.4g}"
        for name, (low, high) in zip(names, ranges, strict=True)
    )


def of_variances(
    names: Sequence[str], variances: Float64[np.ndarray, " channel"], units: Mapping[str, str]
) -> str:
    """`rho of variance 0.2`: the channels with their variances."""
    return ", ".join(
        f"{with_unit(name, units)} of variance {variance:.4g}"
        for name, variance in zip(names, variances, strict=True)
    )
