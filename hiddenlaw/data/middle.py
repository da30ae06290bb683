"""Inputs and responses that stay far from zero, counted from their means.

A temperature in kelvin or a pressure in hectopascal hardly differs from a constant: beside it what
a law says of its ups and downs is small, and a fit cannot tell a gain from an offset. Counted from
the means both are plain.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.holds import Span

_FAR = 3.0  # standard deviations of a channel: from there on it counts as far from zero


@dataclass(frozen=True)
class Middle:
    """From where each input and each response counts, in their units; 0 for those near zero."""

    input: Float[np.ndarray, " input_channel"]
    response: Float[np.ndarray, " response_channel"]

    def taken_off(self, data: Dataset) -> Dataset:
        """The same runs, counted from here."""
        return replace(data, input=data.input - self.input, response=data.response - self.response)

    def put_back(self, data: Dataset) -> Dataset:
        """The inverse of `taken_off`, to rounding."""
        return replace(data, input=data.input + self.input, response=data.response + self.response)

    def span(self, span: Span) -> Span:
        """The inputs that were `span` when counted from here, counted from zero."""
        low, high = (np.asarray(limit) + self.input for limit in (span.low, span.high))
        return span._replace(low=tuple(low.tolist()), high=tuple(high.tolist()))


def middle_of(data: Dataset) -> Middle | None:
    """The means of channels that are far from zero; None where there is no such channel."""
    seen = np.any(data.observed, axis=2)
    middles = [_far(channel[seen]) for channel in (data.input, data.response)]
    if not any(middle.any() for middle in middles):
        return None
    return Middle(*middles)


def _far(samples: Float[np.ndarray, "sample channel"]) -> Float[np.ndarray, " channel"]:
    mean, spread = np.nanmean(samples, axis=0), np.nanstd(samples, axis=0)
    return np.where((np.abs(mean) > _FAR * spread) & (spread > 0), mean, 0.0)
