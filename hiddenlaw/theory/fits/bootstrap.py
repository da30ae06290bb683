"""Bootstrap over runs: the refit again, on runs drawn with replacement.

Nothing is presumed about the noise but that runs are independent: it may be larger where the
response is, or last from site to site. Every resample starts from the fit, so that a few steps of
Levenberg–Marquardt do. Efron and Tibshirani, An Introduction to the Bootstrap (1993), ch. 6 and 13.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from hiddenlaw.law import Shown
from hiddenlaw.parameters import flat
from hiddenlaw.theory.fits.refit import Fitted, solve

_STEPS = 6


def bootstrap_covariance(
    fit: Fitted, shown: Shown, count: int, seed: int
) -> Float[np.ndarray, "q q"]:
    """Covariance of the refitted shared numbers over `count` resamples of the runs."""
    owner = np.arange(shown.runs) if shown.owner is None else shown.owner
    runs = int(owner.max()) + 1
    rng = np.random.default_rng((seed, 95))
    samples = []
    for drawn in rng.multinomial(runs, np.full(runs, 1 / runs), size=count):
        weight = shown.weight * drawn[owner][None, :, None]
        law, loss, _ = solve(fit.law, fit.free, replace(shown, weight=weight), _STEPS)
        if np.isfinite(loss):
            samples.append(flat(law)[fit.dense])
    return np.cov(np.array(samples).T)


def quantile(runs: int) -> float:
    """How many bootstrap standard errors make a two-sided 95 % interval."""
    from scipy.special import stdtrit

    return float(stdtrit(max(runs - 1, 1), 0.975))
