"""Bootstrap over runs: the refit again, on runs drawn with replacement.

Nothing is presumed about the noise but that runs are independent: it may be larger where the
response is, or last from site to site. Every resample starts from the fit, so that a few steps of
Levenberg–Marquardt do. Efron and Tibshirani, An Introduction to the Bootstrap (1993), ch. 6 and 13.
"""

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Float
from scipy.stats import t

from hiddenlaw._typing import AnyArray
from hiddenlaw.theory.fits.refit import CanonicalFit, minimise
from hiddenlaw.training.recurrent import Recurrent, Sequences

_STEPS = 6


def bootstrap_covariance(
    fit: CanonicalFit, sequences: Sequences, count: int, seed: int
) -> Float[np.ndarray, "p p"]:
    """Covariance of the refitted parameters over `count` resamples of the runs."""
    runs = sequences.weight.shape[-1]
    rng = np.random.default_rng((seed, 95))
    counts = rng.multinomial(runs, np.full(runs, 1 / runs), size=count).astype(float)
    samples = np.asarray(_resample(fit.model, fit.free.astype(float), sequences, counts))
    good = np.isfinite(samples).all(axis=1)
    return np.cov(samples[good].T)


def quantile(runs: int) -> float:
    """How many bootstrap standard errors make a two-sided 95 % interval."""
    return float(t.ppf(0.975, max(runs - 1, 1)))


@eqx.filter_jit
def _resample(
    model: Recurrent,
    free: Float[AnyArray, " p"],
    sequences: Sequences,
    counts: Float[AnyArray, "resample run"],
):
    def one(count):
        drawn = eqx.tree_at(lambda s: s.weight, sequences, sequences.weight * count)
        return minimise(model, free, drawn, _STEPS)

    return jax.lax.map(one, counts)
