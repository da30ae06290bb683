"""Frequency responses of a driven law, with the errors of its coefficients and its dead times."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Complex, Float
from numpy.typing import ArrayLike

from hiddenlaw.data.described import Described, Rows
from hiddenlaw.theory.equations.intervals import NORMAL
from hiddenlaw.theory.equations.naming import with_error
from hiddenlaw.theory.readings.responses import Labels, increasing, late_of, state_space_of
from hiddenlaw.theory.readings.state_space import StateSpace
from hiddenlaw.theory.theory import Theory

_SAMPLES = 300
_BELOW = 30.0  # by how much the lowest frequency is below all poles
_DECADES = 1e5  # at most, below that of Nyquist
_PEAK = np.linspace(-8, 8, 49)  # half widths of a resonance


@dataclass(frozen=True, repr=False)
class FrequencyResponse(Described):
    """How each response answers a slow or fast sine of each input, once it has settled.

    - `omega` (frequency,): radians per unit of x; over 2π, in hertz where x is in seconds.
    - `values` (frequency, response, input): amplitude and phase as complex numbers, in the
      response's unit over the input's.
    - `phase`, `phase_stderr`: in degrees, continuous from frequency to frequency.
    - `log_stderr`: of ln |values|. Standard errors are NaN where the covariance of the law's
      numbers is not known.
    - `labels`: names and units.
    """

    omega: Float[np.ndarray, " frequency"]
    values: Complex[np.ndarray, "frequency response input"]
    phase: Float[np.ndarray, "frequency response input"]
    log_stderr: Float[np.ndarray, "frequency response input"]
    phase_stderr: Float[np.ndarray, "frequency response input"]
    labels: Labels = field(default_factory=Labels)

    def _said(self) -> tuple[str, Rows]:
        told, size = self.labels, self.magnitude
        rate = f"rad/{told.unit_of_x}" if told.unit_of_x else "rad per unit of x"
        low, high = (with_error(float(self.omega[k]), None) for k in (0, -1))
        rows = []
        for response, channel in np.ndindex(size.shape[1:]):
            along, of = size[:, response, channel], told.unit(response, channel)
            error = float(along[0] * self.log_stderr[0, response, channel])
            slow, most = with_error(float(along[0]), error, of), int(np.argmax(along))
            peak, at = with_error(float(along[most]), None, of), f"{self.omega[most]:.4g} {rate}"
            rows.append((told.pair(response, channel), f"{slow} at {low}; largest {peak}, at {at}"))
        return f"FrequencyResponse(from {low} to {high} {rate})", rows

    @property
    def magnitude(self) -> Float[np.ndarray, "frequency response input"]:
        """|values|: the response's unit over the input's."""
        return np.abs(self.values)

    @property
    def magnitude_ci95(self) -> tuple[np.ndarray, np.ndarray]:
        """The lower and upper end of the 95 % interval of the magnitude."""
        factor = np.exp(NORMAL * self.log_stderr)
        return self.magnitude / factor, self.magnitude * factor

    @property
    def phase_ci95(self) -> tuple[np.ndarray, np.ndarray]:
        """The lower and upper end of the 95 % interval of the phase, in degrees."""
        reach = NORMAL * self.phase_stderr
        return self.phase - reach, self.phase + reach


def frequency_response(theory: Theory, omega: ArrayLike | None = None) -> FrequencyResponse:
    """The frequency responses C (iω − A)⁻¹ B e^(−iωτ) of a driven theory.

    `omega` (frequency,) in radians per unit of x, in increasing order; by default from well below
    all poles to π/dx, the highest that samples can tell (Nyquist's). Errors follow from the
    covariance of the coefficients and the errors of the dead times, by the delta method.

    Raises `LawError` for a law that is not driven, `DataError` for an `omega` that is not
    increasing.
    """
    space, (late, late_errors) = state_space_of(theory), late_of(theory)
    along = increasing(_usual(space) / theory.dx if omega is None else omega, "omega")
    turns = along * theory.dx
    plain, slopes = _without_delay(space, turns)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = slopes / plain
    turned = turns[:, None, None]
    phase = np.unwrap(np.angle(plain), axis=0) - turned * late
    late_part = turned * late_errors
    return FrequencyResponse(
        along,
        plain * np.exp(-1j * turned * late),
        np.degrees(phase),
        space.stderr(relative.real),
        np.degrees(np.hypot(space.stderr(relative.imag), late_part)),
        Labels.of(theory),
    )


def _usual(space: StateSpace) -> Float[np.ndarray, " frequency"]:
    """Radians a sample, evenly on a logarithmic scale and more closely about resonances."""
    poles = np.linalg.eigvals(space.matrix)
    slow = np.abs(poles)[np.abs(poles) > np.pi / _DECADES].min(initial=np.pi / 3)
    lowest = max(slow / _BELOW, np.pi / _DECADES)
    peaks = [abs(pole.imag) + abs(pole.real) * _PEAK for pole in poles if pole.imag > 0]
    every = np.concatenate([np.geomspace(lowest, np.pi, _SAMPLES), *peaks])
    return np.unique(every[(every >= lowest) & (every <= np.pi)])


def _without_delay(
    space: StateSpace, turns: Float[np.ndarray, " frequency"]
) -> tuple[np.ndarray, np.ndarray]:
    """C (iω − A)⁻¹ B, (frequency, response, input), and its slopes by the law's numbers."""
    shifted = 1j * turns[:, None, None] * np.eye(space.dimension) - space.matrix
    inverse = _inverses(shifted)
    pushed, seen = inverse @ space.push, space.read @ inverse
    slopes = (
        space.read_slopes[:, None] @ pushed
        + seen @ space.matrix_slopes[:, None] @ pushed
        + seen @ space.push_slopes[:, None]
    )
    return space.read @ pushed, slopes


def _inverses(matrices: Complex[np.ndarray, "n d d"]) -> Complex[np.ndarray, "n d d"]:
    """Of each; NaN where there is none, at a pole itself."""
    try:
        return np.linalg.inv(matrices)
    except np.linalg.LinAlgError:
        singular = np.linalg.cond(matrices) > 1 / np.finfo(float).eps
        found = np.full_like(matrices, np.nan)
        found[~singular] = np.linalg.inv(matrices[~singular])
        return found
