"""Noise that lasts from sample to sample, for the benchmarks that try it."""

from __future__ import annotations

import numpy as np


def lasting_noise(rng: np.random.Generator, shape: tuple[int, ...], memory: float) -> np.ndarray:
    """Noise of variance 1 along the second axis.

    Each sample remembers the share `memory` of the one before: an autoregression of first order.
    """
    noise = rng.normal(size=shape)
    for sample in range(1, shape[1]):
        noise[:, sample] = memory * noise[:, sample - 1] + np.sqrt(1 - memory**2) * noise[:, sample]
    return noise
