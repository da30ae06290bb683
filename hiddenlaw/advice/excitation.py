"""What one channel of the input excites: its variation, its tones, its persistence.

Persistence of excitation is that of Ljung, System Identification (2nd ed., 1999), § 13.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from hiddenlaw.data.thresholds import SAME

_TONE = 1e-2  # share of the variance that a single tone may leave
_FAINT = 1e-6  # of the largest amplitude: a direction that is not excited
_WINDOW = 16


@dataclass(frozen=True)
class Channel:
    """One channel of the input over all runs.

    - `low`, `high`, `mean`: in the input's unit.
    - `within`: standard deviation about the mean of its run; `between`: that of the runs' means.
    - `wave_numbers` (k,), in cycles per unit of x, and `power` (k,): the share of the variance
      within runs at each, the mean of the runs' periodograms; all zero where nothing varies.
    - `modes`: the effective number of these, (Σp)²/Σp².
    - `order`: order of persistence of excitation: how many directions stretches of up to 16 sites
      take (over a millionth of the largest amplitude), of `window` possible.
    - `tone`: the wavelength, where all runs are one tone of the same wavelength; else None.
    """

    name: str
    low: float
    high: float
    mean: float
    within: float
    between: float
    wave_numbers: Float[np.ndarray, " k"]
    power: Float[np.ndarray, " k"]
    modes: float
    order: int
    window: int
    tone: float | None


def channel_of(name: str, values: Float[np.ndarray, "run site"], dx: float) -> Channel:
    """What the values of one channel excite; `dx` is the step between sites."""
    sites = values.shape[1]
    mean = values.mean(axis=1, keepdims=True)
    varying = values - mean
    if np.ptp(values) <= SAME * np.abs(values).max():
        varying = np.zeros_like(varying)
    varying[np.ptp(values, axis=1) <= SAME * np.ptp(values)] = 0.0  # rounding is no variation
    periodogram = np.mean(np.abs(np.fft.rfft(varying, axis=1)) ** 2, axis=0)
    total = periodogram.sum()
    power = periodogram / total if total else periodogram
    window = min(_WINDOW, sites)
    return Channel(
        name,
        float(values.min()),
        float(values.max()),
        float(values.mean()),
        float(varying.std()),
        float(mean.std()),
        np.fft.rfftfreq(sites, dx),
        power,
        float(1 / (power**2).sum()) if total else 0.0,
        _order(values, window),
        window,
        _tone(varying, dx),
    )


def _order(values: Float[np.ndarray, "run site"], window: int) -> int:
    """The rank of the covariance of all stretches of `window` sites, about the overall mean."""
    spread = np.ptp(values)
    if spread <= SAME * np.abs(values).max():
        return 0
    pieces = np.lib.stride_tricks.sliding_window_view(
        (values - values.mean()) / spread, window, axis=1
    ).reshape(-1, window)
    # Eigenvalues are squares of amplitudes.
    found = np.linalg.eigvalsh(pieces.T @ pieces)
    return int((found > _FAINT**2 * found[-1]).sum())


def _tone(varying: Float[np.ndarray, "run site"], dx: float) -> float | None:
    """The wavelength, if all runs are tones of the same one, whatever amplitude, phase and mean.

    A run must hold a whole wave, or a stretch of a parabola would pass for a tone.
    """
    sites = varying.shape[1]
    variance = float((varying**2).sum())
    if not variance or sites < 8:
        return None
    i = np.arange(sites)

    def left(cycles: float) -> float:
        phase = 2 * np.pi * cycles * i / sites
        basis, _ = np.linalg.qr(np.stack([np.ones(sites), np.cos(phase), np.sin(phase)], axis=1))
        return 1 - float(((varying @ basis) ** 2).sum()) / variance

    peak = int(np.argmax((np.abs(np.fft.rfft(varying, axis=1)) ** 2).sum(axis=0)))
    best = min(np.linspace(max(peak - 1, 1), peak + 1, 41), key=left)
    best = min(np.linspace(max(best - 0.05, 1), best + 0.05, 41), key=left)
    return float(sites * dx / best) if left(best) < _TONE else None
