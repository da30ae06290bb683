"""Gauss's collocation, of order 6: nodes, weights and stages."""

from __future__ import annotations

import numpy as np

from hiddenlaw.systems._base import Array

STAGES = 3


def gauss(stages: int) -> tuple[Array, Array, Array]:
    """Nodes c, weights b and matrix a of Gauss's collocation on (0, 1)."""
    nodes, weights = np.polynomial.legendre.leggauss(stages)
    nodes, weights = (nodes + 1) / 2, weights / 2
    powers = np.arange(1, stages + 1)
    # Exact for all polynomials of lower degree: Σ_j a_ij c_j^(k-1) = c_i^k / k.
    matrix = np.linalg.solve(
        (nodes[:, np.newaxis] ** (powers - 1)).T, (nodes[:, np.newaxis] ** powers / powers).T
    ).T
    return nodes, weights, matrix
