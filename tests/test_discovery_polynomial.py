"""A law that is a polynomial of its state: found, with no other terms, written and read back."""

import numpy as np
import pytest

import hiddenlaw as hl

RATE, CROWDING, PUSH, DX = 1.2, 0.8, 0.5, 0.2


def grown(runs=16, sites=16):
    """y' = r y - b y² + k u = b (y - low)(high - y), u constant over cells.

    There the ratio of the two factors grows at the rate b (high - low).
    """
    u = np.random.default_rng(0).uniform(-0.2, 1.0, (runs, sites))
    middle = RATE / (2 * CROWDING)
    half = np.sqrt(middle**2 + PUSH * u / CROWDING)
    y, state = np.empty_like(u), np.full(runs, 0.4)
    for site in range(sites):
        low, high = middle - half[:, site], middle + half[:, site]
        odds = (state - low) / (high - state) * np.exp(CROWDING * (high - low) * DX)
        y[:, site] = state = (low + odds * high) / (1 + odds)
    return u, y


@pytest.mark.slow
def test_logistic_growth_is_found_by_the_polynomial_cell(tmp_path):
    u, y = grown()
    found = hl.discover(
        u, y, dx=DX, cell="polynomial", hidden=1, dimension=1, readout="linear", seeds=1
    )
    (terms,) = found.theory.record["law"]["terms"].values()
    values = {name: entry["value"] for name, entry in terms.items()}
    expected = {"y": RATE, "y**2": -CROWDING, "u": PUSH}
    assert values == pytest.approx(expected, abs=1e-5)
    assert found.theory.record["heldout_error"] < 1e-10
    found.save(tmp_path / "run")
    again = hl.load_discovery(tmp_path / "run")
    np.testing.assert_allclose(again.theory.predict(u), found.theory.predict(u), rtol=1e-12)
