"""Error bars: from the Gauss–Newton Hessian at the refit and the residual variance.

cov θ = σ² (JᵀJ)⁻¹ with σ² = |r|² / (N − p); functions of θ by the delta method, ∇fᵀ cov ∇f. Where
residuals are not independent see `hiddenlaw.theory.fits.effective`.
"""

import math

import numpy as np
from jaxtyping import Bool, Float

from hiddenlaw.training.curriculum import ROUNDING

_FLAT = 1e-13  # of the largest curvature: nothing


def covariance(
    matrix: Float[np.ndarray, "p p"],
    loss: float,
    weight: float,
    outputs: int,
    free: np.ndarray,
    known: float | None = None,
    parameters: int | None = None,
    basis: int | None = None,
) -> Float[np.ndarray, "p p"]:
    """Covariance of the parameters; zero rows and columns where they are not free.

    `matrix` is JᵀJ over the total `weight` of the samples, `loss` the mean square residual summed
    over `outputs` and not taken for less than rounding, nor for less than `known`, the variance
    that the errors of the measurement say (in the same units). `parameters` were fitted in all, by
    default those that are free here. For flat directions and `basis` see `inverse_of`.
    """
    free = np.asarray(free, bool)
    samples, count = weight * outputs, free.sum() if parameters is None else parameters
    if not free.any():
        return np.zeros_like(matrix)
    variance = max(loss, ROUNDING) * weight / max(samples - count, 1.0)
    if known is not None:
        variance = max(variance, known / outputs)
    return inverse_of(matrix, free, basis) * variance / weight


def tells(matrix: Float[np.ndarray, "p p"]) -> bool:
    """Whether JᵀJ is made of numbers: of a law that all but overflows it is not."""
    if not np.isfinite(matrix).all():
        return False
    with np.errstate(over="ignore", invalid="ignore"):
        scale = np.sqrt(np.maximum(np.diag(matrix), 1e-300))
        return bool(np.isfinite(matrix / scale[:, None] / scale).all())


def inverse_of(
    matrix: Float[np.ndarray, "p p"], free: Bool[np.ndarray, " p"], basis: int | None = None
) -> Float[np.ndarray, "p p"]:
    """The inverse over the free numbers, zero elsewhere; flat directions are left out.

    Where it is known that so many directions change nothing but the `basis`, others that are flat
    are what the data do not tell: they count as barely seen, and errors along them are huge.
    """
    result = np.zeros_like(matrix)
    kept = matrix[np.ix_(free, free)]
    least = 1e-300 if basis is None else max(_FLAT * np.diag(kept).max(initial=0.0), 1e-300)
    scale = np.sqrt(np.maximum(np.diag(kept), least))
    values, vectors = np.linalg.eigh(kept / scale[:, None] / scale)
    flat = max(_FLAT * values[-1], 1e-100)  # the latter where nothing at all is told
    good = values > flat
    if basis is not None:
        values, good = np.maximum(values, flat), good | (np.arange(len(values)) >= basis)
    inverse = (vectors * np.where(good, 1 / np.where(good, values, 1), 0)) @ vectors.T
    with np.errstate(over="ignore"):  # an infinite error
        result[np.ix_(free, free)] = inverse / scale[:, None] / scale
    return result


def information(loss: float, samples: float, parameters: int, floor: float = ROUNDING) -> float:
    """Bayesian information criterion, N ln σ² + p ln N (Schwarz, Ann. Statist. 6, 461 (1978)).

    `loss` is relative to the variance of the response and is not taken for less than `floor`.
    """
    return samples * np.log(max(loss, floor)) + parameters * np.log(samples)


def multiplicity(kept: int, on_offer: int) -> float:
    """What the choice of `kept` terms out of those `on_offer` costs: 2 ln of how many there are.

    With a dozen terms on offer one of them looks significant by chance too often for the plain
    criterion; this makes it the extended one (Chen and Chen, Biometrika 95, 759 (2008), γ = 1).
    """
    return 2 * math.log(math.comb(on_offer, kept))
