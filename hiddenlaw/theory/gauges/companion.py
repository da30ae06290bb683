"""Fixing the basis: from a law up to g → S g to the canonical basis of its readout.

A linear law g′ = (A + B V + …) g read out along a covector c has the canonical basis
z = (c g, cA g, cA² g, …), the observability basis: there A is a companion matrix. If c B = 0 the
second variable is the derivative of the first, and so on. With a quadratic readout gᵀQg the
covector is the root of Q, which must be of rank one: Q = ±c cᵀ makes ψ = c g. The scale of ψ is
convention.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.linalg import logm

from hiddenlaw.cells import AbstractGeneratorCell, AbstractLinearCell, Monomials
from hiddenlaw.holds._base import Span
from hiddenlaw.readouts.quadratic import quadratic_form

_SINGULAR = 1e-8


@dataclass(frozen=True)
class BornRule:
    """The readout's quadratic form as found, before any gauge is fixed.

    - `eigenvalue_ratio`: second over first eigenvalue, in the basis in which the latent variables
      have unit mean square; 0 when the density is the square of one real variable.
    - `constant`, `linear`: what the other terms contribute (root mean square), over the standard
      deviation of the response.
    """

    eigenvalue_ratio: float
    constant: float
    linear: float


@dataclass(frozen=True)
class Canonical:
    """A gauge: z = `transform` g; `sign` of the quadratic form (1 for a linear readout)."""

    transform: Float[np.ndarray, "d d"]
    sign: float

    def matrices(self, matrices: Float[np.ndarray, "term d d"]) -> Float[np.ndarray, "term d d"]:
        """The law's matrices in this basis."""
        return self.transform @ matrices @ np.linalg.inv(self.transform)


def born_rule(
    weights: Float[np.ndarray, " feature"], states: Float[np.ndarray, "sample d"], spread: float
) -> BornRule:
    """Eigenvalues and spare terms of a quadratic readout over the `states` of the data.

    `spread` is the standard deviation of the response in the units of `weights`.
    """
    constant, linear, form = quadratic_form(weights, states.shape[1])
    moment = np.linalg.cholesky(np.cov(states.T, bias=True) + np.outer(m := states.mean(0), m))
    values = np.sort(np.abs(np.linalg.eigvalsh(moment.T @ form @ moment)))[::-1]
    return BornRule(
        float(values[1] / values[0]) if len(values) > 1 else 0.0,
        abs(constant) / spread,
        float(np.sqrt(np.mean((states @ linear) ** 2))) / spread,
    )


def covector(
    readout: str, weights: Float[np.ndarray, " feature"], dimension: int
) -> tuple[Float[np.ndarray, " d"], float]:
    """The direction c in which the response reads the state, and the sign of a quadratic form."""
    if readout == "linear":
        return weights, 1.0
    values, vectors = np.linalg.eigh(quadratic_form(weights, dimension)[2])
    largest = int(np.argmax(np.abs(values)))
    return vectors[:, largest] * np.sqrt(abs(values[largest])), float(np.sign(values[largest]))


def canonical(
    matrices: Float[np.ndarray, "term d d"],
    c: Float[np.ndarray, " d"],
    sign: float,
    last: Float[np.ndarray, " d"] | None = None,
) -> Canonical | None:
    """The observability basis of c under A = `matrices[0]`; None where A does not reach it all.

    `last`, if given, takes the place of its last vector.
    """
    if not (np.isfinite(c).all() and np.isfinite(matrices).all()):
        return None
    rows = [c]
    for _ in range(matrices.shape[1] - 1):
        rows.append(rows[-1] @ matrices[0])
    if last is not None:
        rows[-1] = last
    transform = np.stack(rows)
    scaled = transform / (np.linalg.norm(transform, axis=1, keepdims=True) + 1e-300)
    if not np.all(np.isfinite(transform)) or np.linalg.svd(scaled)[1][-1] < _SINGULAR:
        return None
    return Canonical(transform, sign)


def generators_of(
    cell: AbstractLinearCell, monomials: Monomials, span: Span
) -> Float[np.ndarray, "term d d"]:
    """The cell's law as generators per site over `monomials`, whatever the cell.

    A generator cell has them; of any other linear cell the logarithm of the update matrix is taken
    on a grid of inputs and fitted with the monomials up to the first degree.
    """
    count = len(monomials.exponents)
    d = cell.dimension
    low, high = np.asarray(span.low), np.asarray(span.high)
    if isinstance(cell, AbstractGeneratorCell):
        own = dict(zip(*cell.generators(1.0), strict=True))
        raw = np.stack([own.get(e, np.zeros((d, d))) for e in monomials.exponents])
        scale = np.array([np.prod(np.power(monomials.scale, e)) for e in monomials.exponents])
        return raw * scale[:, None, None]
    nodes = np.cos((2 * np.arange(24) + 1) * np.pi / 48)
    grid = np.stack(np.meshgrid(*[nodes] * len(low), indexing="ij"), -1).reshape(-1, len(low))
    inputs = (low + high + (high - low) * grid) / 2
    logs = np.stack([np.real(logm(m)) for m in np.asarray(cell.transition(inputs))])
    features = np.asarray(monomials(inputs))
    linear = np.array([sum(e) <= 1 for e in monomials.exponents])
    fitted = np.linalg.lstsq(features[:, linear], logs.reshape(len(logs), -1), rcond=None)[0]
    result = np.zeros((count, d, d))
    result[linear] = fitted.reshape(-1, d, d)
    return result
