"""Without a search: what weak products of input and state explain of what a driven law leaves."""

from __future__ import annotations

import numpy as np
import pytest
from test_families import DX, families, moved

import hiddenlaw as hl
from hiddenlaw.families import multiplied, polynomial
from hiddenlaw.families.weak_terms import explained_by_products

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("noise", "share"), [(0.3, 1 / 1.09), (1.5, 1 / 3.25)])
def test_it_is_what_the_misfit_has_of_all_that_is_left(noise, share, monkeypatch):
    """Misfit of a law without its product, and noise of so many times its size."""
    u, y = moved(0.15)
    misfit = (y - moved(0.0)[1]).std()
    seen = y + noise * misfit * np.random.default_rng(3).normal(size=y.shape)
    told = []

    def asked(theory, translation):
        told.append(explained_by_products(theory, translation))
        return 0.0  # so that no richer law is sought

    monkeypatch.setattr(multiplied, "explained_by_products", asked)
    monkeypatch.setattr(polynomial, "explained_by_powers", lambda *_: 0.0)
    quick = {"initial_state": "shared", "seeds": 1, "translator_seeds": 1, "max_dimension": 2}
    found = hl.discover(u, seen, dx=DX, **quick)
    assert told[0] == pytest.approx(share, abs=0.2)
    reason = families(found)["multiplied"]["reason"]
    assert reason.startswith("not tried: of the")
    assert "a richer one has to explain half" in reason


def test_noise_that_lasts_asks_for_no_richer_law():
    """It remembers itself, and no product of input and state says anything of it."""
    u, y = moved(0.0)
    rng, noise = np.random.default_rng(4), np.zeros(y.shape[0])
    for site in range(y.shape[1]):
        noise = 0.8 * noise + 0.6 * rng.normal(size=len(noise))
        y[:, site] += 0.05 * y.std() * noise
    found = hl.discover(u, y, dx=DX, initial_state="shared", seeds=1, max_dimension=3)
    assert families(found)["driven"]["selected"]
    assert families(found)["driven"]["dimension"] == 2
    assert families(found)["multiplied"]["heldout_error"] is None
