"""Rival theories side by side: errors on held-out runs, and who is the most parsimonious."""

import numpy as np

from hiddenlaw.dataset import Dataset
from hiddenlaw.theory.theory import Theory


def run_errors(theory: Theory, data: Dataset) -> tuple[float, np.ndarray]:
    """Mean square error over the pooled variance, and each run's over its own variance."""
    square = (theory.predict(data.input) - data.response) ** 2
    pooled = float(np.mean(square / data.response.var(axis=(0, 1))))
    own = np.maximum(data.response.var(axis=1), 1e-300)
    return pooled, np.mean(square / own[:, None], axis=(1, 2))


def attach_errors(theory: Theory, heldout: Dataset) -> None:
    """Put the held-out errors into the theory's record."""
    pooled, own = run_errors(theory, heldout)
    theory.record["heldout_error"] = pooled
    theory.record["heldout_error_median"] = float(np.median(own))
    theory.record["heldout_error_worst"] = float(np.max(own))


def rank(theories: list[Theory]) -> list[Theory]:
    """Those that predict as well as the best, fewest variables first; then the others.

    As well: held-out error within four times the best, or exact to rounding.
    """
    if not theories:
        return []
    best = min(theory.record["heldout_error"] for theory in theories)

    def key(theory: Theory) -> tuple[bool, int, int, float]:
        error = theory.record["heldout_error"]
        adequate = error <= max(4 * best, 1e-10)
        return (not adequate, theory.dimension, theory.record["parameters"], error)

    ranked = sorted(theories, key=key)
    for place, theory in enumerate(ranked):
        theory.record["rank"] = place
    return ranked
