"""Over long runs spare variables would grow: what is exact early stays exact."""

import pytest

from hiddenlaw.data.heldout import Heldout
from hiddenlaw.systems import Schroedinger
from hiddenlaw.translator.search import train_translator

SITES = 400


@pytest.mark.parametrize("seed", [0, 1])
def test_a_law_is_exact_to_rounding_over_long_runs(seed):
    """Densities grow by orders of magnitude on the way, and rounding with them."""
    data = Schroedinger().simulate(runs=40, sites=SITES, dx=0.2, seed=seed)
    train, kept_back = data.split(0.25, 0)
    fit = train_translator(train, Heldout(kept_back, None), hidden=6, seeds=3, seed=0)
    assert fit.heldout_error < 1e-20
