"""Born's rule, read off a free refit before any basis is chosen."""

import numpy as np
from jaxtyping import Float

from hiddenlaw.readouts import Quadratic
from hiddenlaw.theory.invariants import BornRule


def born_rule(readout: Quadratic, states: Float[np.ndarray, "sample d"], spread: float) -> BornRule:
    """Eigenvalues and spare terms of the first response's form over the `states` of the data.

    `spread` is the standard deviation of the response, over the scale of the law.
    """
    constant, linear, form = readout.form(0)
    moment = np.linalg.cholesky(np.cov(states.T, bias=True) + np.outer(m := states.mean(0), m))
    values = np.sort(np.abs(np.linalg.eigvalsh(moment.T @ form @ moment)))[::-1]
    return BornRule(
        float(values[1] / values[0]) if len(values) > 1 else 0.0,
        abs(constant) / spread,
        float(np.sqrt(np.mean((states @ linear) ** 2))) / spread,
    )
