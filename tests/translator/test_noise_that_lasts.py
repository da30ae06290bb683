"""Between samples that are given noise that lasts is interpolated; ahead of them it is not."""

import numpy as np
import pytest
from scipy.signal import lfilter

import hiddenlaw as hl
from hiddenlaw.preparations import Own, Shared
from hiddenlaw.settings import Settings
from hiddenlaw.systems import Schroedinger
from hiddenlaw.training.progress import Silent
from hiddenlaw.translator.translation import translate

pytestmark = pytest.mark.slow

LASTS = 0.7  # of the sample before
CHOSEN = Settings(max_dimension=2, translator_seeds=2)


def recorded(seed, share):
    """Densities from starts of their own, and noise, which is all where the share is 1."""
    clean = Schroedinger().simulate(runs=80, sites=48, seed=seed, preparation="random")
    shape = clean.response.shape
    white = np.random.default_rng((seed, 8)).normal(size=(shape[0], 100 + shape[1], 1))
    noise = lfilter([np.sqrt(1 - LASTS**2)], [1, -LASTS], white, axis=1)[:, 100:]
    rho = clean.response * (share < 1) + share * clean.response.std() * noise
    return hl.Dataset.from_arrays(clean.input, rho, dx=clean.dx)


@pytest.mark.parametrize("seed", range(2))
def test_noise_alone_has_no_start_of_its_own(seed):
    found = translate(recorded(seed, 1.0), CHOSEN, Silent())
    assert found.kind is Shared
    assert found.fit.heldout_error > 0.9


@pytest.mark.parametrize("seed", range(2))
def test_a_wave_in_it_starts_where_each_run_says_and_by_few_variables(seed):
    """Three are as many as it takes: more of them interpolate, and run away ahead of it."""
    found = translate(recorded(seed, 0.1), CHOSEN, Silent())
    assert found.kind is Own
    assert found.fit.law.dimension == 3
    assert found.fit.heldout_error < 0.03
