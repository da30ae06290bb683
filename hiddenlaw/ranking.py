"""Rival theories side by side: errors on held-out runs, and who is the most parsimonious."""

import numpy as np

from hiddenlaw.dataset import Dataset
from hiddenlaw.misfit import relative_error, run_errors
from hiddenlaw.theory.theory import Theory


def attach_errors(theory: Theory, heldout: Dataset) -> None:
    """Put the held-out errors into the theory's record."""
    answer = theory.predict(heldout.input)
    own = run_errors(answer, heldout)
    theory.record["heldout_error"] = relative_error(answer, heldout)
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
