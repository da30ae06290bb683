"""The logarithm of an update matrix: the rates that make it, in one step."""

from __future__ import annotations

import warnings

import numpy as np
from jaxtyping import Inexact, Shaped


def logarithm(matrix: Shaped[np.ndarray, "d d"]) -> Inexact[np.ndarray, "d d"]:
    """That of SciPy. Fits begin from it, so that an inaccurate one is no matter for a warning."""
    from scipy.linalg import logm

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(logm(matrix))
