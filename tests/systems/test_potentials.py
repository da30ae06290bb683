"""Every family of potentials keeps to its range and fills it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hiddenlaw.systems.potentials import POTENTIALS

FAMILIES = pytest.mark.parametrize("family", POTENTIALS.values(), ids=POTENTIALS.keys())


@FAMILIES
@given(
    seed=st.integers(0, 2**32),
    runs=st.integers(1, 5),
    sites=st.integers(2, 80),
    dx=st.floats(1e-3, 1e3),
    low=st.floats(-100, 100),
    width=st.floats(1e-3, 100),
)
def test_no_potential_leaves_its_range(family, seed, runs, sites, dx, low, width):
    x = dx * np.arange(1, sites + 1)
    potential = family(np.random.default_rng(seed), runs, x, low, low + width)
    assert potential.shape == (runs, sites)
    assert potential.min() >= low
    assert potential.max() <= low + width


@FAMILIES
def test_together_the_runs_fill_the_range_and_no_two_are_alike(family):
    x = 0.2 * np.arange(1, 65)
    potential = family(np.random.default_rng(0), 300, x, -6.0, -0.5)
    counts, _ = np.histogram(potential, bins=20, range=(-6.0, -0.5))
    assert counts.min() > 0.002 * potential.size
    assert len(np.unique(potential, axis=0)) == 300


def test_the_fourier_family_is_smooth_and_rich():
    """No step between sites exceeds a third of a run's span; 300 runs span all 64 sites' space."""
    x = 0.2 * np.arange(1, 65)
    potential = POTENTIALS["fourier"](np.random.default_rng(0), 300, x, 0.0, 1.0)
    steps = np.abs(np.diff(potential, axis=1)).max(axis=1)
    assert (steps < np.ptp(potential, axis=1) / 3).all()
    singular = np.linalg.svd(potential - potential.mean(axis=0), compute_uv=False)
    assert (singular > 1e-2 * singular[0]).sum() >= 8
